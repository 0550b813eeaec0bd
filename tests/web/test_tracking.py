"""The ledger: what it shows, all stages or one."""

import re
from collections.abc import Callable

import pytest
from factories import make_need
from flask.testing import FlaskClient
from sqlalchemy import select
from world import World, make_world

from matchmaker import clock
from matchmaker.domain.states import EventState, NeedState
from matchmaker.store.engine import Database
from matchmaker.store.tables import Event, TechContract


@pytest.fixture
def world(database: Database) -> World:
    with database.writing() as session:
        return make_world(session)


@pytest.fixture
def browser(world: World, sign_in: Callable[[int], FlaskClient]) -> FlaskClient:
    return sign_in(world.people.organiser)


def shown(page: str) -> set[str]:
    """Return the kinds of entry that the ledger's table links to."""
    return set(re.findall(r'<th scope="row"><a href="/tracking/(\w+)/', page))


@pytest.mark.usefixtures("world")
def test_the_ledger_shows_every_stage_or_the_one_asked_for(browser: FlaskClient) -> None:
    every = browser.get("/tracking?view=list").text
    intents = browser.get("/tracking?view=list&rung=intent").text
    unknown = browser.get("/tracking?view=list&rung=nothing").text

    assert {"intents", "contracts"} <= shown(every)
    assert shown(intents) == {"intents"}
    assert "只看：合作意向" in intents
    assert shown(unknown) == shown(every)


def test_what_waits_for_registration_opens_with_exactly_the_contracts_counted(
    browser: FlaskClient, database: Database
) -> None:
    with database.writing() as session:
        for contract in session.scalars(select(TechContract)):
            contract.registration_no = None
            waiting = contract.title
    board = browser.get("/organiser").text
    address = re.search(r'href="(/tracking\?[^"]*rung=contract[^"]*)"', board)

    assert address is not None
    page = browser.get(address[1].replace("&amp;", "&")).text
    assert shown(page) == {"contracts"}
    assert waiting in page


def test_the_figures_of_needs_and_events_open_lists_of_as_many(
    browser: FlaskClient, database: Database, world: World
) -> None:
    firm = world.people.huaxing
    taken = {"accepted_at": clock.now(), "town": "桃埠镇"}
    public = {**taken, "published_at": clock.now()}
    with database.writing() as session:
        make_need(session, organisation_id=firm, town="桃埠镇")
        make_need(session, organisation_id=firm, status=NeedState.ACCEPTED, **taken)
        make_need(session, organisation_id=firm, status=NeedState.INTENDED, **public)
        make_need(session, organisation_id=firm, status=NeedState.WITHDRAWN, **public)
        held, ahead = session.get_one(Event, world.ids["event_id"]), Event()
        for column in Event.__table__.columns:
            if column.name != "id":
                setattr(ahead, column.name, getattr(held, column.name))
        held.status, ahead.status = EventState.HELD, EventState.DRAFT
        session.add(ahead)
    board = browser.get("/organiser").text

    counts = {}
    for address, words in re.findall(
        r'<a[^>]*href="(/(?:needs|events)[^"]*state=[^"]*)"[^>]*>(.*?)</a>', board, re.S
    ):
        number = re.search(r"\d+", re.sub(r"<[^>]+>", " ", words))
        listed = re.search(r"共 (\d+) 条", browser.get(address.replace("&amp;", "&")).text)
        counts[address] = (int(number[0]) if number else None, int(listed[1]) if listed else 0)
    assert {address.split("?")[0] for address in counts} >= {"/events", "/needs/review"}
    assert {address: pair for address, pair in counts.items() if pair[0] != pair[1]} == {}
    assert sum(pair[0] or 0 for pair in counts.values()) >= 7
