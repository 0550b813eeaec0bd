"""One function per use case: checks permission, asks the rules, writes rows, records messages."""
