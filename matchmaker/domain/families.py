"""Tells near-identical achievements of one hand, and spreads the top of a list over several hands.

A list whose first ten places are ten patents of one group helps nobody: what is nearly the same
folds into one entry, and one group leads with three entries at most before others have a turn.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

FAMILY = "family"  # the part of a score that says how many near-identical ones there are
MOST_OF_A_FAMILY = 6
MOST_OF_A_GROUP = 3
TOP = 10
NEARLY_THE_SAME = 0.6
# short titles differ much by one word (三价铬光亮电镀液, 三价铬耐蚀电镀液): then the texts decide
RATHER_ALIKE = 0.4
TEXT_READ = 300
_NOT_WORDS = re.compile(r"\W+")
_EMPTY_WORDS = re.compile(r"一种|基于|方法|装置|系统|技术|及其|应用|研究|制备|设备|用于|以及|和|与|的")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """By what two achievements are told to be of one family: title, makers in order, owner, patents, text."""

    title: str
    makers: tuple[int, ...] = ()
    owner: int | None = None
    patents: frozenset[str] = frozenset()
    text: str = ""

    @property
    def group(self) -> tuple[str, int] | None:
        """The hand behind it: its first maker, else its owner; None when neither is known."""
        if self.makers:
            return "person", self.makers[0]
        return ("organisation", self.owner) if self.owner is not None else None


def same_family(one: Kin, other: Kin) -> bool:
    """Say whether two achievements are near-identical and of one hand, or share a patent."""
    if one.patents & other.patents:
        return True
    if not (set(one.makers) & set(other.makers)) and (one.owner is None or one.owner != other.owner):
        return False
    titles = likeness(one.title, other.title)
    if titles >= NEARLY_THE_SAME:
        return True
    return (
        titles >= RATHER_ALIKE and likeness(one.text[:TEXT_READ], other.text[:TEXT_READ]) >= NEARLY_THE_SAME
    )


def likeness(one: str, other: str) -> float:
    """Return the share of character pairs that two titles or texts have in common, words of form left out."""
    ours, theirs = _pairs(one), _pairs(other)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


@lru_cache(maxsize=20_000)
def _pairs(title: str) -> frozenset[str]:
    bare = _EMPTY_WORDS.sub(" ", _NOT_WORDS.sub(" ", title.lower()))
    kept = bare if len(bare.replace(" ", "")) >= 2 else title.lower()
    return frozenset(run[i : i + 2] for run in kept.split() for i in range(len(run) - 1))


def fold(entries: Sequence[Kin]) -> list[list[int]]:
    """Return families of places, best first; each family is led by its best place.

    `entries` are in the order of the list. An entry joins the first family whose leader it is
    near-identical with.
    """
    families: list[list[int]] = []
    for place, entry in enumerate(entries):
        for family in families:
            if same_family(entries[family[0]], entry):
                family.append(place)
                break
        else:
            families.append([place])
    return families


def spread(groups: Sequence[object], *, top: int = TOP, most: int = MOST_OF_A_GROUP) -> list[int]:
    """Return places in the order to show: at most `most` of one group among the first `top`.

    Those held back follow directly after, in their order. None stands for no known group.
    """
    first: list[int] = []
    held: list[int] = []
    for place, group in enumerate(groups):
        full = group is not None and sum(groups[other] == group for other in first[:top]) >= most
        (held if len(first) < top and full else first).append(place)
    return first[:top] + sorted([*held, *first[top:]])
