"""Invitations that mail programs take."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar

from matchmaker.files.calendars import Appointment, invitation

START = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
STAMP = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
MEETING = Appointment(
    uid="meeting-41@matchmaker",
    title="洽谈：青禾模具有限公司 × 青禾大学",
    starts_at=START,
    ends_at=START + timedelta(minutes=20),
    place="3 号桌",
    description="第一行\n第二行；含逗号,分号;",
    organiser_name="青禾县科技局",
    organiser_mail="kjj@example.cn",
    attendees=(("张三", "zhang@example.cn"), ("", "li@example.cn")),
    sequence=2,
)


def test_an_invitation_holds_the_meeting_in_local_time() -> None:
    calendar = icalendar.Calendar.from_ical(invitation(MEETING, stamped_at=STAMP))

    event = calendar.walk("VEVENT")[0]
    assert (str(calendar["METHOD"]), str(event["STATUS"]), int(event["SEQUENCE"])) == (
        "REQUEST",
        "CONFIRMED",
        2,
    )
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (MEETING.title, "3 号桌")
    assert str(event["DESCRIPTION"]) == MEETING.description
    assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert event.decoded("DTSTART") == START
    assert event.decoded("DTEND") == START + timedelta(minutes=20)
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert [str(attendee) for attendee in event["ATTENDEE"]] == [
        "mailto:zhang@example.cn",
        "mailto:li@example.cn",
    ]
    assert event["ORGANIZER"].params["CN"] == "青禾县科技局"


def test_lines_end_and_fold_as_mail_wants_them() -> None:
    content = invitation(MEETING, stamped_at=STAMP)

    assert content.endswith(b"END:VCALENDAR\r\n")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


def test_a_cancelled_meeting_is_taken_out_of_the_calendar() -> None:
    calendar = icalendar.Calendar.from_ical(invitation(replace(MEETING, cancelled=True), stamped_at=STAMP))

    assert (str(calendar["METHOD"]), str(calendar.walk("VEVENT")[0]["STATUS"])) == ("CANCEL", "CANCELLED")


def test_the_same_meeting_gives_the_same_bytes() -> None:
    assert invitation(MEETING, stamped_at=STAMP) == invitation(MEETING, stamped_at=STAMP)


def test_a_name_cannot_add_a_line_of_its_own() -> None:
    hostile = replace(
        MEETING, title="会\r\nATTENDEE:mailto:evil@example.cn", attendees=(("王\r\nX:y", "w@example.cn"),)
    )

    lines = invitation(hostile, stamped_at=STAMP).replace(b"\r\n ", b"").split(b"\r\n")

    assert not [line for line in lines if line.startswith((b"ATTENDEE:mailto:evil", b"X:"))]
