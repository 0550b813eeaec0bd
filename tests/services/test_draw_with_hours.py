"""Draws where guests are there for some hours only: what is chosen is held, and nothing better could be."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from desk_cast import ORGANISER
from event_cast import make_event, make_match
from factories import make_achievement, make_need, make_organisation, make_person
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.states import Grade, InvitationState, NeedState, OrganisationKind
from matchmaker.errors import InvalidInput
from matchmaker.services.pairing_lists import draw, publish_list, set_rule
from matchmaker.store.engine import Database
from matchmaker.store.tables import (
    AchievementPerson,
    Event,
    EventItem,
    Invitation,
    Match,
    Pairing,
    PairingList,
)

Cell = tuple[int, int]
"""(firm, expert), by their places in the event."""


@dataclass(slots=True)
class Hours:
    """A small event: what each firm and expert could talk about, and who is away in which slots (from 1)."""

    slots: int
    tables: int
    per_firm: int
    per_expert: int
    values: dict[Cell, int]
    firms_away: dict[int, set[int]] = field(default_factory=dict)
    experts_away: dict[int, set[int]] = field(default_factory=dict)
    event_id: int = 0
    firms: list[int] = field(default_factory=list)
    needs: list[int] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    things: list[int] = field(default_factory=list)

    def both_there(self, cell: Cell) -> set[int]:
        away = self.firms_away.get(cell[0], set()) | self.experts_away.get(cell[1], set())
        return set(range(1, self.slots + 1)) - away


def some_hours(seed: int) -> Hours:
    dice = random.Random(seed)
    slots, firms, experts = dice.choice([2, 3, 4]), dice.randint(2, 4), dice.randint(1, 3)
    cells = [(firm, expert) for firm in range(firms) for expert in range(experts)]

    def away(count: int) -> dict[int, set[int]]:
        return {
            one: set(dice.sample(range(1, slots + 1), dice.randint(1, slots - 1)))
            for one in range(count)
            if dice.random() < 0.6
        }

    return Hours(
        slots=slots,
        tables=dice.choice([1, 2, 3]),
        per_firm=dice.choice([1, 2, 3]),
        per_expert=dice.choice([1, 2, 4]),
        values={cell: dice.randint(4000, 9500) for cell in dice.sample(cells, min(7, len(cells)))},
        firms_away=away(firms),
        experts_away=away(experts),
    )


def written(session: Session, hours: Hours) -> Hours:
    """Put the event into the database."""
    event = make_event(
        session,
        slots=hours.slots,
        tables=hours.tables,
        per_enterprise=hours.per_firm,
        per_expert=hours.per_expert,
    )
    hours.event_id = event.id
    for firm in range(1 + max(firm for firm, _ in hours.values)):
        home = make_organisation(session, name=f"第{event.id}场第{firm}号制造有限公司")
        need = make_need(
            session, organisation_id=home.id, status=NeedState.PUBLISHED, accepted_at=clock.now()
        )
        _bring(session, event.id, "need", need.id, home.id, None, hours.firms_away.get(firm, set()))
        hours.firms.append(home.id)
        hours.needs.append(need.id)
    for expert in range(1 + max(expert for _, expert in hours.values)):
        name = f"第{event.id}场第{expert}大学"
        home = make_organisation(session, name=name, kind=OrganisationKind.UNIVERSITY, local=False)
        person = make_person(session, organisation_id=home.id, name=f"教授{expert}", role="expert")
        thing = make_achievement(session, organisation_id=home.id, contact_id=person.id)
        session.add(AchievementPerson(achievement_id=thing.id, person_id=person.id, place=1))
        away = hours.experts_away.get(expert, set())
        _bring(session, event.id, "achievement", thing.id, home.id, person.id, away)
        hours.people.append(person.id)
        hours.things.append(thing.id)
    for (firm, expert), value in hours.values.items():
        make_match(session, hours.needs[firm], hours.things[expert], value / 10_000, Grade.STRONG)
    session.flush()
    return hours


def _bring(
    session: Session, event_id: int, kind: str, thing: int, home: int, person: int | None, away: set[int]
) -> None:
    session.add(EventItem(event_id=event_id, subject_kind=kind, subject_id=thing))
    session.add(
        Invitation(
            event_id=event_id,
            organisation_id=home,
            person_id=person,
            role="enterprise" if kind == "need" else "expert",
            status=InvitationState.ACCEPTED,
            away_slots=sorted(away),
        )
    )


Rank = tuple[int, list[int], int]


def rank(hours: Hours, chosen: list[Cell]) -> Rank:
    """Firms served, counts by leximin, value."""
    counts = Counter(firm for firm, _ in chosen)
    return (
        len(counts),
        sorted(counts[firm] for firm in range(len(hours.firms))),
        sum(hours.values[cell] for cell in chosen),
    )


def best(hours: Hours) -> Rank:
    """Try every choice of pairs and slots."""
    cells = sorted(hours.values)

    def choices(at: int, held: list[tuple[Cell, int]]) -> Iterator[list[Cell]]:
        if at == len(cells):
            yield [cell for cell, _slot in held]
            return
        yield from choices(at + 1, held)
        firm, expert = cells[at]
        if sum(one[0] == firm for one, _ in held) >= hours.per_firm:
            return
        if sum(one[1] == expert for one, _ in held) >= hours.per_expert:
            return
        for slot in hours.both_there(cells[at]):
            here = [one for one, when in held if when == slot]
            if len(here) < hours.tables and not any(firm == one[0] or expert == one[1] for one in here):
                yield from choices(at + 1, [*held, (cells[at], slot)])

    return max(rank(hours, chosen) for chosen in choices(0, []))


def held(database: Database, hours: Hours, list_id: int) -> dict[Cell, tuple[int | None, int | None]]:
    with database.reading() as session:
        rows = session.scalars(select(Pairing).where(Pairing.list_id == list_id)).all()
        return {
            (hours.needs.index(row.need_id), hours.people.index(row.expert_id or 0)): (
                row.slot,
                row.table_number,
            )
            for row in rows
        }


def report(database: Database, list_id: int) -> dict[str, Any]:
    with database.reading() as session:
        return session.get_one(PairingList, list_id).result


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_no_other_list_that_can_be_held_is_better(database: Database, first: int) -> None:
    for seed in range(first, first + 20):
        with database.writing() as session:
            hours = written(session, some_hours(seed))

        places = held(database, hours, draw(database, ORGANISER, event_id=hours.event_id, limits={}))

        assert rank(hours, list(places)) == best(hours), seed
        assert all(slot in hours.both_there(cell) for cell, (slot, _table) in places.items()), seed
        taken = [(slot, who) for cell, (slot, _) in places.items() for who in enumerate(cell)]
        assert len(set(taken)) == len(taken), seed
        assert len(set(places.values())) == len(places), seed


def test_a_firm_of_one_hour_is_not_passed_over_for_a_better_match_in_that_hour(database: Database) -> None:
    hours = Hours(
        slots=2,
        tables=3,
        per_firm=1,
        per_expert=2,
        # both firms are there in the first hour only, and both suit the first expert best
        values={(0, 0): 9000, (1, 0): 9000, (1, 1): 4000},
        firms_away={0: {2}, 1: {2}},
    )
    with database.writing() as session:
        written(session, hours)

    list_id = draw(database, ORGANISER, event_id=hours.event_id, limits={})

    assert {cell: place[0] for cell, place in held(database, hours, list_id).items()} == {
        (0, 0): 1,
        (1, 1): 1,
    }
    assert report(database, list_id)["certificate"]["checked"]


def test_what_was_chosen_by_hand_is_seated_before_a_better_match(database: Database) -> None:
    hours = Hours(
        slots=2,
        tables=1,
        per_firm=1,
        per_expert=2,
        values={(0, 0): 9000, (1, 0): 4000},
        firms_away={0: {2}, 1: {2}},
    )
    with database.writing() as session:
        written(session, hours)
    with database.writing() as session:
        set_rule(
            session,
            ORGANISER,
            event_id=hours.event_id,
            need_id=hours.needs[1],
            achievement_id=hours.things[0],
            kind="pin",
            reason="县里重点项目",
        )

    list_id = draw(database, ORGANISER, event_id=hours.event_id, limits={})

    assert {cell: place[0] for cell, place in held(database, hours, list_id).items()} == {(1, 0): 1}


def test_a_promise_to_all_binds_as_far_as_a_guest_is_there_and_says_so(database: Database) -> None:
    hours = Hours(
        slots=3,
        tables=3,
        per_firm=2,
        per_expert=3,
        values={(0, 0): 9000, (0, 1): 8000, (1, 0): 7000, (1, 1): 6000},
        firms_away={1: {2, 3}},
    )
    with database.writing() as session:
        written(session, hours)

    list_id = draw(database, ORGANISER, event_id=hours.event_id, limits={"least_per_enterprise": 2})

    assert sorted(firm for firm, _ in held(database, hours, list_id)) == [0, 0, 1]
    assert report(database, list_id)["short"] == [
        {
            "name": f"第{hours.event_id}场第1号制造有限公司",
            "minimum": 2,
            "met": 1,
            "reason": "方便的时段只有 1 个，保底按 1 场算。",
        }
    ]


def test_a_promise_that_nobody_can_be_kept_is_refused_once_not_once_a_firm(database: Database) -> None:
    values = {(firm, 0): 5000 for firm in range(4)}
    with database.writing() as session:
        hours = written(session, Hours(slots=3, tables=3, per_firm=1, per_expert=3, values=values))

    with pytest.raises(InvalidInput) as refused:
        draw(database, ORGANISER, event_id=hours.event_id, limits={"least_per_enterprise": 2})

    assert [problem.message for problem in refused.value.problems] == [
        "每家企业保底 2 场，但最多只能安排 1 场，请调低保底，或放宽上限、增加时段。"
    ]


def test_an_expert_is_not_asked_to_sit_at_two_events_at_once(database: Database) -> None:
    with database.writing() as session:
        first = written(session, Hours(slots=3, tables=2, per_firm=1, per_expert=1, values={(0, 0): 9000}))
        second = written(session, Hours(slots=3, tables=2, per_firm=1, per_expert=2, values={(0, 0): 5000}))
        # the same expert comes to the second event too, which begins ten minutes later
        session.get_one(Event, second.event_id).starts_at += timedelta(minutes=10)
        session.add(
            EventItem(event_id=second.event_id, subject_kind="achievement", subject_id=first.things[0])
        )
        make_match(session, second.needs[0], first.things[0], 0.95, Grade.STRONG)
        second.people.append(first.people[0])
    list_id = draw(database, ORGANISER, event_id=first.event_id, limits={})
    alone = draw(database, ORGANISER, event_id=second.event_id, limits={})
    with database.writing() as session:
        publish_list(session, ORGANISER, list_id=list_id)

    beside = draw(database, ORGANISER, event_id=second.event_id, limits={})

    assert {cell: place[0] for cell, place in held(database, first, list_id).items()} == {(0, 0): 1}
    assert {cell: place[0] for cell, place in held(database, second, alone).items()} == {(0, 1): 1}
    assert {cell: place[0] for cell, place in held(database, second, beside).items()} == {(0, 1): 2}
    assert report(database, alone)["elsewhere"] == []
    assert report(database, beside)["elsewhere"] == ["教授0"]


def test_a_firm_whose_experts_have_all_declined_reads_who_they_are(database: Database) -> None:
    values = {(0, 0): 9000, (1, 1): 8000}
    with database.writing() as session:
        hours = written(session, Hours(slots=3, tables=2, per_firm=1, per_expert=2, values=values))
        _decline(session, hours, 0)

    list_id = draw(database, ORGANISER, event_id=hours.event_id, limits={})

    name = f"第{hours.event_id}场第0号制造有限公司"
    assert [one["reason"] for one in report(database, list_id)["unserved"]] == [
        f"“{name}”能谈的专家（教授0）都已婉拒邀请或没有来，请另请专家。"
    ]


def _decline(session: Session, hours: Hours, *experts: int) -> None:
    people = [hours.people[expert] for expert in experts]
    for row in session.scalars(select(Invitation).where(Invitation.person_id.in_(people))):
        row.status = InvitationState.DECLINED


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("need", "本场还没有可以配对的需求：请先在“需求与成果”里加入已受理的需求。"),
        ("achievement", "本场还没有成果和专家：请先在“需求与成果”里加入成果。"),
        ("match", "本场的需求和成果还没有合适的推荐：请等系统算出推荐，或在“需求与成果”里补充成果。"),
        ("expert", "能谈本场需求的专家都已婉拒邀请或没有来：请另请专家，或在“参会”里改回。"),
        ("firm", "本场的企业都已婉拒邀请或撤回同意：请联系企业，或在“需求与成果”里补充需求。"),
    ],
)
def test_a_draw_without_any_pair_says_what_is_missing(database: Database, missing: str, said: str) -> None:
    with database.writing() as session:
        values = {(0, 0): 9000}
        hours = written(session, Hours(slots=3, tables=2, per_firm=1, per_expert=2, values=values))
        if missing in ("need", "achievement"):
            session.execute(delete(EventItem).where(EventItem.subject_kind == missing))
        if missing == "match":
            session.execute(delete(Match))
        if missing in ("expert", "firm"):
            person = hours.people[0] if missing == "expert" else None
            row = session.scalars(select(Invitation).where(Invitation.person_id == person)).one()
            row.status = InvitationState.DECLINED

    with pytest.raises(InvalidInput) as refused:
        draw(database, ORGANISER, event_id=hours.event_id, limits={})

    assert [problem.message for problem in refused.value.problems] == [said]
