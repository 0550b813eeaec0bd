"""Whose a telephone in a form is: the one beside 法定代表人 is not that of the person to call."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from matchmaker.files.form_cells import Pair
from matchmaker.files.headers import RecordKind, clean_header, look_up

_BARE_PHONES = frozenset(
    {"电话", "联系电话", "手机", "手机号", "手机号码", "联系方式", "移动电话", "办公电话", "固定电话"}
)


def with_owners(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs of a form, 电话 right behind 法定代表人 under that person.

    Only where somebody else is named with a number of their own: otherwise it is the one to call.
    """
    if not any(_is(one, "contact_name") and _is_number(other) for one, other in _near(pairs)):
        return list(pairs)
    owned = [""] + [
        one.label if _is(one, "legal_rep") and _is_phone(other) else "" for one, other in pairwise(pairs)
    ]
    return [replace(pair, group=owner) if owner else pair for owner, pair in zip(owned, pairs, strict=False)]


def _near(pairs: Sequence[Pair]) -> list[tuple[Pair, Pair]]:
    """Return each pair with the next and the one after: 联系人, 职务, 电话."""
    return [*pairwise(pairs), *zip(pairs, pairs[2:], strict=False)]


def _is(pair: Pair, field: str) -> bool:
    return field in look_up(RecordKind.NEED, (pair.label,))[:1]


def _is_phone(pair: Pair) -> bool:
    return clean_header(pair.label) in _BARE_PHONES and bool(str(pair.value).strip())


def _is_number(pair: Pair) -> bool:
    return (_is(pair, "contact_mobile") or _is(pair, "contact_tel")) and bool(str(pair.value).strip())
