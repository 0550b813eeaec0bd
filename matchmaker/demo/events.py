"""Writes the sample campaign's events, with what is presented there and who is invited."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.demo.rows import Book
from matchmaker.domain.states import EventState, InvitationState
from matchmaker.store.tables import Campaign, Event, EventItem, Invitation, Person, Theme


def load_events(session: Session, book: Book, plan: dict[str, Any]) -> None:
    """Write the campaign and its events, each with its items and invitations."""
    campaign = _campaign(session, book, plan["campaign"])
    themes = {theme.slug: theme.id for theme in session.scalars(select(Theme))}
    states = {"held": EventState.HELD, "open": EventState.OPEN, "planned": EventState.DRAFT}
    for entry in plan["events"]:
        hour, minute = map(int, entry["start_time"].split(":"))
        held_on = book.day(entry["day"])
        row = Event(
            campaign_id=campaign.id,
            theme_id=themes.get(entry.get("theme") or ""),
            kind=entry["kind"],
            title=entry["title"],
            status=states[entry["status"]],
            held_on=held_on,
            starts_at=clock.from_local(held_on, hour, minute),
            venue=entry["venue"],
            town=entry["town"],
            capacity=entry["capacity"],
            tables=entry["tables"],
            slots=entry["slots"],
            slot_minutes=entry["slot_minutes"],
            per_enterprise=entry["max_meetings_per_enterprise"],
            per_expert=entry["max_meetings_per_expert"],
            description=entry.get("summary") or "",
            created_at=book.moment(-80),
        )
        session.add(row)
        session.flush()
        book.events[entry["key"]] = row.id
        _items(session, book, row, entry)
        _invitations(session, book, row, entry)


def _campaign(session: Session, book: Book, entry: dict[str, Any]) -> Campaign:
    row = Campaign(
        name=entry["title"],
        slogan=entry["slogan"],
        starts_on=book.day(entry["start_day"]),
        ends_on=book.day(entry["end_day"]),
        target_events=entry["goals"]["events"],
        target_intents=entry["goals"]["intents"],
        target_contracts=8,
        created_at=book.moment(-90),
    )
    session.add(row)
    session.flush()
    return row


def _items(session: Session, book: Book, event: Event, entry: dict[str, Any]) -> None:
    presented = {book.achievements[key] for key in entry["presented"]}
    for need_key in entry["needs"]:
        session.add(
            EventItem(
                event_id=event.id, subject_kind="need", subject_id=book.needs[need_key], added_by="hand"
            )
        )
    held = event.status is EventState.HELD
    for achievement_id in sorted(presented):
        session.add(
            EventItem(
                event_id=event.id,
                subject_kind="achievement",
                subject_id=achievement_id,
                added_by="hand",
                presented=held,
            )
        )


def _invitations(session: Session, book: Book, event: Event, entry: dict[str, Any]) -> None:
    attended = set(entry.get("attended_people") or ())
    for key in entry["people"]:
        person = session.get_one(Person, book.people[key])
        if person.organisation_id is None or book.roles[key] not in ("enterprise", "expert"):
            continue
        session.add(
            Invitation(
                event_id=event.id,
                organisation_id=person.organisation_id,
                person_id=person.id,
                role=book.roles[key],
                status=_answer(event, attended=key in attended),
                invited_at=event.starts_at - timedelta(days=14)
                if event.status is not EventState.DRAFT
                else None,
                checked_in_at=event.starts_at
                if key in attended and event.status is EventState.HELD
                else None,
            )
        )


def _answer(event: Event, *, attended: bool) -> InvitationState:
    if event.status is EventState.HELD:
        return InvitationState.CHECKED_IN if attended else InvitationState.ABSENT
    return InvitationState.INVITED if event.status is EventState.OPEN else InvitationState.PLANNED
