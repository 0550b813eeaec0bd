"""Two entries of one thing made one, with a log by which it can be taken back.

Whatever points at the one that goes is pointed to the kept one, row by row, and listed in the log;
what only the one that goes says fills the kept one's blanks, unless fewer people may read it there
than would read it here: that stays behind, and the log says so. The kept one is as far as either had come.
Needs and achievements that go stay as duplicates of the kept one, organisations as names that lead on;
a person's row goes and is kept in the log, for nothing leads to people but their organisation.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.disclosure import at_least_as_open
from matchmaker.domain.duplicates import contact_marks
from matchmaker.domain.messages import AchievementsImported, AchievementsWithdrawn, NeedRevised, NeedsMerged
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import AchievementState, ApprovalState, NeedState
from matchmaker.errors import NotAllowed, NotFound, WrongState
from matchmaker.services.kept_apart import give_up, inherit_apart, keep_apart
from matchmaker.services.merge_references import TABLES, hand_back, hand_over, plain
from matchmaker.services.merge_states import advance
from matchmaker.services.organisations import add_alias
from matchmaker.store.queries.duplicates import standing_merges
from matchmaker.store.tables import (
    Merge,
    Organisation,
    OrganisationAlias,
    Person,
    StateChange,
)

# what is shown side by side, filled in and chosen, in this order
FIELDS: Mapping[str, tuple[str, ...]] = {
    "organisation": (
        "name", "town", "address", "website", "profile", "industry", "size", "province", "city",
    ),
    "need": (
        "title", "problem", "key_points", "goal", "background", "conditions", "need_type", "coop_modes",
        "fields", "industry", "keywords", "budget_text", "period_text", "town", "wished_partner",
        "disclosure", "contact_id",
    ),
    "achievement": (
        "title", "owner_text", "summary", "application", "keywords", "fields", "authors_text", "maturity",
        "tech_level", "coop_modes", "price_text", "patent_nos", "completed_on", "region", "disclosure",
        "contact_id",
    ),
    "person": ("name", "role", "title", "position", "phone", "email", "fields", "expertise"),
}  # fmt: skip
HELD_BACK = "held_back"  # where a merging's `gone` names the fields that were not copied
_APART = "apart"  # where it lists what the kept entry is kept apart from since
# these go with the field before them
_TOGETHER: Mapping[str, tuple[str, ...]] = {
    "budget_text": ("budget_min_fen", "budget_max_fen"),
    "period_text": ("period_from", "period_to"),
    "price_text": ("price_min_fen", "price_max_fen"),
    "fields": ("field_text",),
    "title": ("title_key",),
    "name": ("normalised_name",),
}


def merge(
    session: Session,
    actor: Actor,
    *,
    kind: str,
    kept_id: int,
    gone_id: int,
    taken: Collection[str] = (),
    rule: str = "",
) -> Merge:
    """Make two entries one and return the log of it; `taken` are fields whose value comes from the other.

    Raises NotFound, and WrongState where the two cannot be one: needs of two firms, people of two
    institutions, an organisation and its own part, or both at the same place of an event.
    """
    _organisers_only(actor)
    kept, gone = _living(session, kind, kept_id), _living(session, kind, gone_id)
    _check(session, kind, kept, gone)
    done = Merge(
        kind=kind,
        kept_id=kept.id,
        gone_id=gone.id,
        kept_label=_label(kind, kept),
        gone_label=_label(kind, gone),
        rule=rule,
        user_id=actor.user_id,
        at=clock.now(),
    )
    held_back = _held_back(kind, kept, gone, taken)
    done.before, done.after = _complete(kind, kept, gone, taken, held_back)
    _END[kind](session, actor, kept, gone, done)
    apart = inherit_apart(session, actor, kind=kind, kept_id=kept.id, gone_id=gone_id)
    said = {HELD_BACK: held_back, _APART: apart}
    done.gone = {**done.gone, **{name: value for name, value in said.items() if value}}
    session.add(done)
    session.flush()
    _tell(session, actor, done, undone=False)
    session.expire_all()  # what was loaded before still names the one that went
    return done


def undo_merge(session: Session, actor: Actor, *, merge_id: int) -> Merge:
    """Take a merging back: both entries stand again, each with what was its own.

    What somebody changed since stays as it is, and the two are kept apart, or the rules would merge
    them again. Raises WrongState when it is undone already, the kept one is itself merged away, or
    something that came over from the other owner was merged since.
    """
    _organisers_only(actor)
    done = session.get(Merge, merge_id)
    if done is None:
        raise NotFound()
    if done.undone_at is not None:
        raise WrongState("这次合并已经撤销。")
    kept = session.get(TABLES[done.kind], done.kept_id)
    if kept is None or _is_gone(done.kind, kept):
        raise WrongState("保留的那一条后来又合并到了别处，请先撤销后一次合并。")
    _check_later(session, done)
    for name, old in done.before.items():
        if plain(getattr(kept, name)) == done.after.get(name):
            if name == "status":
                states = done.after[name], old
                _log(session, actor, (done.kind, kept.id), states, "撤销合并")
            setattr(kept, name, _typed(kept, name, old))
    gone_id = _BEGIN[done.kind](session, actor, kept, done)
    hand_back(session, done, gone_id)
    give_up(session, kind=done.kind, one_id=kept.id, other_ids=done.gone.get(_APART, ()))
    keep_apart(session, actor, kind=done.kind, one_id=kept.id, other_id=gone_id)
    done.undone_at = clock.now()
    _tell(session, actor, done, undone=True)
    session.flush()
    session.expire_all()
    return done


def _check_later(session: Session, done: Merge) -> None:
    """Refuse while a later merging holds what came over with a firm: it would return to neither."""
    came = {(entry["table"], key[0]) for entry in done.moved for key in entry["keys"]}
    for later in standing_merges(session, after=done.id) if done.kind == "organisation" else ():
        if {(later.kind, later.kept_id), (later.kind, later.gone_id)} & came:
            raise WrongState(
                f"转过来的“{later.gone_label}”后来又与“{later.kept_label}”合并，请先撤销那一次合并。"
            )


def _tell(session: Session, actor: Actor, done: Merge, *, undone: bool) -> None:
    """Have the firm told of its two needs; of other things nobody waits for news."""
    if done.kind == "need":
        outbox.record(session, actor, NeedsMerged(need_id=done.kept_id, merge_id=done.id, undone=undone))


def _organisers_only(actor: Actor) -> None:
    if not actor.organises:
        raise NotAllowed()


def to_merge(session: Session, kind: str, one_id: int, other_id: int) -> tuple[Any, Any]:
    """Return two entries that may be merged. Raises NotFound, WrongState when one is gone or both are one."""
    if one_id == other_id:
        raise WrongState("请选择两条不同的记录。")
    return _living(session, kind, one_id), _living(session, kind, other_id)


def _living(session: Session, kind: str, key: int) -> Any:
    row = session.get(TABLES[kind], key) if kind in TABLES else None
    if row is None:
        raise NotFound()
    if _is_gone(kind, row):
        raise WrongState("其中一条已经合并或撤回，请刷新页面后再看。")
    return row


def _is_gone(kind: str, row: Any) -> bool:
    if kind == "organisation":
        return row.merged_into_id is not None
    gone = (NeedState.WITHDRAWN, NeedState.DUPLICATE, AchievementState.WITHDRAWN, AchievementState.DUPLICATE)
    return kind != "person" and row.status in gone


def _label(kind: str, row: Any) -> str:
    return str(row.name if kind in ("organisation", "person") else row.title)[:300]


def _check(session: Session, kind: str, kept: Any, gone: Any) -> None:
    if kept.id == gone.id:
        raise WrongState("请选择两条不同的记录。")
    if kind == "organisation" and kept.id in _below(session, gone.id):
        raise WrongState("不能把单位合并到它自己或它的下属单位。请重新选择要保留的单位。")
    if kind == "need" and kept.organisation_id != gone.organisation_id:
        raise WrongState("这两条需求属于不同单位：各记一条，可作为共性需求处理，不能合并。")
    if kind == "need" and gone.status in (NeedState.CONTRACTED, NeedState.SOLVED):
        raise WrongState("要合并掉的需求已经签约或解决，请保留它，合并另一条。")
    if kind == "person" and _institution(session, kept) != _institution(session, gone):
        raise WrongState("这两个人在不同的单位，不能合并。")


def _below(session: Session, organisation_id: int) -> set[int]:
    parts = session.scalars(select(Organisation.id).where(Organisation.parent_id == organisation_id))
    return {organisation_id, *parts}


def _institution(session: Session, person: Person) -> int | None:
    organisation = session.get(Organisation, person.organisation_id) if person.organisation_id else None
    return (organisation.parent_id or organisation.id) if organisation else None


def may_fill(kind: str, kept: Any, gone: Any) -> bool:
    """Say whether blanks may be filled without asking: nobody new gets to read what is copied."""
    return kind not in ("need", "achievement") or at_least_as_open(gone.disclosure, kept.disclosure)


def _held_back(kind: str, kept: Any, gone: Any, taken: Collection[str]) -> list[str]:
    """Return the blanks of the kept entry that stay blank, for their words were meant for fewer readers."""
    if may_fill(kind, kept, gone) or "disclosure" in taken:
        return []
    return [name for name in FIELDS[kind] if name not in taken and _fills(kept, gone, name)]


def _fills(kept: Any, gone: Any, name: str) -> bool:
    return getattr(kept, name) in (None, "", []) and getattr(gone, name) not in (None, "", [])


def _complete(
    kind: str, kept: Any, gone: Any, taken: Collection[str], held_back: Collection[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the kept entry what it lacks and what was chosen; return the old and the new values."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in FIELDS[kind]:
        if name in held_back or getattr(gone, name) == getattr(kept, name):
            continue
        if name not in taken and not _fills(kept, gone, name):
            continue
        for each in (name, *(part for part in _TOGETHER.get(name, ()) if hasattr(kept, part))):
            before[each], after[each] = plain(getattr(kept, each)), plain(getattr(gone, each))
            setattr(kept, each, getattr(gone, each))
    if kind == "person" and gone.phone and not contact_marks(gone.phone) <= contact_marks(kept.phone):
        before.setdefault("phone", kept.phone)
        kept.phone = "、".join(part for part in (kept.phone, gone.phone) if part)[:60]
        after["phone"] = kept.phone
    return before, after


def _typed(row: Any, name: str, value: Any) -> Any:
    """Return a stored value as its column takes it."""
    kind = row.__table__.columns[name].type.python_type
    if isinstance(value, str) and issubclass(kind, (date, StrEnum)):
        return kind.fromisoformat(value) if issubclass(kind, date) else kind(value)
    return value


def _log(session: Session, actor: Actor, subject: tuple[str, int], states: tuple[str, str], why: str) -> None:
    session.add(
        StateChange(
            subject_kind=subject[0],
            subject_id=subject[1],
            from_state=states[0],
            to_state=states[1],
            reason=why,
            user_id=actor.user_id,
            at=clock.now(),
        )
    )


def _end_organisation(session: Session, actor: Actor, kept: Any, gone: Any, done: Merge) -> None:
    done.gone = {"status": gone.status.value, "uscc": gone.uscc, "kept_uscc": kept.uscc}
    why = f"合并到“{kept.name}”（编号 {kept.id}）"
    _log(session, actor, ("organisation", gone.id), (gone.status.value, ApprovalState.MERGED.value), why)
    code, gone.uscc = gone.uscc, None
    gone.status, gone.merged_into_id = ApprovalState.MERGED, kept.id
    session.flush()  # the unique code must be free before the kept row takes it
    kept.uscc = kept.uscc or code
    done.moved = hand_over(session, "organisation", gone_id=gone.id, kept_id=kept.id)
    names = {done.kept_label, done.gone_label} - {kept.name}
    for name in sorted(names):
        add_alias(session, actor, organisation_id=kept.id, name=name)


def _begin_organisation(session: Session, actor: Actor, kept: Any, done: Merge) -> int:
    gone = session.get_one(Organisation, done.gone_id)
    session.execute(
        delete(OrganisationAlias).where(
            OrganisationAlias.organisation_id == kept.id, OrganisationAlias.alias == done.gone_label
        )
    )
    code = done.gone["uscc"]
    if code and kept.uscc == code:  # another code was typed in since
        kept.uscc = done.gone["kept_uscc"]
    session.flush()  # the unique code goes back
    holder = session.scalar(select(Organisation.name).where(Organisation.uscc == code)) if code else None
    if holder is not None:
        raise WrongState(f"信用代码 {code} 现在记在“{holder}”名下，请先核对那家单位，再撤销合并。")
    gone.uscc, gone.merged_into_id = code, None
    gone.status = ApprovalState(done.gone["status"])
    _log(session, actor, ("organisation", gone.id), ("merged", gone.status.value), "撤销合并")
    return gone.id


def _end_need(session: Session, actor: Actor, kept: Any, gone: Any, done: Merge) -> None:
    _make_duplicate(session, actor, kept, gone, done)
    if done.after:
        kept.text_version += 1
        kept.updated_at = clock.now()
        outbox.record(session, actor, NeedRevised(need_id=kept.id, text_version=kept.text_version))


def _end_achievement(session: Session, actor: Actor, kept: Any, gone: Any, done: Merge) -> None:
    _make_duplicate(session, actor, kept, gone, done)
    kept.updated_at = clock.now()
    if done.after:
        kept.text_version += 1
    outbox.record(session, actor, AchievementsWithdrawn(achievement_ids=(gone.id,)))


def _make_duplicate(session: Session, actor: Actor, kept: Any, gone: Any, done: Merge) -> None:
    done.gone = {"status": gone.status.value, "duplicate_of_id": gone.duplicate_of_id}
    done.moved = hand_over(session, done.kind, gone_id=gone.id, kept_id=kept.id)
    before, after = advance(done.kind, kept, gone)
    done.before, done.after = {**done.before, **before}, {**done.after, **after}
    if "status" in after:
        why = f"合并了“{gone.title}”（编号 {gone.id}），沿用它的进度"
        _log(session, actor, (done.kind, kept.id), (before["status"], after["status"]), why)
    why = f"合并到“{kept.title}”（编号 {kept.id}）"
    _log(session, actor, (done.kind, gone.id), (gone.status.value, "duplicate"), why)
    gone.status, gone.duplicate_of_id = type(gone.status)("duplicate"), kept.id


def _begin_need(session: Session, actor: Actor, kept: Any, done: Merge) -> int:
    gone = _stand_again(session, actor, kept, done)
    for need in (kept, gone):
        need.text_version += 1
        outbox.record(session, actor, NeedRevised(need_id=need.id, text_version=need.text_version))
    return int(gone.id)


def _begin_achievement(session: Session, actor: Actor, kept: Any, done: Merge) -> int:
    gone = _stand_again(session, actor, kept, done)
    for row in (kept, gone):
        row.text_version += 1
    outbox.record(session, actor, AchievementsImported(upload_id=0, achievement_ids=(kept.id, gone.id)))
    return int(gone.id)


def _stand_again(session: Session, actor: Actor, kept: Any, done: Merge) -> Any:
    gone = session.get_one(type(kept), done.gone_id)
    gone.status, gone.duplicate_of_id = type(gone.status)(done.gone["status"]), done.gone["duplicate_of_id"]
    gone.updated_at = kept.updated_at = clock.now()
    _log(session, actor, (done.kind, gone.id), ("duplicate", gone.status.value), "撤销合并")
    return gone


def _end_person(session: Session, actor: Actor, kept: Any, gone: Any, done: Merge) -> None:
    done.gone = {column.name: plain(getattr(gone, column.name)) for column in Person.__table__.columns}
    done.moved = hand_over(session, "person", gone_id=gone.id, kept_id=kept.id)
    _log(session, actor, ("person", gone.id), ("", "merged"), f"合并到“{kept.name}”（编号 {kept.id}）")
    session.delete(gone)


def _begin_person(session: Session, actor: Actor, _kept: Any, done: Merge) -> int:
    values = {column.name: done.gone[column.name] for column in Person.__table__.columns}
    values["created_at"] = datetime.fromisoformat(values["created_at"])
    if session.get(Person, values["id"]) is not None:  # SQLite gives a last number out again
        del values["id"]
    gone = Person(**values)
    session.add(gone)
    session.flush()
    _log(session, actor, ("person", gone.id), ("merged", ""), "撤销合并")
    return gone.id


_END: Mapping[str, Callable[[Session, Actor, Any, Any, Merge], None]] = {
    "organisation": _end_organisation,
    "need": _end_need,
    "achievement": _end_achievement,
    "person": _end_person,
}
_BEGIN: Mapping[str, Callable[[Session, Actor, Any, Merge], int]] = {
    "organisation": _begin_organisation,
    "need": _begin_need,
    "achievement": _begin_achievement,
    "person": _begin_person,
}


def merge_organisations(session: Session, actor: Actor, *, from_id: int, into_id: int) -> Organisation:
    """Make two rows of one body one, wherever they have been merged to since; return the kept row."""
    ids = [_last(session, key) for key in (from_id, into_id)]
    merge(session, actor, kind="organisation", gone_id=ids[0], kept_id=ids[1])
    return session.get_one(Organisation, ids[1])


def _last(session: Session, organisation_id: int) -> int:
    row = session.get(Organisation, organisation_id)
    while row is not None and row.merged_into_id is not None:
        row = session.get(Organisation, row.merged_into_id)
    if row is None:
        raise NotFound()
    return row.id
