"""The search for a better timetable goes on after a draw, and changes nothing before somebody takes it."""

from datetime import timedelta
from typing import Any

import pytest
from desk_cast import ORGANISER, Hall, make_hall
from factories import make_people
from sqlalchemy import select

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import PairingState
from matchmaker.errors import NotAllowed, WrongState
from matchmaker.services.timetable_search import search_timetables, stop_search, take_timetable
from matchmaker.store.engine import Database
from matchmaker.store.tables import Pairing, PairingList

Places = dict[int, tuple[int | None, int | None]]


@pytest.fixture
def hall(database: Database) -> Hall:
    """A drawn list of two firms with two experts, whose day somebody stretched to its two ends."""
    with database.writing() as session:
        make_people(session)
        hall = make_hall(
            session, firms=2, experts=2, slots=6, tables=2, starts_at=clock.now() + timedelta(days=9)
        )
        ends = {(0, 0): 1, (1, 1): 1, (0, 1): 6, (1, 0): 6}
        for row in session.scalars(select(Pairing)):
            firm, expert = hall.needs.index(row.need_id), hall.achievements.index(row.achievement_id)
            row.slot, row.table_number = ends[firm, expert], firm + 1
            row.status = PairingState.SHORTLISTED
        listed = session.get_one(PairingList, hall.listed)
        listed.published_at = None
        told = {"breaks": 4, "breaks_bound": 0, "proved": False, "search": {"state": "waiting"}}
        listed.result = {**listed.result, "timetable": told}
        return hall


def stored(database: Database, hall: Hall) -> tuple[Places, dict[str, Any]]:
    with database.reading() as session:
        rows = session.scalars(select(Pairing).order_by(Pairing.id))
        places = {row.id: (row.slot, row.table_number) for row in rows}
        return places, dict(session.get_one(PairingList, hall.listed).result["timetable"])


def test_a_better_timetable_is_offered_and_taken_only_when_somebody_says_so(
    database: Database, hall: Hall
) -> None:
    before, _ = stored(database, hall)

    assert search_timetables(database, seconds=1) == 1
    between, told = stored(database, hall)
    assert between == before
    assert told["search"]["timetable"]["breaks"] == 0
    assert search_timetables(database, seconds=1) == 0

    with database.writing() as session:
        assert take_timetable(session, ORGANISER, list_id=hall.listed)
        assert not take_timetable(session, ORGANISER, list_id=hall.listed)
    after, told = stored(database, hall)
    assert max(slot or 9 for slot, _ in after.values()) < 6
    assert len(set(after.values())) == 4
    assert (told["breaks"], told["proved"], "search" in told) == (0, True, False)


def test_what_is_as_good_as_can_be_gets_its_proof(database: Database, hall: Hall) -> None:
    search_timetables(database, seconds=1)
    with database.writing() as session:
        take_timetable(session, ORGANISER, list_id=hall.listed)
        listed = session.get_one(PairingList, hall.listed)
        told = listed.result["timetable"] | {"proved": False, "search": {"state": "waiting"}}
        listed.result = listed.result | {"timetable": told}

    search_timetables(database, seconds=1)

    _, told = stored(database, hall)
    assert (told["proved"], told["search"]) == (True, {"state": "done"})


def test_a_search_that_was_stopped_or_overtaken_offers_nothing(database: Database, hall: Hall) -> None:
    with database.writing() as session:
        with pytest.raises(NotAllowed):
            stop_search(session, Actor(name="企业"), list_id=hall.listed)
        assert stop_search(session, ORGANISER, list_id=hall.listed)
        assert not stop_search(session, ORGANISER, list_id=hall.listed)
    assert search_timetables(database, seconds=1) == 0

    with database.writing() as session:
        listed = session.get_one(PairingList, hall.listed)
        listed.published_at = clock.now()
        told = listed.result["timetable"] | {"search": {"state": "waiting"}}
        listed.result = listed.result | {"timetable": told}
    assert search_timetables(database, seconds=1) == 0
    with database.writing() as session, pytest.raises(WrongState, match="已经发布"):
        take_timetable(session, ORGANISER, list_id=hall.listed)


@pytest.mark.parametrize(("minutes", "taken"), [(0, 0), (9, 1)])
def test_a_search_is_taken_up_again_only_when_its_process_died(
    database: Database, hall: Hall, minutes: int, taken: int
) -> None:
    with database.writing() as session:
        listed = session.get_one(PairingList, hall.listed)
        began = clock.now() - timedelta(minutes=minutes)
        search = {"state": "running", "began": began.isoformat()}
        listed.result = listed.result | {"timetable": listed.result["timetable"] | {"search": search}}

    assert search_timetables(database, seconds=1) == taken
