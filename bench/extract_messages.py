"""List the Chinese words of the program that config/locale/en.po does not translate yet.

    python bench/extract_messages.py            # prints the missing ones, exit status 1 when there are any
    python bench/extract_messages.py --write    # appends them to en.po with empty translations

Words are what templates and Python files pass to `_`, `gettext`, `lazy_gettext`, `ngettext` and `later`, and
what pages translate as they show it: the names in config/enums.json and of the columns of lists, the
technology fields, the kinds of contracts, the coach's questions, the institutions to ask.
"""

import argparse
import csv
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from matchmaker.files.columns import field_choices
from matchmaker.files.headers import RecordKind

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "config" / "locale" / "en.po"
_TOPS = {
    "templates": [("**.html", "jinja2"), ("**.txt", "jinja2")],
    "matchmaker": [("**.py", "python")],
}
_KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "later": None}
_RANKS = "title_level"  # its aliases are shown as people wrote them
_FIELDS = "hightech_fields_2016_level1_2.csv"
# Without it a template that does not parse would pass for one without words.
_LOUD = {"**.html": {"silent": "false"}, "**.txt": {"silent": "false"}}


def _every_folder(path: str) -> bool:
    """Say yes to _layout and _macros too, which the extractor would pass over."""
    return Path(path).name != "__pycache__"


def words_of_program() -> Iterator[tuple[str, str]]:
    """Yield (words, place) for everything a reader can be shown in two languages."""
    for top, methods in _TOPS.items():
        found = extract_from_dir(
            ROOT / top,
            method_map=methods,
            options_map=_LOUD,
            keywords=_KEYWORDS,
            directory_filter=_every_folder,
        )
        for file, line, message, _comments, _context in found:
            for words in message if isinstance(message, tuple) else (message,):
                yield words, f"{top}/{file}:{line}"
    yield from _listed_words()
    yield from _column_names()


def _listed_words() -> Iterator[tuple[str, str]]:
    """Yield what stands in the lists of config/."""
    enums = _config("enums.json")["enums"]
    for name, entries in enums.items():
        yield from ((entry["zh"], f"config/enums.json ({name})") for entry in entries)
    ranks = (rank for entry in enums[_RANKS] for rank in entry["aliases"])
    yield from ((rank, "config/enums.json (ranks)") for rank in ranks if not rank.isascii())
    with (ROOT / "config" / _FIELDS).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield row["name"], f"config/{_FIELDS}"
            if not row["parent"]:
                yield f"{row['name']}领域", f"config/{_FIELDS}"  # as lists of needs are called
    for theme in _config("themes.json")["themes"]:
        yield theme["zh"], "config/themes.json"
    for kind in _config("contract_types.json")["types"]:
        for entry in (kind, *kind.get("sub", ())):
            yield entry["zh"], "config/contract_types.json"
    for question in _config("coach.json")["questions"].values():
        yield question["text"], "config/coach.json"
    for entry in tomllib.loads((ROOT / "config" / "outside.toml").read_text("utf-8")).values():
        for kind in entry["kinds"]:
            yield kind, "config/outside.toml"


def _column_names() -> Iterator[tuple[str, str]]:
    for kind in RecordKind:
        for _name, words in field_choices(kind):
            yield words, "config/columns.json"


def _config(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "config" / name).read_text("utf-8"))
    return found


def read_catalogue(file: Path = CATALOGUE) -> Catalog:
    """Return the English catalogue; an empty one when there is no file."""
    if not file.is_file():
        return Catalog(locale="en", project="matchmaker", fuzzy=False)
    with file.open("rb") as source:
        return read_po(source, locale="en")


def missing_words(catalogue: Catalog) -> dict[str, str]:
    """Return words → first place of everything without a translation, in the order found."""
    missing: dict[str, str] = {}
    for words, place in words_of_program():
        entry = catalogue.get(words)
        if words and (entry is None or not entry.string):
            missing.setdefault(words, place)
    return missing


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="append the missing words to en.po")
    write = parser.parse_args().write
    catalogue = read_catalogue()
    missing = missing_words(catalogue)
    for words, place in missing.items():
        print(f"{place}\t{words}")
    if write:
        for words in missing:
            catalogue.add(words)
        CATALOGUE.parent.mkdir(exist_ok=True)
        with CATALOGUE.open("wb") as target:
            write_po(target, catalogue, width=110, sort_output=True, omit_header=True)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
