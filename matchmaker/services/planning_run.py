"""The background work on a plan: needs read and encoded, topics made, the solver asked, its answer saved.

A plan is claimed like a delivery: `attempts` grows with every claim, and whoever lost the claim
finds that out at the next beat and stops. What it saves, it saves in one transaction.
"""

import itertools
import logging
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.messages import PlanWorkedOff
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.plan import PlanAnswer, PlanQuestion
from matchmaker.domain.plan import PlanEvent as PlannedEvent
from matchmaker.domain.plan_check import check_plan
from matchmaker.domain.plan_settings import settings_from_json
from matchmaker.domain.plan_state import PlanMode, PlanState
from matchmaker.services.library import Desk, desk_for
from matchmaker.services.planning_question import Base, base_of, calendar_of, needs_of, question_of
from matchmaker.services.planning_topics import (
    Topic,
    make_topics,
    split_topic,
    topic_fits,
    topic_from_json,
    topic_to_json,
)
from matchmaker.services.texts import need_text
from matchmaker.settings import Settings
from matchmaker.solvers.plan_steps import NoPlan, Word, journeys_of
from matchmaker.solvers.planning import Cancelled, plan_in_child
from matchmaker.store.engine import Database
from matchmaker.store.tables import Need, Plan, PlanEvent, PlanItem, Theme, Vector
from matchmaker.store.taking import take_oldest

log = logging.getLogger(__name__)
ENCODE_AT_ONCE = 32
BEAT_SECONDS = 1.5
TITLE_LENGTH = 120


def work_on_plans(database: Database, settings: Settings) -> int:
    """Make every plan that waits, one after the other; return how many were taken up."""
    taken = 0
    while (claim := _take_up(database)) is not None:
        taken += 1
        _Work(database, settings, *claim).run()
    return taken


def _take_up(database: Database) -> tuple[int, int] | None:
    return take_oldest(
        database,
        Plan,
        waiting=Plan.status == PlanState.WAITING,
        running=Plan.status == PlanState.RUNNING,
        begin=_begin,
        fail=_give_up,
    )


def _begin(plan: Plan) -> None:
    plan.status = PlanState.RUNNING


def _give_up(plan: Plan) -> None:
    plan.status, plan.ended_at = PlanState.FAILED, clock.now()
    plan.note = "计算几次都中断了，没有完成。请再试一次；若仍然如此，请把运行日志交给系统管理员。"


class _Work:
    """One claimed plan."""

    def __init__(self, database: Database, settings: Settings, plan_id: int, attempt: int) -> None:
        self.database, self.settings = database, settings
        self.plan_id, self.attempt = plan_id, attempt
        self.last_beat = 0.0

    def run(self) -> None:
        """Make the plan and save it, or save why there is none."""
        try:
            self._make()
        except NoPlan as reason:
            self._end(PlanState.FAILED, str(reason))
        except ArithmeticError as error:
            log.error("no plan", extra={"plan_id": self.plan_id}, exc_info=error)
            self._end(PlanState.FAILED, "规定的时间内没有算出方案。请减少场数或放宽要求后再试。")
        except Cancelled:
            log.info("plan stopped", extra={"plan_id": self.plan_id})

    def _make(self) -> None:
        desk = desk_for(self.settings)
        with self.database.reading() as session:
            plan = session.get_one(Plan, self.plan_id)
            base = base_of(session, plan)
            needs = needs_of(session, plan, base)
            themes = list(session.scalars(select(Theme).order_by(Theme.place, Theme.id)))
        if not needs:
            raise NoPlan("没有可以排进活动的需求：请先受理需求，或检查它们是否已经在别的活动里。")
        vectors = self._vectors(desk, needs)
        topics = self._topics(desk, plan, themes, needs, vectors)
        fits = topic_fits(topics, {theme.id: theme for theme in themes}, needs, vectors)
        with self.database.reading() as session:
            question = question_of(session, session.get_one(Plan, self.plan_id), needs, fits, base)
        answer = plan_in_child(question, hear=self._hear)
        with self.database.writing() as session:
            self._save(session, question, answer, topics, base)

    def _vectors(self, desk: Desk, needs: Sequence[Need]) -> NDArray[np.float32]:
        """Return one vector per need; missing ones are encoded a few at a time and kept."""
        texts = [need_text(need) for need in needs]
        rows = []
        with self.database.reading() as session:
            known = _known_hashes(session, desk.encoder.fingerprint)
        for first in range(0, len(texts), ENCODE_AT_ONCE):
            some = texts[first : first + ENCODE_AT_ONCE]
            self._beat({"stage": "reading", "done": first, "total": len(texts)})
            with self.database.reading() as session:
                vectors = desk.need_vectors(session, some)
            if any(known.get(text.key) != text.hash for text in some):
                with self.database.writing() as session:
                    desk.store(session, "need", some, vectors)
            rows.append(vectors.mean(axis=1))
        return np.concatenate(rows)

    def _topics(
        self,
        desk: Desk,
        plan: Plan,
        themes: Sequence[Theme],
        needs: Sequence[Need],
        vectors: NDArray[np.float32],
    ) -> list[Topic]:
        """Return the topics given, those marked to be split in two, or new ones."""
        self._beat({"stage": "topics"})
        if plan.mode is PlanMode.WHOLE or not plan.topics:
            return make_topics(themes, needs, vectors, words=desk.segmenter)
        place = {need.id: number for number, need in enumerate(needs)}
        topics: list[Topic] = []
        for told in plan.topics:
            topic = topic_from_json(told)
            own = [need for need in needs if need.id in set(topic.need_ids)]
            if told.get("split") and len(own) > 1:
                rows = vectors[[place[need.id] for need in own]]
                topics += split_topic(topic, own, rows, count=2, words=desk.segmenter)
            else:
                topics.append(topic)
        return topics

    def _hear(self, word: Word | None) -> bool:
        """Keep the plan's progress; False when it was stopped or given to somebody else."""
        told = {} if word is None else {"stage": word.stage, "best": word.best, "bound": word.bound}
        try:
            self._beat(told, always=word is not None and word.best is None)
        except Cancelled:
            return False
        return True

    def _beat(self, told: Mapping[str, object], *, always: bool = False) -> None:
        """Say that somebody is at work, at most every second or so. Raises Cancelled when it is not ours."""
        if not always and time.monotonic() - self.last_beat < BEAT_SECONDS:
            return
        self.last_beat = time.monotonic()
        values = {"beat_at": clock.now()} | ({"progress": dict(told)} if told else {})
        with self.database.writing() as session:
            # past the version column on purpose: a beat is no edit
            ours = session.execute(
                update(Plan)
                .where(
                    Plan.id == self.plan_id,
                    Plan.attempts == self.attempt,
                    Plan.status == PlanState.RUNNING,
                )
                .values(**values)
                .returning(Plan.id)
            ).one_or_none()
        if ours is None:
            raise Cancelled

    def _end(self, state: PlanState, note: str) -> None:
        with self.database.writing() as session:
            row = self._ours(session)
            row.status, row.note, row.ended_at = state, note, clock.now()
            outbox.record(session, SYSTEM, PlanWorkedOff(plan_id=row.id, made=False))

    def _ours(self, session: Session) -> Plan:
        row = session.get(Plan, self.plan_id, with_for_update=True)
        if row is None or row.attempts != self.attempt or row.status is not PlanState.RUNNING:
            raise Cancelled
        return row

    def _save(
        self,
        session: Session,
        question: PlanQuestion,
        answer: PlanAnswer,
        topics: Sequence[Topic],
        base: Base | None,
    ) -> None:
        plan = self._ours(session)
        broken = check_plan(question, answer)
        plan.topics = [topic_to_json(topic) for topic in topics]
        result = _result(question, answer, [problem.message for problem in broken], plan, topics)
        if plan.mode is PlanMode.DAYS and plan.base_id is not None:
            # the grouping is the base's: so is what is known of how good it is
            before = session.get_one(Plan, plan.base_id).result
            result |= {name: before[name] for name in ("value", "bound", "gap") if name in before}
        plan.result = result  # whole: a change inside of what was saved before would be lost
        plan.status, plan.ended_at = PlanState.READY, clock.now()
        _save_events(session, plan, answer, topics, base)
        outbox.record(session, SYSTEM, PlanWorkedOff(plan_id=plan.id, made=True))


def _known_hashes(session: Session, encoder: str) -> dict[int, str]:
    rows = session.execute(
        select(Vector.subject_id, Vector.text_hash).where(
            Vector.encoder == encoder, Vector.subject_kind == "need"
        )
    )
    return {row.subject_id: row.text_hash for row in rows}


def _result(
    question: PlanQuestion, answer: PlanAnswer, broken: list[str], plan: Plan, topics: Sequence[Topic]
) -> dict[str, object]:
    """Return the figures that pages and the command show."""
    figures, settings = answer.figures, settings_from_json(plan.settings)
    names = {topic.key: topic.name for topic in topics}
    remarks = [_named(remark, names) for remark in answer.remarks]
    remarks += [
        f"{year} 年的调休安排还没有公布，只排除了法定节假日和周末；公布后请补上停办日和上班日再重排。"
        for year in calendar_of(settings).provisional(settings.from_day, settings.to_day)
    ]
    return {
        "events": len(answer.events),
        "needs": sum(len(event.need_ids) for event in answer.events),
        "left_out": len(answer.left_out),
        "seats": len(answer.seats),
        "experts": len({seat.expert_id for seat in answer.seats}),
        "journeys": journeys_of(question, answer),
        "value": figures.value,
        "bound": round(figures.bound, 1),
        "gap": figures.gap,
        "cost": figures.cost,
        "cost_bound": figures.cost_bound,
        "seats_value": figures.seats_value,
        "seats_bound": figures.seats_bound,
        "seconds": [round(part, 1) for part in figures.seconds],
        "broken": broken,
        "remarks": remarks,
    }


def _named(remark: str, names: dict[str, str]) -> str:
    for key, name in sorted(names.items(), key=lambda one: -len(one[0])):
        remark = remark.replace(f"“{key}”", f"“{name}”")
    return remark


def _save_events(
    session: Session, plan: Plan, answer: PlanAnswer, topics: Sequence[Topic], base: Base | None
) -> None:
    before = {row.number: row for row in base.rows} if base else {}
    slots = {slot.number: slot for slot in answer.slots}
    titles = _titles(answer.events, {topic.key: topic for topic in topics}, before)
    theme_of = {topic.key: topic.theme_id for topic in topics}
    rows = {}
    for event in answer.events:
        old = before.get(event.was) if event.was is not None else None
        rows[event.number] = PlanEvent(
            plan_id=plan.id,
            number=event.number,
            theme_id=theme_of.get(event.topic),
            topic=event.topic,
            title=titles[event.number],
            city=event.city,
            town=event.place,
            venue=slots[event.number].venue,
            held_on=slots[event.number].day,
            size=event.size,
            pinned=event.pinned_on is not None,
            closed=sorted(day.isoformat() for day in event.closed),
            event_id=old.event_id if old else None,
        )
    session.add_all(rows.values())
    session.flush()  # the items need the ids of their events
    for event in answer.events:
        for need_id in event.need_ids:
            _item(session, plan.id, rows[event.number].id, "need", need_id)
    for seat in answer.seats:
        _item(session, plan.id, rows[seat.number].id, "expert", seat.expert_id, value=seat.value)
    for need_id in answer.left_out:
        _item(session, plan.id, None, "need", need_id)
    if base:
        _carry_over(session, plan, base, taken=set(rows))


def _item(
    session: Session, plan_id: int, event_id: int | None, kind: str, subject_id: int, *, value: int = 0
) -> None:
    session.add(
        PlanItem(
            plan_id=plan_id, plan_event_id=event_id, subject_kind=kind, subject_id=subject_id, value=value
        )
    )


def _carry_over(session: Session, plan: Plan, base: Base, *, taken: set[int]) -> None:
    """Copy the events that guests know of already, as they are; their numbers may have to give way."""
    free = max([*taken, *(row.number for row in base.rows)], default=0)
    for row in base.rows:
        if row.id not in base.opened:
            continue
        free += 1
        names = ("theme_id", "topic", "title", "city", "town", "venue", "held_on", "size", "event_id")
        copy = PlanEvent(
            plan_id=plan.id,
            number=free if row.number in taken else row.number,
            pinned=True,
            closed=[],
            **{name: getattr(row, name) for name in names},
        )
        session.add(copy)
        session.flush()  # the items need its id
        for need_id in base.needs.get(row.id, ()):
            _item(session, plan.id, copy.id, "need", need_id)
        for expert_id in base.experts.get(row.id, ()):
            _item(session, plan.id, copy.id, "expert", expert_id)


def _titles(
    events: Sequence[PlannedEvent], topics: Mapping[str, Topic], before: Mapping[int, PlanEvent]
) -> dict[int, str]:
    """Return a title per event: the one it had, else topic and partner, counted where several are alike."""
    plain = {
        event.number: f"{topics[event.topic].name if event.topic in topics else event.topic}专场对接会"
        + (f"（{event.city}）" if event.city else "")
        for event in events
    }
    titles = {
        event.number: old.title
        for event in events
        if event.was is not None
        and (old := before[event.was])
        and (old.topic, old.city) == (event.topic, event.city)
    }
    alike, used = Counter(plain.values()), set(titles.values())
    for number, title in plain.items():
        if number not in titles:
            titles[number] = _unused(title, used, counted=alike[title] > 1)
            used.add(titles[number])
    return titles


def _unused(title: str, used: Collection[str], *, counted: bool) -> str:
    if not counted and title not in used:
        return title[-TITLE_LENGTH:]
    numbers = itertools.count(2 if title in used else 1)
    return next(full for n in numbers if (full := f"{title}第{n}场"[-TITLE_LENGTH:]) not in used)
