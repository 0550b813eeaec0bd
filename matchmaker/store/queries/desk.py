"""What the desk reads: its steps, the meetings of the standing list, and who is asked and here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from matchmaker.domain.desk import Step, person_named
from matchmaker.domain.states import InvitationState, MeetingOutcome, PairingState
from matchmaker.store.tables import (
    Achievement,
    DeskStep,
    Invitation,
    Need,
    Organisation,
    Pairing,
    Person,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """One pairing of the standing list as the desk shows it; `slot` counts from 1."""

    pairing_id: int
    slot: int | None
    table: int | None
    status: PairingState
    outcome: MeetingOutcome | None
    outcome_by: str
    value: int
    need_id: int
    need: str
    enterprise_id: int
    enterprise: str
    contact: str
    achievement_id: int
    achievement: str
    expert_id: int | None
    owner_id: int | None
    expert: str
    expert_title: str
    home: str

    @property
    def expert_key(self) -> int:
        """The person on the achievement's side as the solver counts people."""
        return self.expert_id or -(self.owner_id or 0)

    @property
    def expert_name(self) -> str:
        """Whom to call: the expert, or the organisation that sends somebody."""
        return self.expert or self.home


def desk_rows(session: Session, list_id: int) -> list[DeskRow]:
    """Return the pairings of a list by slot and table; columns only, for the page is asked for often."""
    firm, home = aliased(Organisation), aliased(Organisation)
    contact, expert = aliased(Person), aliased(Person)
    rows = session.execute(
        select(
            Pairing.id,
            Pairing.slot,
            Pairing.table_number,
            Pairing.status,
            Pairing.outcome,
            Pairing.outcome_by,
            Pairing.value,
            Need.id,
            Need.title,
            firm.id,
            firm.name,
            func.coalesce(contact.name, ""),
            Achievement.id,
            Achievement.title,
            Pairing.expert_id,
            Achievement.organisation_id,
            func.coalesce(expert.name, ""),
            func.coalesce(expert.title, ""),
            func.coalesce(home.name, ""),
        )
        .join(Need, Need.id == Pairing.need_id)
        .join(firm, firm.id == Need.organisation_id)
        .outerjoin(contact, contact.id == Need.contact_id)
        .join(Achievement, Achievement.id == Pairing.achievement_id)
        .outerjoin(expert, expert.id == Pairing.expert_id)
        .outerjoin(home, home.id == Achievement.organisation_id)
        .where(Pairing.list_id == list_id)
        .order_by(Pairing.slot.is_(None), Pairing.slot, Pairing.table_number, Pairing.id)
    )
    names = tuple(DeskRow.__dataclass_fields__)
    return [DeskRow(**_by_name(names, row)) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestRow:
    """One invitation as the door sees it."""

    invitation_id: int
    organisation_id: int
    organisation: str
    person_id: int | None
    person: str
    role: str
    status: InvitationState
    came_at: datetime | None


def guest_rows(session: Session, event_id: int) -> list[GuestRow]:
    """Return everybody on the list of an event."""
    rows = session.execute(
        select(
            Invitation.id,
            Organisation.id,
            Organisation.name,
            Invitation.person_id,
            func.coalesce(Person.name, ""),
            Invitation.role,
            Invitation.status,
            Invitation.checked_in_at,
        )
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .outerjoin(Person, Person.id == Invitation.person_id)
        .where(Invitation.event_id == event_id)
        .order_by(Organisation.name, Person.name, Invitation.id)
    )
    names = tuple(GuestRow.__dataclass_fields__)
    return [GuestRow(**_by_name(names, row)) for row in rows]


def _by_name(names: Sequence[str], row: Iterable[Any]) -> dict[str, Any]:
    return dict(zip(names, row, strict=True))


def steps_of(session: Session, event_id: int) -> Sequence[DeskStep]:
    """Return everything that happened at an event's desk, in order, what was taken back included."""
    return session.scalars(
        select(DeskStep).where(DeskStep.event_id == event_id).order_by(DeskStep.number)
    ).all()


def standing_steps(rows: Sequence[DeskStep]) -> list[Step]:
    """Return the steps that hold, as the rules read them."""
    return [
        Step(
            number=row.number,
            kind=row.kind,
            who=person_named(row.who) if row.who else None,
            pairing_ids=tuple(row.details.get("pairings", ())),
            table=row.details.get("table"),
            first=row.details.get("first", 0),
            back=row.details.get("back"),
        )
        for row in rows
        if row.undone_by is None
    ]


def desk_mark(session: Session, event_id: int) -> tuple[int, int]:
    """Return the newest step's number and how many are checked in: what a page compares to be up to date."""
    newest = session.scalar(select(func.max(DeskStep.number)).where(DeskStep.event_id == event_id)) or 0
    here = session.scalar(
        select(func.count()).where(
            Invitation.event_id == event_id, Invitation.status == InvitationState.CHECKED_IN
        )
    )
    return newest, here or 0
