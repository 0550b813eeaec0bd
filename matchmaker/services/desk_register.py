"""Enterprises at the door whose need nobody had written down: taken down once, and corrected."""

from dataclasses import dataclass, fields, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.domain.identifiers import normal_title
from matchmaker.domain.needs import NeedDraft, check_need
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem, errors
from matchmaker.domain.states import ConsentScope, NeedState, OrganisationKind
from matchmaker.errors import InvalidInput, NotFound, WrongState
from matchmaker.services.consents import agree_again, standing_consents
from matchmaker.services.desk import open_desk
from matchmaker.services.desk_repair import Mishap
from matchmaker.services.event_items import NEEDS_FOR_EVENTS, add_item
from matchmaker.services.needs import decide_need, post_need, revise_need
from matchmaker.services.organisations import find_or_create_organisation
from matchmaker.services.secrecy import secrecy_words
from matchmaker.store.tables import Achievement, Consent, EventItem, Need, Organisation, Pairing, Person, User

_HERE = "event"  # need_source: written down at an event
_SEATED = "这家企业的洽谈已经安排，单位名称不能再改。请先撤销现场加入，再改单位。"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGuest:
    """An enterprise at the door whose need nobody had written down. `agreed`: they said yes to the notice."""

    organisation: str
    person: str
    phone: str
    title: str
    problem: str
    agreed: bool


def register_need(
    session: Session, actor: Actor, *, event_id: int, guest: NewGuest, need_id: int | None = None
) -> Need:
    """Write down an enterprise and its need, accepted at once, and put it on the event's table.

    The same form sent again (a double click, a page loaded anew) is the need of the first time; what
    the form says differently now is corrected there. `need_id`: the need that this form wrote before.
    Raises InvalidInput with every problem, NotFound, WrongState.
    """
    desk = open_desk(session, actor, event_id, writing=True)
    draft = _draft(guest)
    _refuse(guest, draft)
    firm = find_or_create_organisation(
        session, actor, name=guest.organisation, kind=OrganisationKind.ENTERPRISE, source="walk_in"
    )
    known = _registered(session, event_id=desk.event.id, organisation_id=firm.id, title=draft.title)
    if need_id is not None:
        known = _written(session, desk.event.id, need_id) or known
    if known is not None:
        return _corrected(session, actor, known, firm, guest) if known.source == _HERE else known
    need = post_need(session, actor, draft, organisation_id=firm.id)
    need.source = _HERE
    said = {ConsentScope.INTERNAL: guest.agreed}
    agree_again(session, actor, ticks=said, channel=_HERE, person_id=need.contact_id)
    decide_need(session, actor, need_id=need.id, to=NeedState.ACCEPTED)
    session.flush()
    add_item(session, actor, event_id=desk.event.id, kind="need", subject_id=need.id)
    return need


def _draft(guest: NewGuest) -> NeedDraft:
    return NeedDraft(
        title=guest.title,
        problem=guest.problem,
        contact_name=guest.person,
        contact_phone=guest.phone,
        consents=frozenset({ConsentScope.INTERNAL.value} if guest.agreed else ()),
    )


def _refuse(guest: NewGuest, draft: NeedDraft) -> None:
    problems = check_need(draft, submitting=True, secrecy=secrecy_words())
    if len(guest.organisation) < 4:
        words = "请填写单位全称，如“华星模具有限公司”。"
        problems.insert(0, Problem(field="organisation", code="missing", message=words))
    if errors(problems):
        raise InvalidInput(problems)


def _registered(session: Session, *, event_id: int, organisation_id: int, title: str) -> Need | None:
    """Return the need of this title that the firm has on the event's table already.

    The desk is open for writing, so of two forms sent at once the second one sees the first one's need.
    """
    rows = session.scalars(
        select(Need)
        .join(EventItem, (EventItem.subject_id == Need.id) & (EventItem.subject_kind == "need"))
        .where(
            EventItem.event_id == event_id,
            Need.organisation_id == organisation_id,
            Need.status.in_(NEEDS_FOR_EVENTS),
        )
        .order_by(Need.id)
    )
    wanted = normal_title(title)
    return next((row for row in rows if normal_title(row.title) == wanted), None)


def written_here(session: Session, *, event_id: int, need_id: int) -> Need:
    """Return a need that was taken down at this event's desk. Raises NotFound for any other."""
    need = _written(session, event_id, need_id)
    if need is None:
        raise NotFound()
    return need


def is_written_here(session: Session, *, event_id: int, mishap: Mishap) -> bool:
    """Say whether what a walk-in brings was taken down at this desk, so that it may be corrected here."""
    return mishap.subject == "need" and _written(session, event_id, mishap.subject_id) is not None


def _written(session: Session, event_id: int, need_id: int) -> Need | None:
    return session.scalars(
        select(Need)
        .join(EventItem, (EventItem.subject_id == Need.id) & (EventItem.subject_kind == "need"))
        .where(EventItem.event_id == event_id, Need.id == need_id, Need.source == _HERE)
    ).first()


def guest_of(session: Session, need: Need) -> NewGuest:
    """Return what the form said that wrote a need down."""
    person = session.get(Person, need.contact_id) if need.contact_id else None
    return NewGuest(
        organisation=session.get_one(Organisation, need.organisation_id).name,
        person=person.name if person else "",
        phone=(person.phone or "") if person else "",
        title=need.title,
        problem=need.problem,
        agreed=any(row.scope is ConsentScope.INTERNAL and row.granted for row in _consents(session, need)),
    )


def _corrected(session: Session, actor: Actor, need: Need, firm: Organisation, guest: NewGuest) -> Need:
    """Make a need say what the form says now; what was added to it elsewhere stays."""
    if replace(guest_of(session, need), agreed=guest.agreed) == guest:
        return need
    _move_to(session, need, firm)
    _correct_contact(session, need, guest)
    names = {field.name for field in fields(NeedDraft)} - {"consents"}
    kept = {name: getattr(need, name) for name in names if hasattr(need, name)}
    lists = {name: tuple(kept[name]) for name in ("coop_modes", "fields", "keywords")}
    draft = NeedDraft(
        **kept
        | lists
        | {
            "title": guest.title,
            "problem": guest.problem,
            "contact_name": guest.person,
            "contact_phone": guest.phone,
            "consents": frozenset(row.scope.value for row in _consents(session, need) if row.granted),
        }
    )
    return revise_need(session, actor, draft, need_id=need.id, version=need.version)


def _consents(session: Session, need: Need) -> list[Consent]:
    return list(standing_consents(session, "need", need.id))


def _move_to(session: Session, need: Need, firm: Organisation) -> None:
    """Give a need to the firm whose name was meant, as long as nothing was arranged for the other."""
    if need.organisation_id == firm.id:
        return
    if session.scalar(select(Pairing.id).where(Pairing.need_id == need.id).limit(1)) is not None:
        raise WrongState(_SEATED)
    need.organisation_id, need.contact_id = firm.id, None
    session.flush()


def _correct_contact(session: Session, need: Need, guest: NewGuest) -> None:
    """Correct name and number in place when they stand for this need alone."""
    person = session.get(Person, need.contact_id) if need.contact_id else None
    if person is None or not _only_for(session, person, need):
        return
    person.name, person.phone = guest.person, guest.phone
    session.flush()


def _only_for(session: Session, person: Person, need: Need) -> bool:
    others = (
        select(func.count()).where(Need.contact_id == person.id, Need.id != need.id),
        select(func.count()).where(Achievement.contact_id == person.id),
        select(func.count()).where(User.person_id == person.id),
    )
    return not any(session.scalar(count) for count in others)
