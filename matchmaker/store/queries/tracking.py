"""What the ledgers, the to-do list and the board read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from matchmaker.domain.figures import AgreementFact, ContractFact, IntentFact
from matchmaker.domain.states import (
    AchievementState,
    ApprovalState,
    EventState,
    Grade,
    InvitationState,
    MatchState,
    MeetingOutcome,
    NeedState,
    NoticeState,
    PairingState,
    UploadState,
)
from matchmaker.store.queries.pairings import published_list, standing_list_ids
from matchmaker.store.queries.withdrawals import withdrawn_now
from matchmaker.store.tables import (
    Achievement,
    Agreement,
    Campaign,
    Debt,
    Event,
    EventItem,
    Intent,
    Invitation,
    Match,
    Need,
    Notice,
    Organisation,
    Pairing,
    TechContract,
    Theme,
    Upload,
    User,
)

_HELD_TALKS = (PairingState.MET, PairingState.INTENDED, PairingState.SIGNED, PairingState.LAPSED)
_NOT_COUNTED = (
    NeedState.DRAFT,
    NeedState.RETURNED,
    NeedState.DUPLICATE,
    NeedState.WITHDRAWN,
    NeedState.SPLIT,  # its parts are counted, one each
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """An intention, agreement or contract on the board of rungs."""

    rung: str
    row_id: int
    title: str
    enterprise: str
    partner: str
    on: date | None
    amount_fen: int | None
    state: str
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtLine:
    """Something owed, with words for the list. `unasked`: who owes it withdrew and is not reminded."""

    debt: Debt
    title: str
    organisation: str
    days_late: int
    unasked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TownLine:
    """A town's share: needs collected, meetings, intents."""

    town: str
    needs: int


def intent_facts(session: Session) -> list[IntentFact]:
    """Return every intention as the rules count it."""
    rows = session.execute(select(Intent.id, Intent.level, Intent.reached_on).order_by(Intent.id))
    return [IntentFact(intent_id=i, level=level, reached_on=on) for i, level, on in rows]


def agreement_facts(session: Session) -> list[AgreementFact]:
    """Return everything signed as the rules count it."""
    rows = session.execute(select(Agreement.id, Agreement.kind, Agreement.signed_on).order_by(Agreement.id))
    return [AgreementFact(agreement_id=i, kind=kind, signed_on=on) for i, kind, on in rows]


def contract_facts(session: Session) -> list[ContractFact]:
    """Return every contract as the rules count it."""
    rows = session.scalars(select(TechContract).order_by(TechContract.id))
    return [
        ContractFact(
            contract_id=row.id,
            status=row.status,
            direction=row.direction,
            total_fen=row.amount_total_fen,
            tech_fen=row.amount_tech_fen,
            signed_on=row.signed_on,
            registered_on=row.registered_on,
            registration_no=row.registration_no,
        )
        for row in rows
    ]


def deals(session: Session, *, search: str = "") -> list[Deal]:
    """Return intentions, agreements and contracts, each once, newest first within its rung."""
    late = {
        (debt.kind, debt.subject_id) for debt in session.scalars(select(Debt).where(Debt.closed_at.is_(None)))
    }
    found = [*_intent_deals(session, late), *_agreement_deals(session), *_contract_deals(session, late)]
    words = search.split()
    return [d for d in found if all(w in f"{d.title}{d.enterprise}{d.partner}" for w in words)]


def _intent_deals(session: Session, late: set[tuple[str, int]]) -> list[Deal]:
    firm, partner = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        select(Intent, firm.name, partner.name)
        .join(firm, firm.id == Intent.enterprise_id)
        .join(partner, partner.id == Intent.partner_id)
        .order_by(Intent.last_news_on.desc(), Intent.id.desc())
    )
    return [
        Deal(
            rung="intent",
            row_id=row.id,
            title=row.matter,
            enterprise=ours,
            partner=theirs,
            on=row.reached_on,
            amount_fen=row.amount_fen,
            state=row.level.value,
            overdue=("intent_news", row.id) in late,
        )
        for row, ours, theirs in rows
    ]


def _agreement_deals(session: Session) -> list[Deal]:
    firm, partner = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        select(Agreement, firm.name, partner.name)
        .join(firm, firm.id == Agreement.enterprise_id)
        .join(partner, partner.id == Agreement.partner_id)
        .order_by(Agreement.signed_on.desc(), Agreement.id.desc())
    )
    return [
        Deal(
            rung="agreement",
            row_id=row.id,
            title=row.title,
            enterprise=ours,
            partner=theirs,
            on=row.signed_on,
            amount_fen=row.amount_fen,
            state=row.kind.value,
            overdue=False,
        )
        for row, ours, theirs in rows
    ]


def _contract_deals(session: Session, late: set[tuple[str, int]]) -> list[Deal]:
    buyer, seller = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        select(TechContract, buyer.name, seller.name)
        .join(buyer, buyer.id == TechContract.buyer_id)
        .join(seller, seller.id == TechContract.seller_id)
        .order_by(TechContract.signed_on.desc(), TechContract.id.desc())
    )
    return [
        Deal(
            rung="registered" if row.registration_no else "contract",
            row_id=row.id,
            title=row.title,
            enterprise=ours,
            partner=theirs,
            on=row.registered_on or row.signed_on,
            amount_fen=row.amount_tech_fen if row.registration_no else row.amount_total_fen,
            state=row.status.value,
            overdue=("registration", row.id) in late,
        )
        for row, ours, theirs in rows
    ]


def open_debts(session: Session, *, today: date) -> list[DebtLine]:
    """Return what is owed, longest first."""
    rows = session.execute(
        select(Debt, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Debt.organisation_id)
        .where(Debt.closed_at.is_(None))
        .order_by(Debt.due_on, Debt.id)
    ).all()
    debts = [debt for debt, _ in rows]
    titles, unasked = _debt_titles(session, debts), _unasked(session, debts)
    return [
        DebtLine(
            debt=debt,
            title=titles.get((debt.kind, debt.subject_id), ""),
            organisation=name or "",
            days_late=(today - debt.due_on).days,
            unasked=debt.id in unasked,
        )
        for debt, name in rows
    ]


def _unasked(session: Session, debts: Sequence[Debt]) -> set[int]:
    """Return the debts of which nobody is reminded: the contact withdrew, and so did every account."""
    withdrawn = withdrawn_now(session)
    if not withdrawn:
        return set()
    speaking = set(
        session.scalars(
            select(User.organisation_id).where(
                User.active, User.status == ApprovalState.APPROVED, User.id.not_in(withdrawn.users)
            )
        )
    )
    return {
        debt.id
        for debt in debts
        if debt.organisation_id not in speaking
        and (debt.person_id in withdrawn.people or debt.organisation_id in withdrawn.houses)
    }


def _debt_titles(session: Session, debts: Sequence[Debt]) -> dict[tuple[str, int], str]:
    def ids(kind: str) -> list[int]:
        return [debt.subject_id for debt in debts if debt.kind == kind]

    found: dict[tuple[str, int], str] = {}
    talks = (
        select(Pairing.id, Need.title)
        .join(Need, Need.id == Pairing.need_id)
        .where(Pairing.id.in_(ids("outcome")))
    )
    found |= {("outcome", i): title for i, title in session.execute(talks)}
    matters = select(Intent.id, Intent.matter).where(Intent.id.in_(ids("intent_news")))
    found |= {("intent_news", i): title for i, title in session.execute(matters)}
    papers = select(TechContract.id, TechContract.title).where(TechContract.id.in_(ids("registration")))
    return found | {("registration", i): title for i, title in session.execute(papers)}


def waiting_counts(session: Session) -> dict[str, int]:
    """Return how many things of each kind wait for the organiser."""

    def count(*conditions: object) -> int:
        return session.scalar(select(func.count()).where(*conditions)) or 0  # type: ignore[arg-type]

    return {
        "needs": count(Need.status == NeedState.SUBMITTED),
        "achievements": count(Achievement.status == AchievementState.SUBMITTED),
        "accounts": count(User.status == ApprovalState.WAITING),
        "uploads": count(Upload.state.in_((UploadState.PREVIEWED, UploadState.ASKING))),
        "matches": count(
            Match.current,
            Match.status == MatchState.PROPOSED,
            Match.grade.in_((Grade.STRONG, Grade.FAIR)),
        ),
        "invitations": count(Invitation.status == InvitationState.INVITED),
        "debts": count(Debt.closed_at.is_(None)),
        "contracts": count(TechContract.registration_no.is_(None)),
        "notices": count(Notice.state == NoticeState.DEAD),
    }


def current_campaign(session: Session, *, today: date) -> Campaign | None:
    """Return the campaign that runs today, else the newest."""
    running = select(Campaign).where(Campaign.starts_on <= today, Campaign.ends_on >= today)
    return (
        session.scalars(running.order_by(Campaign.id.desc())).first()
        or session.scalars(select(Campaign).order_by(Campaign.id.desc())).first()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """An event with what is ready."""

    event: Event
    theme: str
    invited: int
    accepted: int
    needs: int
    pairings: int


def event_lines(
    session: Session, *, first_day: date | None = None, last_day: date | None = None
) -> list[EventLine]:
    """Return events between two days, in their order, with counts of people, needs and pairings."""
    wanted = select(Event, Theme.name).outerjoin(Theme, Theme.id == Event.theme_id)
    if first_day:
        wanted = wanted.where(Event.held_on >= first_day)
    if last_day:
        wanted = wanted.where(Event.held_on <= last_day)
    rows = session.execute(wanted.order_by(Event.held_on, Event.id)).all()
    ids = [event.id for event, _ in rows]
    guests = (
        select(Invitation.event_id, func.count())
        .where(Invitation.event_id.in_(ids))
        .group_by(Invitation.event_id)
    )
    yes = (InvitationState.ACCEPTED, InvitationState.CHECKED_IN)
    invited, accepted = (
        _per_event(session, guests),
        _per_event(session, guests.where(Invitation.status.in_(yes))),
    )
    needs = _per_event(
        session,
        select(EventItem.event_id, func.count())
        .where(EventItem.event_id.in_(ids), EventItem.subject_kind == "need")
        .group_by(EventItem.event_id),
    )
    pairings = _per_event(
        session,
        select(
            Pairing.event_id, func.count(func.distinct(Pairing.need_id * 1_000_000 + Pairing.achievement_id))
        )
        .where(
            Pairing.event_id.in_(ids),
            Pairing.list_id.in_(standing_list_ids(session)),
            Pairing.status != PairingState.REJECTED,
        )
        .group_by(Pairing.event_id),
    )
    return [
        EventLine(
            event=event,
            theme=theme or "",
            invited=invited.get(event.id, 0),
            accepted=accepted.get(event.id, 0),
            needs=needs.get(event.id, 0),
            pairings=pairings.get(event.id, 0),
        )
        for event, theme in rows
    ]


def _per_event(session: Session, query: Select[int, int]) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(query)}


def held_days(session: Session, campaign_id: int) -> list[tuple[date, EventState, str]]:
    """Return (day, state, kind) of a campaign's events, in their order."""
    rows = session.execute(
        select(Event.held_on, Event.status, Event.kind)
        .where(Event.campaign_id == campaign_id, Event.status != EventState.CANCELLED)
        .order_by(Event.held_on, Event.id)
    )
    return [(day, state, kind) for day, state, kind in rows]


def funnel_counts(session: Session) -> dict[str, int]:
    """Return distinct counts from collected needs to meetings held, as config/metrics.json defines them."""

    def count(*conditions: object) -> int:
        return session.scalar(select(func.count()).where(*conditions)) or 0  # type: ignore[arg-type]

    talks = select(Pairing.need_id, Pairing.achievement_id, Pairing.event_id).where(
        Pairing.status.in_(_HELD_TALKS),
        # without a word about it, or with a no-show, a lapsed meeting was never held
        or_(
            Pairing.status != PairingState.LAPSED,
            Pairing.outcome.not_in((MeetingOutcome.NO_SHOW,)),
        ),
        Pairing.list_id.in_(standing_list_ids(session)),
    )
    return {
        "needs_collected": count(Need.accepted_at.is_not(None), Need.status.not_in(_NOT_COUNTED)),
        "needs_published": count(Need.published_at.is_not(None), Need.status.not_in(_NOT_COUNTED)),
        "achievements": count(
            Achievement.status.in_((AchievementState.ACCEPTED, AchievementState.PUBLISHED))
        ),
        "meetings": session.scalar(select(func.count()).select_from(talks.distinct().subquery())) or 0,
        "solved": count(Need.status == NeedState.SOLVED, Need.solved_confirmed_by != ""),
    }


def needs_by_town(session: Session) -> list[TownLine]:
    """Return towns by their collected needs, most first."""
    rows = session.execute(
        select(Need.town, func.count())
        .where(Need.accepted_at.is_not(None), Need.status.not_in(_NOT_COUNTED), Need.town != "")
        .group_by(Need.town)
        .order_by(func.count().desc(), Need.town)
    )
    return [TownLine(town=town, needs=number) for town, number in rows]


def talks_of_event(session: Session, event_id: int) -> list[tuple[Pairing, str, str, str]]:
    """Return an event's meetings of the list that holds: (pairing, need, firm, achievement)."""
    standing = published_list(session, event_id)
    rows = session.execute(
        select(Pairing, Need.title, Organisation.name, Achievement.title)
        .join(Need, Need.id == Pairing.need_id)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .join(Achievement, Achievement.id == Pairing.achievement_id)
        .where(
            Pairing.list_id == (standing.id if standing else None), Pairing.status != PairingState.REJECTED
        )
        .order_by(Pairing.slot, Pairing.table_number, Pairing.id)
    )
    return [(pairing, need, firm, achievement) for pairing, need, firm, achievement in rows]


def week_around(today: date) -> tuple[date, date]:
    """Return today and the day two weeks on: what the board calls the next events."""
    return today, today + timedelta(days=14)
