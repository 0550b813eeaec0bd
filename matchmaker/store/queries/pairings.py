"""What drawing, showing and handing out a pairing list reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from matchmaker.domain.disclosure import NeedFaces
from matchmaker.domain.states import (
    NEEDS_OPEN_FOR_MATCHING,
    InvitationState,
    MeetingOutcome,
    PairingState,
)
from matchmaker.store.queries.firm_codes import codes_of
from matchmaker.store.queries.needs import faces_of
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    Event,
    EventItem,
    Invitation,
    Match,
    Need,
    Organisation,
    Pairing,
    PairingList,
    Person,
    User,
)

_MET = (PairingState.MET, PairingState.INTENDED, PairingState.SIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who sits on the achievement's side: its first maker, else its contact, else its organisation.

    `key` is the person's id; for an organisation without a person it is the organisation's id
    with a minus, so that the two cannot be confused.
    """

    key: int
    person_id: int | None
    organisation_id: int | None
    name: str
    title: str
    organisation: str
    kind: str
    university: str


def seats_of(session: Session, achievement_ids: Iterable[int]) -> dict[int, Seat]:
    """Return achievement id → who comes for it; achievements without anybody are left out."""
    ids = sorted(set(achievement_ids))
    parent = aliased(Organisation)
    rows = session.execute(
        select(Achievement.id, Achievement.contact_id, Organisation, parent.name)
        .outerjoin(Organisation, Organisation.id == Achievement.organisation_id)
        .outerjoin(parent, parent.id == Organisation.parent_id)
        .where(Achievement.id.in_(ids))
        .order_by(Achievement.id)
    ).all()
    makers = _first_makers(session, ids)
    wanted = {makers.get(row.id, row.contact_id) for row in rows}
    ids_wanted = [key for key in wanted if key is not None]
    people = {row.id: row for row in session.scalars(select(Person).where(Person.id.in_(ids_wanted)))}
    seats = {
        key: _seat(people.get(makers.get(key, contact_id) or 0), organisation, university)
        for key, contact_id, organisation, university in rows
    }
    return {key: seat for key, seat in seats.items() if seat is not None}


def _first_makers(session: Session, ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(AchievementPerson.achievement_id, AchievementPerson.person_id)
        .where(AchievementPerson.achievement_id.in_(ids))
        .order_by(
            AchievementPerson.achievement_id,
            AchievementPerson.place.desc(),
            AchievementPerson.person_id.desc(),
        )
    )
    return {row.achievement_id: row.person_id for row in rows}  # the lowest place comes last


def _seat(person: Person | None, organisation: Organisation | None, university: str | None) -> Seat | None:
    home, kind = (organisation.name, organisation.kind.value) if organisation else ("", "")
    if person is not None:
        return Seat(
            key=person.id,
            person_id=person.id,
            organisation_id=organisation.id if organisation else person.organisation_id,
            name=person.name,
            title=person.title,
            organisation=home,
            kind=kind,
            university=university or home,
        )
    if organisation is None:
        return None
    return Seat(
        key=-organisation.id,
        person_id=None,
        organisation_id=organisation.id,
        name=home,
        title="",
        organisation=home,
        kind=kind,
        university=university or home,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an event's list, for the row of versions."""

    list_id: int
    number: int
    published: bool
    pairs: int
    made_by: str
    row: PairingList


def versions_of(session: Session, event_id: int) -> list[Version]:
    """Return the versions of an event's list, newest first."""
    rows = session.execute(
        select(PairingList, func.coalesce(User.name, ""), func.count(Pairing.id))
        .outerjoin(User, User.id == PairingList.created_by_id)
        .outerjoin(Pairing, Pairing.list_id == PairingList.id)
        .where(PairingList.event_id == event_id)
        .group_by(PairingList.id, User.name)
        .order_by(PairingList.number.desc())
    )
    return [
        Version(
            list_id=row.id,
            number=row.number,
            published=row.published_at is not None,
            pairs=pairs,
            made_by=made_by,
            row=row,
        )
        for row, made_by, pairs in rows
    ]


def published_list(session: Session, event_id: int) -> PairingList | None:
    """Return the list that holds for an event: the newest published version."""
    return session.scalars(
        select(PairingList)
        .where(PairingList.event_id == event_id, PairingList.published_at.is_not(None))
        .order_by(PairingList.number.desc())
        .limit(1)
    ).first()


def list_before(session: Session, list_id: int) -> PairingList | None:
    """Return the version that had been published before another one of its event."""
    row = session.get_one(PairingList, list_id)
    return session.scalars(
        select(PairingList)
        .where(
            PairingList.event_id == row.event_id,
            PairingList.published_at.is_not(None),
            PairingList.number < row.number,
        )
        .order_by(PairingList.number.desc())
        .limit(1)
    ).first()


def standing_list_ids(session: Session) -> list[int]:
    """Return of every event the list that holds; older versions are history and must not be counted."""
    newest = (
        select(PairingList.event_id, func.max(PairingList.number).label("number"))
        .where(PairingList.published_at.is_not(None))
        .group_by(PairingList.event_id)
        .subquery()
    )
    return list(
        session.scalars(
            select(PairingList.id)
            .join(
                newest, (newest.c.event_id == PairingList.event_id) & (newest.c.number == PairingList.number)
            )
            .order_by(PairingList.id)
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingLine:
    """One pairing with everything that a list, a paper or a notice says of it."""

    pairing: Pairing
    need: Need
    enterprise: Organisation
    need_contact: Person | None
    achievement: Achievement
    seat: Seat | None
    expert: Person | None
    match: Match | None
    faces: NeedFaces

    @property
    def id(self) -> int:
        """The pairing's id, for lists."""
        return self.pairing.id

    @property
    def expert_key(self) -> int:
        """The person on the achievement's side as the solver counts people."""
        return self.pairing.expert_id or -(self.achievement.organisation_id or 0)

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """Why the two fit, as the match says it."""
        return self.match.reasons if self.match else []


def pairing_lines(
    session: Session, *, list_id: int | None = None, ids: Sequence[int] | None = None
) -> list[PairingLine]:
    """Return pairings by list or by id: as somebody ordered them, else by slot and table, then enterprise."""
    contact, expert = aliased(Person), aliased(Person)
    wanted = (
        select(Pairing, Need, Organisation, contact, Achievement, expert, Match)
        .join(Need, Need.id == Pairing.need_id)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .outerjoin(contact, contact.id == Need.contact_id)
        .join(Achievement, Achievement.id == Pairing.achievement_id)
        .outerjoin(expert, expert.id == Pairing.expert_id)
        .outerjoin(Match, Match.id == Pairing.match_id)
        .order_by(
            Pairing.place.is_(None),
            Pairing.place,
            Pairing.slot.is_(None),
            Pairing.slot,
            Pairing.table_number,
            Organisation.name,
            Need.id,
            Pairing.id,
        )
    )
    if list_id is not None:
        wanted = wanted.where(Pairing.list_id == list_id)
    if ids is not None:
        wanted = wanted.where(Pairing.id.in_(ids))
    rows = session.execute(wanted).all()
    seats = seats_of(session, {row[4].id for row in rows})
    codes = codes_of(session, {row[0].event_id for row in rows})
    return [
        PairingLine(
            pairing=pairing,
            need=need,
            enterprise=firm,
            need_contact=need_contact,
            achievement=achievement,
            seat=seats.get(achievement.id),
            expert=person,
            match=match,
            faces=faces_of(need, firm, trade=trade_of(need), code=codes.get((pairing.event_id, firm.id), "")),
        )
        for pairing, need, firm, need_contact, achievement, person, match in rows
    ]


def trade_of(need: Need) -> str:
    """Return the trade by which a masked firm is described."""
    return need.field_text.split("、")[0][:12] if need.field_text else ""


def met_before(session: Session, *, event_id: int) -> dict[tuple[int, int], str]:
    """Return (need id, expert key) → event title of meetings that other events have brought about."""
    happened = Pairing.status.in_(_MET) | Pairing.outcome.in_(
        [outcome for outcome in MeetingOutcome if outcome is not MeetingOutcome.NO_SHOW]
    )
    rows = session.execute(
        select(Pairing.need_id, Pairing.expert_id, Achievement.organisation_id, Event.title)
        .join(Achievement, Achievement.id == Pairing.achievement_id)
        .join(Event, Event.id == Pairing.event_id)
        .where(Pairing.event_id != event_id, happened)
        .order_by(Pairing.id)
    )
    return {
        (need_id, expert_id or -(organisation_id or 0)): title
        for need_id, expert_id, organisation_id, title in rows
    }


def declined_here(session: Session, *, event_id: int) -> dict[tuple[int, int], str]:
    """Return (need id, expert key) → note of meetings that one side turned down for this event.

    Who said no to a meeting is not asked again by way of another achievement of the same person.
    """
    rows = session.execute(
        select(Pairing.need_id, Pairing.expert_id, Achievement.organisation_id, Pairing.answer_note)
        .join(Achievement, Achievement.id == Pairing.achievement_id)
        .where(Pairing.event_id == event_id, Pairing.status == PairingState.DECLINED)
        .order_by(Pairing.id)
    )
    return {
        (need_id, expert_id or -(organisation_id or 0)): note
        for need_id, expert_id, organisation_id, note in rows
    }


def declined_experts(session: Session, event_id: int) -> set[int]:
    """Return the keys of the experts who said that they will not come, or did not."""
    rows = session.scalars(
        select(Invitation).where(
            Invitation.event_id == event_id,
            Invitation.role == "expert",
            Invitation.status.in_((InvitationState.DECLINED, InvitationState.ABSENT)),
        )
    )
    return {row.person_id or -row.organisation_id for row in rows}


def waiting_for_proposals(session: Session, event_id: int) -> int:
    """Count the needs on an event's table whose proposals are still to be computed."""
    wanted = (
        select(func.count())
        .select_from(Need)
        .join(EventItem, (EventItem.subject_kind == "need") & (EventItem.subject_id == Need.id))
        .where(
            EventItem.event_id == event_id,
            Need.status.in_(NEEDS_OPEN_FOR_MATCHING),
            Need.proposed_version.is_(None) | (Need.proposed_version != Need.text_version),
        )
    )
    return session.scalar(wanted) or 0


def titles_of(
    session: Session, *, need_ids: Iterable[int], achievement_ids: Iterable[int]
) -> tuple[Mapping[int, str], Mapping[int, str]]:
    """Return the titles of needs and of achievements by id."""
    needs = session.execute(select(Need.id, Need.title).where(Need.id.in_(sorted(set(need_ids)))))
    achievements = session.execute(
        select(Achievement.id, Achievement.title).where(Achievement.id.in_(sorted(set(achievement_ids))))
    )
    return {row.id: row.title for row in needs}, {row.id: row.title for row in achievements}
