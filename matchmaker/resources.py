"""Finds the shipped folders, in a checkout or installed."""

import csv
import json
from functools import lru_cache
from pathlib import Path
from typing import Any


def folder(name: str) -> Path:
    """Return the shipped folder `name` ("templates" or "config").

    Installed, it lies inside the package; in a checkout or editable install, beside it.
    Raises FileNotFoundError when neither is there.
    """
    package = Path(__file__).resolve().parent
    for place in (package / "_shipped" / name, package.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"matchmaker was installed without its {name} folder")


@lru_cache
def config_json(name: str) -> Any:
    """Return a shipped JSON file of config/, read once."""
    return json.loads((folder("config") / f"{name}.json").read_text(encoding="utf-8"))


@lru_cache
def config_rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a shipped CSV list of config/, read once."""
    with (folder("config") / f"{name}.csv").open(encoding="utf-8-sig", newline="") as lines:
        return tuple(csv.DictReader(lines))
