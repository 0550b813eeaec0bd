"""An event of the sample that is running right now, so that its desk can be tried at any hour."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.demo.rows import Book
from matchmaker.domain.states import EventState, InvitationState, PairingState
from matchmaker.services.event_items import NEEDS_FOR_EVENTS
from matchmaker.store.queries.pairings import seats_of
from matchmaker.store.tables import (
    Campaign,
    Event,
    EventItem,
    Invitation,
    Need,
    Pairing,
    PairingList,
    Theme,
)

_THEMES = ("electronics", "new_material", "equipment")
_MINUTES, _SLOTS, _TABLES = 20, 9, 8
_PER_FIRM = 3
_FIGURES = {"tables": _TABLES, "slots": _SLOTS, "per_enterprise": _PER_FIRM + 1, "per_expert": 6}


def load_today(session: Session, book: Book) -> None:
    """Add an event whose second slot is running: a published list, some guests here, some not yet."""
    event = _event(session, book)
    achievements = _achievements(session, book)
    needs = _needs(session, book)[: len(achievements)]
    for kind, ids in (("need", [need.id for need in needs]), ("achievement", achievements)):
        session.add_all(
            EventItem(event_id=event.id, subject_kind=kind, subject_id=key, added_by="hand") for key in ids
        )
    _invite(session, event, needs, achievements)
    _pair(session, event, needs, achievements)


def _event(session: Session, book: Book) -> Event:
    minutes = clock.now().minute % _MINUTES + _MINUTES
    begins = (clock.now() - timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    campaign_id = session.scalars(select(Campaign.id).order_by(Campaign.id.desc())).first()
    row = Event(
        campaign_id=campaign_id,
        theme_id=session.scalar(select(Theme.id).where(Theme.slug == _THEMES[0])),
        kind="themed",
        title="电子信息与新材料现场对接（正在进行）",
        status=EventState.OPEN,
        held_on=clock.local(begins).date(),
        starts_at=begins,
        venue="县科技服务大厅一楼",
        town="",
        capacity=60,
        slot_minutes=_MINUTES,
        description="示例：活动正在进行，可以试用“现场”里的签到、缺席、迟到和换桌。",
        created_at=book.moment(-20),
        **_FIGURES,
    )
    session.add(row)
    session.flush()
    return row


def _needs(session: Session, book: Book) -> list[Need]:
    """Return one open need per firm of the themes."""
    ids = [key for key, theme in book.themes_of.items() if theme in _THEMES]
    rows = session.scalars(
        select(Need)
        .where(Need.id.in_(ids), Need.status.in_(NEEDS_FOR_EVENTS), Need.contact_id.is_not(None))
        .order_by(Need.id)
    )
    return list({row.organisation_id: row for row in rows}.values())[:_TABLES]


def _achievements(session: Session, book: Book) -> list[int]:
    """Return one achievement per expert of the themes."""
    folder = Path(__file__).parent / "achievements"
    keys = [
        entry["key"]
        for theme in _THEMES
        for entry in json.loads((folder / f"{theme}.json").read_text(encoding="utf-8"))
    ]
    seats = seats_of(session, [book.achievements[key] for key in keys])
    first = {seat.key: key for key, seat in sorted(seats.items(), reverse=True) if seat.person_id is not None}
    return sorted(first.values())[:_TABLES]


def _invite(session: Session, event: Event, needs: list[Need], achievements: list[int]) -> None:
    seats = seats_of(session, achievements)
    guests = [
        *((need.organisation_id, need.contact_id, "enterprise") for need in needs),
        *((seats[key].organisation_id, seats[key].person_id, "expert") for key in achievements),
    ]
    for place, (organisation_id, person_id, role) in enumerate(guests):
        here = place % 4 != 3
        session.add(
            Invitation(
                event_id=event.id,
                organisation_id=organisation_id,
                person_id=person_id,
                role=role,
                status=InvitationState.CHECKED_IN if here else InvitationState.ACCEPTED,
                invited_at=event.starts_at - timedelta(days=7),
                checked_in_at=event.starts_at - timedelta(minutes=20 - place) if here else None,
            )
        )


def _pair(session: Session, event: Event, needs: list[Need], achievements: list[int]) -> None:
    """Publish a list in which each firm meets one expert per round, at its own table."""
    listed = PairingList(
        event_id=event.id,
        number=1,
        published_at=event.starts_at - timedelta(days=3),
        settings=dict(_FIGURES),
        result=_result(len(needs)),
        created_at=event.starts_at - timedelta(days=4),
    )
    session.add(listed)
    session.flush()
    seats = seats_of(session, achievements)
    for round_number in range(_PER_FIRM):
        for place, need in enumerate(needs):
            key = achievements[(place + round_number) % len(achievements)]
            session.add(
                Pairing(
                    list_id=listed.id,
                    event_id=event.id,
                    need_id=need.id,
                    achievement_id=key,
                    expert_id=seats[key].person_id,
                    value=6000,
                    reason="示例安排",
                    status=PairingState.INVITED,
                    slot=round_number * 2 + 1 + place % 2,
                    table_number=place + 1,
                )
            )


def _result(firms: int) -> dict[str, Any]:
    """Return what a drawn list remembers; this one was put together by hand, so nothing is proved."""
    return {
        "served": firms,
        "enterprises": firms,
        "meetings": firms * _PER_FIRM,
        "seats": _TABLES * _SLOTS,
        "total_value": firms * _PER_FIRM * 6000,
        "unserved": [],
        "left_out": [],
        "price": None,
        "certificate": {"checked": False, "note": "示例名单由人工排定", "faults": []},
        "timetable": {"proved": False, "unplaced": [], "warnings": []},
        "firms": [],
        "experts": [],
        "options": [],
    }
