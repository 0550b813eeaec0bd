"""What an import does with each row of a list: one set of rules for the preview and for the import.

A row is compared with what the library holds (`Known`) by keys. A `key` says "this is the same
thing" (same owner and title, same patent number); a `hint` says "this may be the same thing" (same
owner and text under another title). A list changes only what the same kind of list brought in;
whatever differs from something typed in or sent on another form is a suspected duplicate, and a
person decides.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from matchmaker.domain.states import Verdict


class Decision(StrEnum):
    """What a person said about one row, against the default."""

    NEW = "new"
    UPDATE = "update"
    SKIP = "skip"


class Deed(StrEnum):
    """What the import does with a row: PARK leaves it with the upload."""

    ADD = "add"
    UPDATE = "update"
    NOTHING = "nothing"
    PARK = "park"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Something in the library. `layout` names the kind of list it came with, "" when typed in.

    `own` is False for what the uploader may neither change nor see more of than its being there.
    """

    id: int
    label: str
    values: Mapping[str, object]
    layout: str = ""
    own: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One row of a list: `values` holds only the fields that the row fills."""

    place: str
    values: Mapping[str, object]
    keys: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    layout: str = ""
    stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict on one row; `changes` maps fields to (old, new), `remark` is a Chinese sentence or ""."""

    verdict: Verdict
    target_id: int | None = None
    changes: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    remark: str = ""


Library = Mapping[str, Sequence[Known]]
"""What there is, by key and by hint; several things may share one: namesakes, a title used twice."""

_NEW = Judgement(verdict=Verdict.NEW)  # as most rows are


def judge(rows: Sequence[Incoming], known: Library, *, seen: dict[str, str] | None = None) -> list[Judgement]:
    """Return the verdict on every row. Of several that share a key, a row is the one it says nothing new of.

    `seen` holds key → place of the rows of the same file that were judged before, and takes these in.
    """
    seen = {} if seen is None else seen
    judged = []
    for row in rows:
        judged.append(_judge_one(row, known, seen))
        for key in (*row.keys, *row.hints):
            if not row.stopped:
                seen.setdefault(key, row.place)
    return judged


def _judge_one(row: Incoming, known: Library, seen: Mapping[str, str]) -> Judgement:
    if row.stopped:
        return Judgement(verdict=Verdict.PROBLEM)
    twin = next((seen[key] for key in (*row.keys, *row.hints) if key in seen), None)
    sharing = next((known[key] for key in row.keys if key in known), ())
    if sharing:
        return _against(row, _meant(row, sharing), twin)
    alike = next((known[hint][0] for hint in row.hints if hint in known), None)
    if alike is not None:
        words = (
            f"与库中“{alike.label}”的内容或专利号相同，名称不同" if alike.own else "库中已有相同内容的记录"
        )
        return Judgement(
            verdict=Verdict.DUPLICATE,
            target_id=alike.id if alike.own else None,
            changes=changes(alike.values, row.values) if alike.own else {},
            remark=f"{words}，请选择更新它、另存为新的，或不导入。",
        )
    return _NEW if twin is None else _twin(twin)


def _meant(row: Incoming, sharing: Sequence[Known]) -> Known:
    if len(sharing) == 1:
        return sharing[0]
    equal = (one for one in sharing if one.own and not changes(one.values, row.values))
    return next(equal, sharing[0])


def _against(row: Incoming, same: Known, twin: str | None) -> Judgement:
    if not same.own:
        return Judgement(
            verdict=Verdict.DUPLICATE, remark="库中已有相同的记录（属于其他单位），请核对后再决定是否导入。"
        )
    found = changes(same.values, row.values)
    if not found:
        return Judgement(verdict=Verdict.SAME, target_id=same.id)
    if twin is not None:
        return _twin(twin)
    if same.layout and same.layout == row.layout:
        return Judgement(verdict=Verdict.CHANGED, target_id=same.id, changes=found)
    return Judgement(
        verdict=Verdict.DUPLICATE,
        target_id=same.id,
        changes=found,
        remark=f"库中已有“{same.label}”，来自另一份材料，有 {len(found)} 处不同；"
        "请选择更新它、另存为新的，或不导入。",
    )


def _twin(place: str) -> Judgement:
    return Judgement(verdict=Verdict.DUPLICATE, remark=f"与本文件{place}重复；如确为两条，请选择另存为新的。")


# words of a form → the values read from them, by which two spellings are the same
_READ_AS = {
    "budget_text": ("budget_min_fen", "budget_max_fen"),
    "price_text": ("price_min_fen", "price_max_fen"),
    "period_text": ("period_from", "period_to"),
    "field_text": ("fields",),
}


def changes(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    """Return field → (old, new) where they differ; blanks in the new row change nothing."""
    return {
        name: (old.get(name), value)
        for name, value in new.items()
        if _comparable(value)
        and _comparable(old.get(name)) != _comparable(value)
        and not (name.endswith("phone") and _has_numbers(old.get(name), value))
        and not _reads_as_before(name, old, new)
        and not _differ_unseen(old.get(name), value)
    }


# No workbook holds these: they come back as � or not at all.
_NOT_IN_FILES = re.compile(r"[\x00-\x1f\x7f\ufffd\ufffe\uffff\ud800-\udfff]")


def _differ_unseen(old: object, new: object) -> bool:
    """Say whether two texts differ only in characters that a list cannot hold."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return False
    one, other = (_NOT_IN_FILES.sub("", str(_comparable(text))) for text in (old, new))
    return one == other


def _reads_as_before(name: str, old: Mapping[str, object], new: Mapping[str, object]) -> bool:
    """Say whether the words mean what they meant: 500000 under 元 is 50 under 万元."""
    read = _READ_AS.get(name, ())
    return any(new.get(value) is not None for value in read) and all(
        _comparable(old.get(value)) == _comparable(new.get(value)) for value in read
    )


def _has_numbers(old: object, new: object) -> bool:
    """Say whether every number of the new field stands in the old one already."""
    return set(str(new).split("、")) <= set(str(old or "").split("、"))


def _comparable(value: object) -> object:
    """Return a value in the form in which two spellings are equal: spaces and empty things do not count."""
    if isinstance(value, str):
        return "".join(value.split())
    if isinstance(value, list | tuple):
        return tuple("".join(str(part).split()) for part in value)
    return "" if value is None else value


def deed(verdict: Verdict, decision: Decision | None, *, has_target: bool) -> Deed:
    """Return what the import does with a row of this verdict, after what a person decided about it."""
    if verdict is Verdict.PROBLEM or decision is Decision.SKIP:
        return Deed.PARK
    if verdict is Verdict.NEW or decision is Decision.NEW:
        return Deed.ADD
    if verdict is Verdict.SAME:
        return Deed.NOTHING
    wanted = verdict is Verdict.CHANGED or decision is Decision.UPDATE
    return Deed.UPDATE if wanted and has_target else Deed.PARK
