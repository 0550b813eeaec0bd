"""The ledger: what it shows, all stages or one."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from world import World, make_world

from matchmaker.store.engine import Database
from matchmaker.store.tables import TechContract


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
