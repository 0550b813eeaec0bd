"""Two telephones at the same moment: over real HTTP, on real threads, and the same thing is noted once."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from desk_cast import ORGANISER, Hall, make_hall
from factories import People
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.serving import make_server

from matchmaker.services.desk import open_desk
from matchmaker.services.desk_paper import sheet_code
from matchmaker.store.engine import Database
from matchmaker.store.tables import DeskStep, Intent, Need, Organisation, Pairing, Person
from matchmaker.web.frame import MatchmakerApp

WALK_IN = {
    "organisation": "路过精密科技有限公司",
    "person": "丙来宾",
    "phone": "13800000002",
    "title": "轴承温升过高",
    "problem": "高速主轴轴承连续运行两小时后温升超过限值，只能停机。",
    "agreed": "1",
}
Send = Callable[[str, Sequence[dict[str, str]]], list[int]]


@pytest.fixture
def hall(database: Database, people: People) -> Hall:
    with database.writing() as session:
        return make_hall(session)


@pytest.fixture
def port(app: MatchmakerApp, hall: Hall) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def at_once(port: int, app: MatchmakerApp, sign_in: Callable[[int], FlaskClient], people: People) -> Send:
    """A function: address and forms → the status codes of all forms sent at the same moment."""
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = sign_in(people.organiser).get_cookie(name)
    assert cookie is not None

    def send(address: str, forms: Sequence[dict[str, str]]) -> list[int]:
        ready, codes = threading.Barrier(len(forms)), []

        def one(form: dict[str, str]) -> None:
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.connect()
            ready.wait(10)
            headers = {
                "Cookie": f"{name}={cookie.value}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            connection.request("POST", address, urlencode(form), headers)
            codes.append(connection.getresponse().status)
            connection.close()

        threads = [threading.Thread(target=one, args=(form,)) for form in forms]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(codes)

    return send


def count(database: Database, table: type, **values: object) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).filter_by(**values)) or 0


def running(database: Database, hall: Hall) -> tuple[int, int]:
    """Return a meeting of the running slot and its table."""
    with database.reading() as session:
        one = next(one for one in open_desk(session, ORGANISER, hall.event).sittings if one.slot == 1)
    return one.pairing_id, one.table


def test_a_walk_in_sent_by_four_fingers_is_one_need(at_once: Send, hall: Hall, database: Database) -> None:
    codes = at_once(f"/events/{hall.event}/desk/walk-in/new", [WALK_IN] * 4)

    assert codes == [303] * 4
    found = [
        count(database, Organisation, name=WALK_IN["organisation"]),
        count(database, Person, name=WALK_IN["person"]),
        count(database, Need, title=WALK_IN["title"]),
    ]
    assert found == [1, 1, 1]


def test_a_sheet_keyed_in_by_two_people_is_noted_once(at_once: Send, hall: Hall, database: Database) -> None:
    pairing_id, table = running(database, hall)
    form = {"code": sheet_code(hall.event, table, 0), f"result-{pairing_id}": "intent"}

    codes = at_once(f"/events/{hall.event}/desk/keying", [form] * 3)

    assert set(codes) <= {200, 303}
    assert (count(database, DeskStep), count(database, Intent)) == (1, 1)


def test_two_contradicting_sheets_leave_one_result_and_one_question(
    at_once: Send, hall: Hall, database: Database
) -> None:
    pairing_id, table = running(database, hall)
    code = sheet_code(hall.event, table, 0)
    forms = [{"code": code, f"result-{pairing_id}": word} for word in ("held", "no_interest")]

    at_once(f"/events/{hall.event}/desk/keying", forms)

    assert count(database, DeskStep) == 1
    with database.reading() as session:
        assert session.get_one(Pairing, pairing_id).outcome in {"held", "no_interest"}


def test_an_end_and_its_undo_pressed_by_two_people_at_once_are_each_done_once(
    at_once: Send, hall: Hall, database: Database
) -> None:
    pairing_id, _table = running(database, hall)
    at = f"/events/{hall.event}/desk"
    at_once(f"{at}/meetings/{pairing_id}/end", [{"outcome": "intent"}] * 3)
    noted = count(database, DeskStep), count(database, Intent)

    at_once(f"{at}/undo", [{"number": "1"}] * 3)

    with database.reading() as session:
        kinds = Counter(str(kind) for kind in session.scalars(select(DeskStep.kind)))
        assert session.get_one(Pairing, pairing_id).outcome is None
    assert noted == (1, 1)
    assert kinds == {"ended": 1, "undone": 1}
    assert count(database, Intent) == 0


def test_guests_who_are_checked_in_at_two_doors_are_here_once(
    at_once: Send, hall: Hall, database: Database
) -> None:
    forms = [{"who": f"enterprise-{firm}"} for firm in hall.firms for _door in range(2)]

    codes = at_once(f"/events/{hall.event}/desk/arrive", forms)

    assert codes == [303] * len(forms)
    assert count(database, DeskStep) == len(hall.firms)
