"""Rewrite the first migration from the tables. Only before the first release; afterwards add revisions."""

import tempfile
from pathlib import Path

from matchmaker.store import schema
from matchmaker.store.engine import Database

VERSIONS = Path(schema.__file__).parent / "migrations" / "versions"


def main() -> None:
    """Draft the revision against an empty database and give it its fixed name."""
    for old in VERSIONS.glob("0*.py"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        schema.draft_revision(database, title="first schema")
        database.close()
    (draft,) = VERSIONS.glob("*_first_schema.py")
    identity = draft.name.split("_")[0]
    text = draft.read_text(encoding="utf-8").replace(identity, "0001")
    draft.unlink()
    (VERSIONS / "0001_first_schema.py").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
