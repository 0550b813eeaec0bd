"""Which rows the shipped coefficients were fitted on, so that figures on them are marked as in-sample.

`data/fitted_on.json` holds 24 bits of a hash for each row and no text; by chance one row in 3,000 looks
known.
"""

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

FITTED_ON = Path(__file__).resolve().parent / "data" / "fitted_on.json"
DIGITS = 6


def mark_of(*names: str) -> str:
    """Return a row's mark."""
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:DIGITS]


@lru_cache(maxsize=2)
def known_marks(kind: str, path: Path = FITTED_ON) -> frozenset[str]:
    """Return the marks of the "pairs" that weights, or the "documents" that the encoder, was fitted on."""
    joined = json.loads(path.read_text(encoding="utf-8"))[kind]
    return frozenset(joined[place : place + DIGITS] for place in range(0, len(joined), DIGITS))


def write_marks(kind: str, marks: Iterable[str], path: Path = FITTED_ON) -> None:
    """Replace the marks of one kind."""
    held = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    held[kind] = "".join(sorted(set(marks)))
    path.write_text(json.dumps(held, indent=1, sort_keys=True) + "\n", encoding="utf-8")
