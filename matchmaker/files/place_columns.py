"""A place told in two columns: 县 and 乡镇, 市 and 区县 are one place of two levels."""

import re
from collections.abc import Sequence
from functools import lru_cache

from matchmaker.files.findings import Column
from matchmaker.files.headers import clean_header, full_header

_OF_LEVEL = tuple(
    re.compile(rf"(?:企业|单位|公司|项目|需求)?(?:所在|所属|归属|属地)?的?(?:{words})(?:名称)?")
    for words in (
        "省|省份|省市",
        "地?市|市州|市地|设区市|地级市",
        "县|区县?|县区|县市区?|区县市|[区县]、[区县]|县、?市、?区|市县|旗县|区市县|辖市、?区|辖区|县市",
        "乡|镇|街道|乡镇|镇街|乡镇街道|乡镇、街道|镇、街道|镇街道|乡镇街|园区",
        "村|社区|村居|行政村|村社",
    )
)


@lru_cache(maxsize=1024)
def level_of(header: str) -> int | None:
    """Return how small the places under a header are, 0 for provinces; None where it names no one level."""
    lower = header.rpartition("/")[2]
    for word in (clean_header(lower), full_header(lower)):
        found = next((level for level, words in enumerate(_OF_LEVEL) if words.fullmatch(word)), None)
        if found is not None:
            return found
    return None


def of_two_levels(header: str, other: str) -> bool:
    """Whether two headers name a place and a part of it."""
    levels = level_of(header), level_of(other)
    return None not in levels and levels[0] != levels[1]


def joined_place(outer: str, inner: str) -> str:
    """Return a place with its part behind it; one that already holds the other stands alone."""
    if inner.startswith(outer) or outer.startswith(inner) or outer.endswith(inner):
        return max(outer, inner, key=len)
    return outer + inner


def from_large_to_small(columns: Sequence[Column]) -> list[Column]:
    """Return columns in their order, those of one place from its outer level to its inner one."""
    ordered = list(columns)
    places = [at for at, column in enumerate(columns) if column.fields == ("region",)]
    if len(places) > 1:
        inwards = sorted((columns[at] for at in places), key=lambda column: level_of(column.header) or 0)
        for at, column in zip(places, inwards, strict=True):
            ordered[at] = column
    return ordered
