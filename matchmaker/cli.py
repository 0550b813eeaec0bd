"""matchmaker: one command, many subcommands."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module

from matchmaker import __version__
from matchmaker.commands.arguments import Subcommands, close_databases, settings_for
from matchmaker.errors import MatchmakerError

# one module of matchmaker.commands each; imported only when asked for, --help apart
_COMMANDS = (
    "serve",
    "jobs",
    "migrate",
    "password",
    "demo",
    "import",
    "match",
    "learn",
    "evaluate",
    "doctor",
    "backup",
    "restore",
    "bundle",
    "pairing",
    "plan",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; return its exit status: 0 done, 1 refused, 2 wrong words."""
    parsed = _parser(sys.argv[1:] if arguments is None else arguments).parse_args(arguments)
    try:
        status: int = parsed.run(parsed, settings_for(parsed))
    except MatchmakerError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        print(f"不能读写 {error.filename or '文件'}：{error.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    finally:
        close_databases()
    return status


def _parser(arguments: Sequence[str]) -> ArgumentParser:
    parser = ArgumentParser(prog="matchmaker", description="百日百场 产学研对接服务")
    parser.add_argument("--version", action="version", version=__version__)
    subcommands = Subcommands(parser.add_subparsers(required=True, metavar="命令"))
    asked = next((word for word in arguments if word in _COMMANDS), None)
    for name in (asked,) if asked else _COMMANDS:
        import_module(f"matchmaker.commands.{name.replace('import', 'import_')}").add(subcommands)
    return parser
