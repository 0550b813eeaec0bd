"""Words before a header that leave its meaning as it is: 提出的 before 技术需求, 坐落 before 镇街."""

import re
from collections.abc import Iterator
from functools import lru_cache

from matchmaker import resources

_SHORTEST = 2


def unqualified(kind: str, word: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield a cleaned header without the words before it, and the fields that these words may stand before.

    What is left out changes other headers: 意向 before 单位 names a partner, so each group of words of
    config/header_hints.json lists its fields.
    """
    for allowed, before in _qualifiers(kind):
        rest = word
        while (found := before.match(rest)) and len(rest) - found.end() >= _SHORTEST:
            rest = rest[found.end() :]
            yield rest, allowed


@lru_cache
def _qualifiers(kind: str) -> tuple[tuple[frozenset[str], re.Pattern[str]], ...]:
    stored = resources.config_json("header_hints")["qualified"].get(kind, ())
    return tuple((frozenset(names.split()), re.compile(f"(?:{words})的?")) for names, words in stored)
