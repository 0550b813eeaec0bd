"""Splits a need whose text holds several problems into needs of their own; the original stays, uncounted."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.messages import NeedPosted
from matchmaker.domain.needs import TEXT_LABELS, TEXT_MAX
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.splitting import MOST_PARTS
from matchmaker.domain.states import ConsentScope, EventState, NeedState
from matchmaker.domain.values import parse_money
from matchmaker.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.consents import record_consents, standing_consents
from matchmaker.services.moves import move
from matchmaker.services.need_enquiries import close_open_enquiries
from matchmaker.services.secrecy import refuse_secrets
from matchmaker.store.tables import Event, EventItem, Need, NeedPart, Pairing, StateChange

SPLITTABLE = frozenset({NeedState.SUBMITTED, NeedState.RETURNED, NeedState.ACCEPTED, NeedState.PUBLISHED})
_IN_LIBRARY = frozenset({NeedState.ACCEPTED, NeedState.PUBLISHED})
_UNTOUCHED = frozenset({NeedState.SUBMITTED, NeedState.ACCEPTED})
_COPIED = (
    *("organisation_id", "contact_id", "need_type", "activity_type", "field_text", "industry"),
    *("period_text", "period_from", "period_to", "town", "wished_partner", "disclosure", "source"),
    *("background", "conditions", "created_by_id"),
)
_WAN_FEN = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One need to be: money is told anew for each, since it cannot be copied without counting it twice."""

    title: str
    problem: str
    key_points: str = ""
    budget_text: str = ""


def split_need(
    session: Session, actor: Actor, *, need_id: int, parts: Sequence[Part], version: int | None = None
) -> list[Need]:
    """Make one need per part and set the original aside, linked; return the new needs.

    Parts of a need in the library are in the library from the same day, others wait for acceptance.
    On events to come the parts take the original's place. Raises InvalidInput with every problem,
    WrongState once the need is being matched, NotAllowed, NotFound, Conflict.
    """
    need = _splittable(session, actor, need_id, version)
    _check(parts)
    was_in_library = need.status in _IN_LIBRARY
    close_open_enquiries(session, need.id)
    made = [_new_part(session, actor, need, part) for part in parts]
    session.flush()  # codes, links, consents and messages carry their ids
    for position, row in enumerate(made, 1):
        _settle(session, actor, need, row, position=position, accepted=was_in_library)
    move(session, actor, "need", need, NeedState.SPLIT, reason=f"拆分为 {len(made)} 条需求")
    _replace_on_events(session, need.id, [row.id for row in made])
    return made


def _splittable(session: Session, actor: Actor, need_id: int, version: int | None) -> Need:
    if not actor.organises:
        raise NotAllowed()
    need = session.get(Need, need_id)
    if need is None:
        raise NotFound()
    if version is not None and version != need.version:
        raise Conflict()
    paired = session.scalar(select(Pairing.id).where(Pairing.need_id == need_id).limit(1))
    if need.status not in SPLITTABLE or paired is not None:
        raise WrongState("这条需求已经排进配对清单，或者已经不在受理阶段，不能再拆分。")
    return need


def _check(parts: Sequence[Part]) -> None:
    if not 2 <= len(parts) <= MOST_PARTS:
        message = f"请拆成 2 到 {MOST_PARTS} 条；只有一条就不用拆。"
        raise InvalidInput([Problem(field="parts", code="count", message=message)])
    problems: list[Problem] = []
    for number, part in enumerate(parts, 1):
        if not part.title.strip() or len(part.title) > 200:
            message = f"第 {number} 条请写需求名称，不超过 200 字。"
            problems.append(Problem(field=f"title_{number}", code="title", message=message))
        if len(part.problem.strip()) < 10 or max(len(part.problem), len(part.key_points)) > TEXT_MAX:
            message = f"第 {number} 条请写清主要问题（10 到 {TEXT_MAX} 字）。"
            problems.append(Problem(field=f"problem_{number}", code="problem", message=message))
    if len({part.title.strip() for part in parts}) < len(parts):
        problems.append(Problem(field="parts", code="same", message="有两条的名称一样，请改得能区分。"))
    if problems:
        raise InvalidInput(problems)
    for part in parts:
        refuse_secrets(
            {"title": part.title, "problem": part.problem, "key_points": part.key_points}, TEXT_LABELS
        )


def _new_part(session: Session, actor: Actor, original: Need, part: Part) -> Need:
    moment = clock.now()
    money = parse_money(part.budget_text, unit_fen=_WAN_FEN).value if part.budget_text.strip() else None
    row = Need(
        status=NeedState.SUBMITTED,
        title=part.title.strip(),
        problem=part.problem.strip(),
        key_points=part.key_points.strip(),
        budget_text=part.budget_text.strip()[:80],
        budget_min_fen=money.low_fen if money else None,
        budget_max_fen=money.high_fen if money else None,
        coop_modes=list(original.coop_modes),
        fields=list(original.fields),
        created_at=moment,
        updated_at=moment,
        submitted_at=original.submitted_at or moment,
        **{name: getattr(original, name) for name in _COPIED},
    )
    session.add(row)
    return row


def _settle(
    session: Session, actor: Actor, original: Need, row: Need, *, position: int, accepted: bool
) -> None:
    row.code = f"N{clock.local(row.created_at):%Y%m%d}-{row.id:05d}"
    session.add(NeedPart(original_id=original.id, part_id=row.id, position=position, at=clock.now()))
    ticks = {ConsentScope(one.scope): one.granted for one in standing_consents(session, "need", original.id)}
    record_consents(session, actor, subject_kind="need", subject_id=row.id, ticks=ticks, channel="split")
    if accepted:
        move(
            session, actor, "need", row, NeedState.ACCEPTED, reason=f"由 {original.code or original.id} 拆分"
        )
        row.accepted_at = original.accepted_at or clock.now()
    outbox.record(session, actor, NeedPosted(need_id=row.id, text_version=row.text_version))


def _replace_on_events(session: Session, need_id: int, part_ids: Sequence[int]) -> None:
    """Put the parts in the original's place where an event is still to come."""
    for item in _items_to_come(session, [need_id]):
        session.delete(item)
        for part_id in part_ids:
            session.add(
                EventItem(
                    event_id=item.event_id, subject_kind="need", subject_id=part_id, added_by=item.added_by
                )
            )


def _items_to_come(session: Session, need_ids: Sequence[int]) -> Sequence[EventItem]:
    query = (
        select(EventItem)
        .join(Event, Event.id == EventItem.event_id)
        .where(
            EventItem.subject_kind == "need",
            EventItem.subject_id.in_(need_ids),
            Event.status.in_((EventState.DRAFT, EventState.OPEN, EventState.POSTPONED)),
        )
    )
    return session.scalars(query.order_by(EventItem.id)).all()


def _take_events_back(session: Session, need_id: int, part_ids: Sequence[int]) -> None:
    """Put the original where its parts stand on events to come, once on each."""
    added_by: dict[int, str] = {}
    for item in _items_to_come(session, part_ids):
        added_by.setdefault(item.event_id, item.added_by)
        session.delete(item)
    for event_id, who in added_by.items():
        session.add(EventItem(event_id=event_id, subject_kind="need", subject_id=need_id, added_by=who))


def join_again(session: Session, actor: Actor, *, need_id: int) -> Need:
    """Take a split back: its untouched parts are withdrawn and the original is what it was, on events too.

    Raises WrongState when somebody already works with a part.
    """
    if not actor.organises:
        raise NotAllowed()
    need = session.get(Need, need_id)
    if need is None:
        raise NotFound()
    links = session.scalars(
        select(NeedPart).where(NeedPart.original_id == need_id).order_by(NeedPart.position)
    ).all()
    parts = [session.get_one(Need, one.part_id) for one in links]
    if need.status is not NeedState.SPLIT or any(_worked_on(session, part) for part in parts):
        raise WrongState("拆出来的需求已经有人在办，不能再合回去。需要时请逐条处理。")
    _take_events_back(session, need.id, [part.id for part in parts])
    for part, one in zip(parts, links, strict=True):
        move(session, actor, "need", part, NeedState.WITHDRAWN, reason="撤销拆分")
        session.delete(one)
    move(session, actor, "need", need, _state_before(session, need), reason="撤销拆分")
    outbox.record(session, actor, NeedPosted(need_id=need.id, text_version=need.text_version))
    return need


def _state_before(session: Session, need: Need) -> NeedState:
    """Return the state from which a need was split: a published one is published again."""
    splits = select(StateChange.from_state).where(
        StateChange.subject_kind == "need",
        StateChange.subject_id == need.id,
        StateChange.to_state == NeedState.SPLIT,
    )
    return NeedState(session.scalars(splits.order_by(StateChange.id.desc()).limit(1)).one())


def _worked_on(session: Session, part: Need) -> bool:
    paired = session.scalar(select(Pairing.id).where(Pairing.need_id == part.id).limit(1))
    return part.status not in _UNTOUCHED or part.text_version > 1 or paired is not None
