"""The frame around every request."""

from collections.abc import Callable

from factories import People
from flask.testing import FlaskClient
from reading import text_of

from matchmaker.web.frame import MatchmakerApp


def test_anyone_sees_the_front_page_with_strict_headers(app: MatchmakerApp) -> None:
    response = app.test_client().get("/")

    assert response.status_code == 200
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"


def test_an_unknown_address_gets_a_chinese_page(app: MatchmakerApp) -> None:
    response = app.test_client().get("/no-such-page")

    assert response.status_code == 404
    assert "没有找到您要的页面" in text_of(response)


def test_a_signed_in_user_is_recognised_and_a_disabled_one_is_not(
    people: People, sign_in: Callable[[int], FlaskClient]
) -> None:
    assert "用户" in text_of(sign_in(people.organiser).get("/?stay=1"))
    assert "用户" not in text_of(sign_in(people.disabled).get("/?stay=1"))


def test_a_number_that_no_id_can_be_is_not_found_and_no_fault(
    people: People, sign_in: Callable[[int], FlaskClient]
) -> None:
    organiser, beyond = sign_in(people.organiser), 10**20

    answers = [
        organiser.get(address).status_code
        for address in (
            f"/needs/{beyond}",
            f"/achievements/{beyond}",
            f"/events/{beyond}/people",
            f"/duplicates/pair?kind=organisation&left={beyond}&right=1",
        )
    ]

    assert answers == [404] * 4
