"""One module per subcommand: `add(subcommands)` declares its words, `run(arguments, settings)` does it."""
