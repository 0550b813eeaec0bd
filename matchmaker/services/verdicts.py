"""Says when a need has no good match, offers three routes, and keeps the one the organiser chose."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.messages import NeedRouteChosen
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import NEEDS_OPEN_FOR_MATCHING, Grade, Route
from matchmaker.domain.verdict import QUESTIONS, Finding, advised, finding
from matchmaker.errors import InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.resources import folder
from matchmaker.services.coach import Question, TradeWords, advise, questions_for, trades
from matchmaker.services.need_questions import ASKABLE, ask_firm
from matchmaker.settings import Settings
from matchmaker.store.tables import Need, NeedRoute


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the proposals of a need come to, and the ways on from there.

    `chosen` is the organiser's newest decision; `outdated` says that the text has changed since.
    """

    finding: Finding
    advised: Route
    questions: tuple[str, ...]
    outside: tuple[str, ...]
    chosen: NeedRoute | None
    outdated: bool


def verdict_of(session: Session, need: Need, grades: Iterable[Grade]) -> Verdict:
    """Return the verdict over the grades of those proposals that still stand."""
    chosen = route_of(session, need.id)
    themes = trades(session)
    return Verdict(
        finding=finding(grades, computed=need.proposed_version == need.text_version),
        advised=advised(
            clarity=advise(need, themes).clarity.share,
            asked_before=chosen is not None and chosen.route is Route.ASK_FIRM,
            fields=need.fields,
            need_type=need.need_type,
        ),
        questions=tuple(question.text for question in _two_questions(need, themes)),
        outside=institutions_for(need.fields),
        chosen=chosen,
        outdated=chosen is not None and chosen.need_version != need.text_version,
    )


def _two_questions(need: Need, themes: Sequence[TradeWords]) -> tuple[Question, ...]:
    return questions_for(need, themes)[:QUESTIONS]


def route_of(session: Session, need_id: int) -> NeedRoute | None:
    """Return what was decided last for a need, or None."""
    newest = select(NeedRoute).where(NeedRoute.need_id == need_id).order_by(NeedRoute.id.desc()).limit(1)
    return session.scalars(newest).first()


def institutions_for(fields: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds of institution to ask, by first-level field; a general answer when none is known."""
    table = _outside()
    found = [kind for code in dict.fromkeys(code[:2] for code in fields) for kind in table.get(code, ())]
    return tuple(found or table["any"])


@lru_cache
def _outside() -> dict[str, tuple[str, ...]]:
    with (folder("config") / "outside.toml").open("rb") as file:
        return {code: tuple(entry["kinds"]) for code, entry in tomllib.load(file).items()}


def choose_route(
    session: Session, actor: Actor, settings: Settings, *, need_id: int, route: Route, note: str = ""
) -> NeedRoute:
    """Record what is done with a need that nothing answers; the firm is told.

    A firm that is to be asked gets the two questions with a link by which it answers, as long as the
    need may still be changed. The same choice for the same text with the same note changes nothing.
    Raises NotAllowed, NotFound, InvalidInput for a note that is too long, WrongState for a need that is
    no longer open or whose firm has answered already.
    """
    if not actor.organises:
        raise NotAllowed()
    need = session.get(Need, need_id)
    if need is None:
        raise NotFound()
    if need.status not in NEEDS_OPEN_FOR_MATCHING:
        raise WrongState("这条需求已经不在对接中，不用再安排。")
    if len(note) > 500:
        raise InvalidInput([Problem(field="note", code="too_long", message="说明最多写 500 字。")])
    last = route_of(session, need_id)
    if last is not None and (last.route, last.note, last.need_version) == (route, note, need.text_version):
        return last
    questions = _two_questions(need, trades(session)) if route is Route.ASK_FIRM else ()
    row = NeedRoute(
        need_id=need_id,
        need_version=need.text_version,
        route=route,
        questions=[question.text for question in questions],
        note=note,
        user_id=actor.user_id,
        at=clock.now(),
    )
    session.add(row)
    session.flush()  # the message names it
    if questions and need.status in ASKABLE:
        ask_firm(session, actor, settings, need_id=need_id, questions=questions, remark=note)
    outbox.record(session, actor, NeedRouteChosen(need_id=need_id, route_id=row.id))
    return row
