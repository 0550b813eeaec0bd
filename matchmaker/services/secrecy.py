"""The words of config/secrecy.json, kept out of every text that people hand in."""

from collections.abc import Mapping
from functools import lru_cache

from matchmaker.domain.problems import Problem
from matchmaker.domain.secrecy import SecrecyWords, secret_problems
from matchmaker.errors import InvalidInput
from matchmaker.resources import config_json


@lru_cache
def secrecy_words() -> SecrecyWords:
    """Return the list of this installation, read once."""
    found = config_json("secrecy")
    return SecrecyWords(words=tuple(found["words"]), allowed=tuple(found["allowed"]))


def refuse_secrets(texts: Mapping[str, str], labels: Mapping[str, str]) -> None:
    """Raise InvalidInput when one of these texts has a forbidden word; `labels` name them for people."""
    problems: list[Problem] = secret_problems(texts, labels, secrecy_words())
    if problems:
        raise InvalidInput(problems)
