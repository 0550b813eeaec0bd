"""共性需求: one problem that several firms have; suggested by closeness, confirmed by the organiser."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.messages import ProposalsDue
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import NEEDS_OPEN_FOR_MATCHING
from matchmaker.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.event_items import NEEDS_FOR_EVENTS, add_item
from matchmaker.services.secrecy import refuse_secrets
from matchmaker.services.texts import need_text
from matchmaker.store.tables import EventItem, Match, Need, NeedGroup, NeedGroupMember, NeedsApart, Vector
from nlp.clusters import closeness, clusters

# Between pairs that people call one problem (0.79–0.95) and the closest that they do not (0.80), on the
# sample campaign with nine needs written anew: errs towards suggesting, for a person confirms.
LEAST_CLOSENESS = 0.8
_MOST_SUGGESTIONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Needs that may be one problem, with the mean closeness 0–1; `group_id` when they would join a group."""

    need_ids: tuple[int, ...]
    closeness: float
    group_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What is suggested, and how many open needs have no vector of their present text yet."""

    found: tuple[Suggestion, ...]
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    ids: list[int]
    firms: list[int]
    vectors: NDArray[np.float32]


def suggest_groups(session: Session) -> Suggestions:
    """Return groups of open needs of different firms, and needs that may join a group that is there.

    Reads stored vectors only. Needs that were said to be apart are not suggested together.
    """
    needs = list(
        session.scalars(select(Need).where(Need.status.in_(NEEDS_OPEN_FOR_MATCHING)).order_by(Need.id))
    )
    known = _with_vectors(session, needs)
    if not known.ids:
        return Suggestions(found=(), missing=len(needs))
    grouped = _group_of_needs(session)
    # merging may have turned a pair round, or made one need of both
    apart = {_pair(row.first_id, row.second_id) for row in session.scalars(select(NeedsApart))}
    apart -= {(need.id, need.id) for need in needs}
    found = [*_joining(known, grouped, apart), *_new_groups(known, grouped, apart)]
    return Suggestions(found=tuple(found[:_MOST_SUGGESTIONS]), missing=len(needs) - len(known.ids))


def _with_vectors(session: Session, needs: Sequence[Need]) -> _Known:
    """Return the needs whose vector is of their present text, by the encoder used last."""
    query = select(Vector).where(Vector.subject_kind == "need", Vector.encoder == _encoder(session))
    stored = {row.subject_id: row for row in session.scalars(query)}
    kept = [need for need in needs if need.id in stored and stored[need.id].text_hash == need_text(need).hash]
    rows = [np.frombuffer(stored[need.id].vector, dtype="<f4").reshape(2, -1) for need in kept]
    return _Known(
        ids=[need.id for need in kept],
        firms=[need.organisation_id for need in kept],
        vectors=np.stack(rows) if rows else np.zeros((0, 2, 1), dtype=np.float32),
    )


def _group_of_needs(session: Session) -> dict[int, int]:
    rows = session.execute(select(NeedGroupMember.need_id, NeedGroupMember.group_id))
    return {row[0]: row[1] for row in rows}


def _new_groups(known: _Known, grouped: dict[int, int], apart: set[tuple[int, int]]) -> list[Suggestion]:
    free = [place for place, need_id in enumerate(known.ids) if need_id not in grouped]
    at = {known.ids[place]: number for number, place in enumerate(free)}
    kept_apart = [(at[one], at[other]) for one, other in apart if one in at and other in at]
    found = clusters(known.vectors[free], least=LEAST_CLOSENESS, apart=kept_apart)
    return [
        Suggestion(need_ids=tuple(known.ids[free[place]] for place in places), closeness=mean)
        for places, mean in found
        if len({known.firms[free[place]] for place in places}) > 1
    ]


def _joining(known: _Known, grouped: dict[int, int], apart: set[tuple[int, int]]) -> list[Suggestion]:
    """Return needs that are close to a group as a whole, one suggestion a need."""
    members: dict[int, list[int]] = {}
    for place, need_id in enumerate(known.ids):
        if need_id in grouped:
            members.setdefault(grouped[need_id], []).append(place)
    found = []
    for group_id, places in sorted(members.items()):
        means = closeness(known.vectors, known.vectors[places]).mean(axis=1)
        for place, need_id in enumerate(known.ids):
            pairs = {_pair(need_id, known.ids[other]) for other in places}
            if need_id not in grouped and means[place] >= LEAST_CLOSENESS and not pairs & apart:
                close = round(float(means[place]), 4)
                found.append(Suggestion(need_ids=(need_id,), closeness=close, group_id=group_id))
    return found


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def compute_missing(session: Session, actor: Actor) -> None:
    """Let the vectors that are missing be computed, together with the needs' proposals, step by step."""
    _organiser(actor)
    missing, _total = _without_vectors(session)
    session.execute(update(Need).where(Need.id.in_(missing)).values(proposed_version=None))
    if missing and not outbox.owed(session, ProposalsDue):
        outbox.record(session, actor, ProposalsDue())


@dataclass(frozen=True, slots=True, kw_only=True)
class Computing:
    """How many of the open needs have a vector of their present text, while more are being computed."""

    done: int
    total: int


def computing(session: Session) -> Computing | None:
    """Return how far the background process is with what is missing; None when it has nothing to do."""
    missing, total = _without_vectors(session)
    if not missing or not outbox.owed(session, ProposalsDue):
        return None
    return Computing(done=total - len(missing), total=total)


def stop_computing(session: Session, actor: Actor) -> int:
    """Let needs that had proposals wait no more; return how many never had any and are still computed."""
    _organiser(actor)
    missing, _total = _without_vectors(session)
    proposed = select(Match.need_id).where(Match.need_id == Need.id, Match.need_version == Need.text_version)
    session.execute(
        update(Need)
        .where(Need.id.in_(missing), proposed.exists())
        .values(proposed_version=Need.text_version)
        .execution_options(synchronize_session=False)
    )
    still = select(Need.id).where(Need.id.in_(missing), Need.proposed_version.is_(None))
    return len(session.scalars(still).all())


def _without_vectors(session: Session) -> tuple[list[int], int]:
    """Return the open needs without a vector of their present text, and how many are open."""
    needs = session.scalars(select(Need).where(Need.status.in_(NEEDS_OPEN_FOR_MATCHING))).all()
    stored = {
        row.subject_id: row.text_hash
        for row in session.execute(
            select(Vector.subject_id, Vector.text_hash).where(
                Vector.subject_kind == "need", Vector.encoder == _encoder(session)
            )
        )
    }
    return [need.id for need in needs if stored.get(need.id) != need_text(need).hash], len(needs)


def _encoder(session: Session) -> str:
    """Return the encoder that needs were read with last."""
    query = select(Vector.encoder).where(Vector.subject_kind == "need").order_by(Vector.id.desc())
    return session.scalar(query.limit(1)) or ""


def make_group(
    session: Session, actor: Actor, *, name: str, summary: str = "", need_ids: Sequence[int]
) -> NeedGroup:
    """Confirm a group of two firms or more. Raises InvalidInput, WrongState for a need grouped elsewhere."""
    _organiser(actor)
    _check_words(name, summary)
    needs = _needs(session, need_ids)
    if len({need.organisation_id for need in needs}) < 2:
        message = "共性需求至少要有两家企业的需求；同一家的几条，请用合并或拆分处理。"
        raise InvalidInput([Problem(field="ids", code="one_firm", message=message)])
    group = NeedGroup(
        name=name.strip(), summary=summary.strip(), created_by_id=actor.user_id, created_at=clock.now()
    )
    session.add(group)
    session.flush()  # members point at its id
    _join(session, group, needs)
    return group


def change_group(
    session: Session, actor: Actor, *, group_id: int, name: str, summary: str, version: int | None
) -> NeedGroup:
    """Rename and describe a group. Raises Conflict for a stale version."""
    group = _group(session, actor, group_id)
    if version is not None and version != group.version:
        raise Conflict()
    _check_words(name, summary)
    group.name, group.summary = name.strip(), summary.strip()
    return group


def add_to_group(session: Session, actor: Actor, *, group_id: int, need_ids: Sequence[int]) -> int:
    """Add needs to a group; those that are in it already stay. Return how many came."""
    group = _group(session, actor, group_id)
    grouped = _group_of_needs(session)
    fresh = [need for need in _needs(session, need_ids) if grouped.get(need.id) != group.id]
    _join(session, group, fresh)
    return len(fresh)


def _join(session: Session, group: NeedGroup, needs: Iterable[Need]) -> None:
    grouped = _group_of_needs(session)
    for need in needs:
        if need.id in grouped:
            raise WrongState(f"“{need.title}”已经在另一个共性需求组里，请先移出再加入。")
        session.add(NeedGroupMember(group_id=group.id, need_id=need.id, added_at=clock.now()))
    session.flush()  # what comes next in this transaction reads the members


def remove_from_group(session: Session, actor: Actor, *, group_id: int, need_id: int) -> None:
    """Take a need out, not to be suggested with the others again; a group of one need ends."""
    _group(session, actor, group_id)
    rows = list(session.scalars(select(NeedGroupMember).where(NeedGroupMember.group_id == group_id)))
    for row in rows:
        if row.need_id == need_id:
            session.delete(row)
            for other in rows:
                if other is not row:
                    _set_apart(session, actor, need_id, other.need_id)
    session.flush()


def dissolve_group(session: Session, actor: Actor, *, group_id: int) -> None:
    """End a group; its needs stay what they are."""
    group = _group(session, actor, group_id)
    session.execute(delete(NeedGroupMember).where(NeedGroupMember.group_id == group_id))
    session.delete(group)


def set_apart(session: Session, actor: Actor, *, need_ids: Sequence[int]) -> None:
    """Say that these needs are not one problem: they are not suggested together again."""
    _organiser(actor)
    for one, other in combinations(sorted(need.id for need in _needs(session, need_ids)), 2):
        _set_apart(session, actor, one, other)


def _set_apart(session: Session, actor: Actor, one: int, other: int) -> None:
    first, second = _pair(one, other)
    known = session.scalar(
        select(NeedsApart.id).where(NeedsApart.first_id == first, NeedsApart.second_id == second)
    )
    if known is None:
        session.add(NeedsApart(first_id=first, second_id=second, user_id=actor.user_id, at=clock.now()))
        session.flush()  # the same pair may come again in this transaction


def put_group_on_event(session: Session, actor: Actor, *, group_id: int, event_id: int) -> int:
    """Put every need of a group that is in the library on an event's table; return how many are new."""
    _group(session, actor, group_id)
    needs = session.scalars(
        select(Need)
        .join(NeedGroupMember, NeedGroupMember.need_id == Need.id)
        .where(NeedGroupMember.group_id == group_id, Need.status.in_(NEEDS_FOR_EVENTS))
        .order_by(Need.id)
    ).all()
    new = [
        need.id
        for need in needs
        if add_item(session, actor, event_id=event_id, kind="need", subject_id=need.id)
    ]
    session.execute(
        update(EventItem)
        .where(
            EventItem.event_id == event_id, EventItem.subject_kind == "need", EventItem.subject_id.in_(new)
        )
        .values(added_by="group")
    )
    return len(new)


def _organiser(actor: Actor) -> None:
    if not actor.organises:
        raise NotAllowed()


def _group(session: Session, actor: Actor, group_id: int) -> NeedGroup:
    _organiser(actor)
    group = session.get(NeedGroup, group_id)
    if group is None:
        raise NotFound()
    return group


def _needs(session: Session, need_ids: Sequence[int]) -> list[Need]:
    needs = list(session.scalars(select(Need).where(Need.id.in_(need_ids)).order_by(Need.id)))
    if not needs or len(needs) < len(set(need_ids)):
        raise InvalidInput([Problem(field="ids", code="missing", message="请勾选要处理的需求。")])
    return needs


def _check_words(name: str, summary: str) -> None:
    if not name.strip() or len(name) > 100 or len(summary) > 1000:
        message = "请给这组共性需求起个名称（不超过 100 字），说明不超过 1000 字。"
        raise InvalidInput([Problem(field="name", code="name", message=message)])
    refuse_secrets({"name": name, "summary": summary}, {"name": "名称", "summary": "说明"})
