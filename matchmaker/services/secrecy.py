"""The words of config/secrecy.json, kept out of every text that people hand in."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from matchmaker.domain.problems import Problem
from matchmaker.domain.secrecy import SecrecyWords, find_secrets, secret_problems
from matchmaker.errors import InvalidInput
from matchmaker.files.headers import RecordKind, fields
from matchmaker.resources import config_json


@lru_cache
def secrecy_words() -> SecrecyWords:
    """Return the list of this installation, read once."""
    found = config_json("secrecy")
    return SecrecyWords(
        words=tuple(found["words"]),
        allowed=tuple(found["allowed"]),
        compounds=tuple(found.get("compounds", ())),
        preceding={end: tuple(words) for end, words in found.get("preceding", {}).items()},
        never_preceding=found.get("never_preceding", {}),
    )


# what these say of secrecy is judged with a message of its own
_ABOUT_SECRECY = frozenset({"confidentiality", "disclosure"})


def secrets_of_row(stored: Mapping[str, Any], kind: RecordKind) -> list[Problem]:
    """Return one problem per cell of a list's row with a forbidden word, whatever its column holds."""
    plain, raw = stored["plain"], stored["raw"]
    words = [value for said in (raw, plain) for value in said.values() if isinstance(value, str)]
    if not find_secrets("\n".join(words), secrecy_words()):  # as hardly any row has one
        return []
    texts = {
        name: value if isinstance(value := plain.get(name), str) else str(raw.get(name, ""))
        for name in sorted({*plain, *raw} - _ABOUT_SECRECY)
    }
    labels = {name: field.zh for name, field in fields(kind).items()}
    return secret_problems(texts, labels, secrecy_words(), where=stored["where"])


def refuse_secrets(texts: Mapping[str, str], labels: Mapping[str, str]) -> None:
    """Raise InvalidInput when one of these texts has a forbidden word; `labels` name them for people."""
    problems: list[Problem] = secret_problems(texts, labels, secrecy_words())
    if problems:
        raise InvalidInput(problems)
