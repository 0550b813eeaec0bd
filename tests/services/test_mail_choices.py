"""Mails that a person turned off are not sent; what was arranged with them always is."""

import json
from collections.abc import Callable

import pytest
from factories import People
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from matchmaker.domain.mail_choices import ALWAYS, OPTIONAL
from matchmaker.resources import folder
from matchmaker.services.notices import Plan, Recipient, save_plan
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import MailOff, Notice

Browser = Callable[[int], FlaskClient]
ALL = {group.key for group in OPTIONAL}
# told in the inbox alone, of what waits for the organisers
_INBOX_ONLY = {"need_posted", "need_answers", "invitation_answered"}


@pytest.fixture
def mailing(settings: Settings) -> Settings:
    return settings.model_copy(update={"mail": settings.mail.model_copy(update={"host": "mail.example"})})


def decided(user_id: int | None, *, key: str = "1") -> Plan:
    context = {"title": "压铸模具涂层", "state": "returned", "reason": "缺少量化指标"}
    who = Recipient(user_id=user_id, address="zhou@example.com", name="周一诺")
    return Plan(kind="need_decided", key=key, recipient=who, context=context, link="/needs/1")


def questions(user_id: int) -> Plan:
    context = {
        "title": "压铸模具涂层",
        "questions": ["寿命要多少？"],
        "remark": "",
        "address": "http://x/a/1",
    }
    who = Recipient(user_id=user_id, address="zhou@example.com", name="周一诺")
    return Plan(kind="need_questions", key="1", recipient=who, context=context, link="/a/1")


def save(database: Database, settings: Settings, *plans: Plan) -> list[tuple[str, str]]:
    """Return kind and channel of every notice there is afterwards."""
    with database.writing() as session:
        for plan in plans:
            save_plan(session, settings, plan)
        return [(row.kind, row.channel) for row in session.scalars(select(Notice).order_by(Notice.id))]


def test_every_kind_of_notice_can_be_turned_off_or_always_goes_out() -> None:
    kinds = {entry.name for entry in (folder("templates") / "notices").iterdir()} - {"_letter"}

    listed = [kind for group in OPTIONAL for kind in group.kinds] + [*ALWAYS, *_INBOX_ONLY]

    assert sorted(listed) == sorted(kinds)


def test_what_is_turned_off_comes_without_mail_and_the_rest_with_it(
    database: Database, mailing: Settings, people: People, sign_in: Browser
) -> None:
    firm = sign_in(people.enterprise_user)
    firm.post("/accounts/mine/mails", data={"mails": ["proposals", "reminders"]})

    found = save(database, mailing, decided(people.enterprise_user), questions(people.enterprise_user))

    assert found == [("need_decided", "inbox"), ("need_questions", "inbox"), ("need_questions", "mail")]
    assert save(database, mailing, decided(people.other_enterprise_user))[-1] == ("need_decided", "mail")


def test_a_mail_that_waits_to_be_sent_is_not_sent_once_it_is_turned_off(
    database: Database, mailing: Settings, people: People, sign_in: Browser
) -> None:
    save(database, mailing, decided(people.enterprise_user), questions(people.enterprise_user))

    sign_in(people.enterprise_user).post("/accounts/mine/mails", data={"mails": []})

    assert save(database, mailing) == [
        ("need_decided", "inbox"),
        ("need_questions", "inbox"),
        ("need_questions", "mail"),
    ]
    sign_in(people.enterprise_user).post("/accounts/mine/mails", data={"mails": [*ALL]})
    assert save(database, mailing, decided(people.enterprise_user, key="2"))[-1] == ("need_decided", "mail")


def test_every_mail_says_how_to_get_no_more_of_its_kind(
    database: Database, mailing: Settings, people: People
) -> None:
    save(database, mailing, decided(people.enterprise_user), questions(people.enterprise_user), decided(None))

    with database.reading() as session:
        rows = session.scalars(select(Notice).where(Notice.channel == "mail").order_by(Notice.id)).all()
        ends = [row.body.splitlines()[-1].partition("。")[2] for row in rows]
        assert ends == [
            "不想再收到这类邮件，请在“我的账号与数据”中关闭。",
            "这类邮件与您约定的事有关，不能关闭；有疑问请联系主办方。",
            "不想再收到，请联系主办方。",
        ]
        assert all(end in row.html for end, row in zip(ends, rows, strict=True))


def test_the_page_shows_the_choices_of_the_role_and_what_was_chosen(
    database: Database, people: People, sign_in: Browser
) -> None:
    firm, office = sign_in(people.enterprise_user), sign_in(people.organiser)
    firm.post("/accounts/mine/mails", data={"mails": ["proposals", "no-such-group"]})

    page = text_of(firm.get("/accounts/mine"))

    assert 'name="mails" value="proposals" checked' in page
    assert 'name="mails" value="progress">' in page
    assert "不能关闭" in page
    assert 'value="work"' not in page
    assert 'value="work" checked' in text_of(office.get("/accounts/mine"))
    with database.reading() as session:
        kept = {row.mail_group for row in session.scalars(select(MailOff))}
    assert kept == {"progress", "reminders", "follow_up"}
    own = json.loads(firm.get("/accounts/mine/download").data)
    assert {row["mail_group"] for row in own["mail_off"]} == kept
