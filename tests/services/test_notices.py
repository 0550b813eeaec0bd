"""Notices: planned once per person and channel, sent over a real SMTP server, retried, given up aloud."""

import email
import email.policy
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from factories import People, make_need
from sqlalchemy import select

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.bus.deliver import deliver_due
from matchmaker.channels.mail import Letter, compose, encoded_words
from matchmaker.domain.messages import NeedDecided
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import NeedState, NoticeState
from matchmaker.errors import WrongState
from matchmaker.services import notices
from matchmaker.services.merging import merge, undo_merge
from matchmaker.services.notices import Plan, Recipient
from matchmaker.settings import Settings, load_settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Notice


@dataclass
class Postbox:
    """An SMTP server of this test's own; addresses can be told to fail."""

    letters: list[Any] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        with self.lock:
            self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 taken"


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as finder:
        box.port = finder.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def settings(tmp_path: Path, database_address: str, postbox: Postbox) -> Settings:
    mail = {"host": "127.0.0.1", "port": postbox.port, "sender": "临澜县科技局 <kjj@example.com>"}
    data = {"folder": tmp_path, "url": database_address}
    return load_settings(instance="own", data=data, matching={"way": "direct"}, mail=mail)


def _plan(address: str = "zhou@example.com", *, key: str = "1") -> Plan:
    context = {"title": "压铸模具涂层", "state": "returned", "reason": "缺少量化指标"}
    recipient = Recipient(person_id=None, address=address, name="周一诺")
    return Plan(kind="need_decided", key=key, recipient=recipient, context=context, link="/needs/1")


def _save(database: Database, settings: Settings, *plans: Plan) -> list[int]:
    with database.writing() as session:
        return [notices.save_plan(session, settings, plan) for plan in plans]


def _states(database: Database) -> list[tuple[str, NoticeState, int]]:
    with database.reading() as session:
        rows = session.execute(select(Notice.address, Notice.state, Notice.attempts).order_by(Notice.id))
        return [tuple(row) for row in rows]


def test_a_planned_mail_arrives_whole_and_is_marked_sent(
    database: Database, settings: Settings, postbox: Postbox
) -> None:
    _save(database, settings, _plan())

    assert notices.send_due(database, settings) == 1

    (letter,) = postbox.letters
    assert letter["Subject"] == "您的需求“压铸模具涂层”退回补充"
    assert letter["Message-ID"] == "<notice-1@example.com>"
    text = letter.get_body(("plain",)).get_content()
    assert "缺少量化指标" in text
    assert "周一诺，您好" in text
    assert _states(database) == [("zhou@example.com", NoticeState.SENT, 1)]


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH"])
def test_a_letter_says_what_its_calendar_file_wants_done(method: str) -> None:
    letter = Letter(
        key="k", address="zhou@example.com", subject="s", body="b", calendar=f"METHOD:{method}\r\n".encode()
    )

    parts = email.message_from_string(compose(letter, sender="kjj@example.com")).walk()

    assert [part.get_param("method") for part in parts if part.get_content_type() == "text/calendar"] == [
        method
    ]


def test_the_same_plan_twice_makes_one_notice(database: Database, settings: Settings) -> None:
    assert _save(database, settings, _plan(), _plan()) == [1, 0]


def test_a_recipient_that_does_not_exist_fails_once_and_only_once(
    database: Database, settings: Settings, postbox: Postbox
) -> None:
    postbox.answers["gone@example.com"] = "550 no such user"
    _save(database, settings, _plan("gone@example.com"), _plan("here@example.com"))

    notices.send_due(database, settings)
    notices.send_due(database, settings)

    assert _states(database) == [
        ("gone@example.com", NoticeState.DEAD, 1),
        ("here@example.com", NoticeState.SENT, 1),
    ]
    assert len(postbox.letters) == 1


def test_a_passing_failure_is_tried_again_later_and_given_up_after_five(
    database: Database, settings: Settings, postbox: Postbox
) -> None:
    postbox.answers["busy@example.com"] = "451 try later"
    _save(database, settings, _plan("busy@example.com"))
    start = clock.now()

    states = []
    for day in range(6):
        with time_machine.travel(start + timedelta(days=day), tick=False):
            notices.send_due(database, settings)
            states.append(_states(database)[0][1:])

    retry, dead = NoticeState.RETRY, NoticeState.DEAD
    assert states == [(retry, 1), (retry, 2), (retry, 3), (retry, 4), (dead, 5), (dead, 5)]


def test_a_server_that_is_away_costs_an_attempt_and_loses_nothing(
    database: Database, settings: Settings
) -> None:
    away = load_settings(
        instance="own", data=settings.data.model_dump(), mail={"host": "127.0.0.1", "port": 1}
    )
    _save(database, settings, _plan())

    assert notices.send_due(database, away) == 0

    assert _states(database) == [("zhou@example.com", NoticeState.RETRY, 1)]


def test_a_notice_caught_in_sending_goes_out_again_under_the_same_id(
    database: Database, settings: Settings, postbox: Postbox
) -> None:
    _save(database, settings, _plan())
    with database.writing() as session:
        notice = session.scalars(select(Notice)).one()
        notice.state, notice.attempts, notice.claimed_at = (
            NoticeState.SENDING,
            1,
            clock.now() - timedelta(hours=1),
        )

    with database.writing() as session:
        assert notices.rescue(session, older_than=timedelta(minutes=10)) == 1
    notices.send_due(database, settings)

    assert [letter["Message-ID"] for letter in postbox.letters] == ["<notice-1@example.com>"]
    assert _states(database) == [("zhou@example.com", NoticeState.SENT, 2)]


def test_a_decided_need_tells_its_enterprise_in_the_inbox_and_by_mail(
    database: Database, settings: Settings, people: People, postbox: Postbox
) -> None:
    with database.writing() as session:
        need = make_need(session, organisation_id=people.huaxing, status=NeedState.RETURNED)
        need.contact_id = people.huaxing_contact
        session.flush()
        outbox.record(session, SYSTEM, NeedDecided(need_id=need.id, to="returned", reason="请补充指标"))
    deliver_due(database, settings)

    with database.reading() as session:
        told = [(n.channel, n.user_id, n.state) for n in session.scalars(select(Notice).order_by(Notice.id))]
    assert told == [
        ("inbox", people.enterprise_user, NoticeState.SENT),
        ("mail", people.enterprise_user, NoticeState.NEW),
    ]


@pytest.mark.parametrize(("rule", "channels"), [("", ["inbox", "mail"]), ("名称和内容相同", ["inbox"])])
def test_a_firm_is_told_that_two_of_its_needs_are_one_and_that_they_are_two_again(
    database: Database, settings: Settings, people: People, rule: str, channels: list[str]
) -> None:
    with database.writing() as session:
        kept, gone = (
            make_need(session, organisation_id=people.huaxing, title=title).id for title in ("涂层", "防裂")
        )
        merge_id = merge(session, SYSTEM, kind="need", kept_id=kept, gone_id=gone, rule=rule).id
    deliver_due(database, settings)
    with database.writing() as session:
        undo_merge(session, SYSTEM, merge_id=merge_id)
    deliver_due(database, settings)

    with database.reading() as session:
        told = [
            (n.channel, n.user_id, n.subject) for n in session.scalars(select(Notice).order_by(Notice.id))
        ]
    subjects = ("您的两条需求合并成了一条：“涂层”", "您的两条需求又分开了：“涂层”和“防裂”")
    assert told == [
        (channel, people.enterprise_user, subject) for subject in subjects for channel in channels
    ]


@pytest.mark.parametrize(
    "text", ["科技局：1 2  3", "表情😀与 ascii mixed " * 9, "a\r\nBcc: x@y.z", "全角　空格"]
)
def test_a_subject_survives_the_wire_and_forges_no_header(text: str) -> None:
    parsed = email.message_from_string(
        f"Subject: {encoded_words(text)}\r\n\r\nbody", policy=email.policy.default
    )

    assert parsed["Subject"] == " ".join(text.split())
    assert parsed["Bcc"] is None


def test_a_reset_link_goes_to_its_recipient_and_is_not_kept(
    database: Database, settings: Settings, postbox: Postbox
) -> None:
    postbox.answers["gone@example.com"] = "550 no such user"
    for address in ("zhou@example.com", "gone@example.com"):
        words = {"address": "http://127.0.0.1/accounts/reset/secret-key"}
        recipient = Recipient(address=address, name="周一诺")
        plan = Plan(
            kind="password_reset", key=address, recipient=recipient, context=words, channels=("mail",)
        )
        _save(database, settings, plan)

    notices.send_due(database, settings)

    (letter,) = postbox.letters
    assert "secret-key" in letter.get_body(("plain",)).get_content()
    with database.writing() as session:
        kept = session.scalars(select(Notice).order_by(Notice.id)).all()
        assert [row.state for row in kept] == [NoticeState.SENT, NoticeState.DEAD]
        assert not any("secret-key" in row.body + row.html for row in kept)
        with pytest.raises(WrongState, match="不能重发"):
            notices.retry(session, notice_id=kept[1].id)
