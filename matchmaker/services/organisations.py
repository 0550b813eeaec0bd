"""Organisations and the people in them: found again under any spelling, or added."""

import re
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.duplicates import contact_marks
from matchmaker.domain.identifiers import clean_org_name, clean_uscc, normal_org_name, uscc_problem
from matchmaker.domain.permissions import Actor, may_see_inside, owns
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ApprovalState, OrganisationKind
from matchmaker.errors import InvalidInput, NotAllowed, NotFound
from matchmaker.store.engine import one_at_a_time
from matchmaker.store.tables import Organisation, OrganisationAlias, Person


def find_or_create_organisation(
    session: Session,
    actor: Actor,
    *,
    name: str,
    kind: OrganisationKind,
    uscc: str | None = None,
    town: str = "",
    source: str,
    source_note: str = "",
    parent: Organisation | None = None,
) -> Organisation:
    """Return the organisation of this code or name, or add it.

    Looked up by unified social credit code, then by normalised name, then among the aliases; never
    by a part of a name. Two bodies of one name with different codes stay two. A college is kept
    under its full name, university first. A code with a wrong check digit identifies nothing and is
    not stored. A new one waits unless the organiser or its own university adds it. What a found one
    lacks (code, town, parent) is filled in, and it is approved, by the organiser and its owner only:
    a stranger's list changes nothing of it.
    """
    code = _sound_uscc(uscc)
    full_name = _full_name(name, kind=kind, parent=parent)
    found = _find(session, full_name, code=code, parent=parent)
    if found is None:  # two requests naming it at once must not both add it: look again, alone
        one_at_a_time(session, "organisations")
        found = _find(session, full_name, code=code, parent=parent)
    trusted = actor.organises or owns(actor, parent.id if parent else None)
    if found is None:
        found = new_organisation(
            actor,
            name=full_name,
            kind=kind,
            uscc=code or "",
            town=town,
            source=source,
            source_note=source_note,
        )
        found.parent_id = parent.id if parent else None
        found.status = ApprovalState.APPROVED if trusted else ApprovalState.WAITING
        session.add(found)
    elif may_see_inside(actor, found.id):
        _complete(found, code=code, town=town, parent=parent)
    session.flush()  # callers hang people and records on the id
    return found


def new_organisation(
    actor: Actor,
    *,
    name: str,
    kind: OrganisationKind,
    uscc: str,
    town: str,
    source: str,
    source_note: str = "",
) -> Organisation:
    """Return an organisation of its own, not yet in any session; for a name that is known not to be there."""
    return Organisation(
        **organisation_values(
            actor, name=name, kind=kind, uscc=uscc, town=town, source=source, source_note=source_note
        )
    )


def organisation_values(
    actor: Actor,
    *,
    name: str,
    kind: OrganisationKind,
    uscc: str,
    town: str,
    source: str,
    source_note: str = "",
) -> dict[str, Any]:
    """Return what a new organisation says, by column; what is left out has the column's default."""
    clean = clean_org_name(name)[:200]
    return {
        "kind": kind,
        "name": clean,
        "normalised_name": normal_org_name(clean),
        "uscc": _sound_uscc(uscc),
        "town": town,
        "status": ApprovalState.APPROVED if actor.organises else ApprovalState.WAITING,
        "local": kind is OrganisationKind.ENTERPRISE,
        "source": source,
        "source_note": source_note,
        "created_at": clock.now(),
    }


def _complete(found: Organisation, *, code: str | None, town: str, parent: Organisation | None) -> None:
    """Fill in what a known organisation lacks; being named by its owner or the organiser approves it."""
    found.uscc = found.uscc or code
    found.town = found.town or town
    if parent is not None and found.parent_id is None and found.id != parent.id:
        found.parent_id = parent.id
    if found.status in (ApprovalState.WAITING, ApprovalState.REFUSED):
        found.status = ApprovalState.APPROVED


def _sound_uscc(uscc: str | None) -> str | None:
    code = clean_uscc(uscc or "")
    return code if code and len(code) in (9, 18) and uscc_problem(code) is None else None


def _full_name(name: str, *, kind: OrganisationKind, parent: Organisation | None) -> str:
    own = clean_org_name(name)
    if parent is None or kind is not OrganisationKind.COLLEGE:
        return own
    return own if normal_org_name(own).startswith(normal_org_name(parent.name)) else parent.name + own


def _find(
    session: Session, name: str, *, code: str | None, parent: Organisation | None
) -> Organisation | None:
    return _by_uscc(session, code) or _by_name(session, name, code=code, parent=parent)


def _by_uscc(session: Session, code: str | None) -> Organisation | None:
    if code is None:
        return None
    return _living(session, session.scalar(select(Organisation).where(Organisation.uscc == code)))


def _by_name(
    session: Session, name: str, *, code: str | None, parent: Organisation | None
) -> Organisation | None:
    key = normal_org_name(name)
    aliased = select(OrganisationAlias.organisation_id).where(OrganisationAlias.normalised_alias == key)
    named = select(Organisation).where(
        or_(Organisation.normalised_name == key, Organisation.id.in_(aliased.scalar_subquery()))
    )
    rows = [
        living
        for row in session.scalars(named.order_by(Organisation.id))
        if (living := _living(session, row)) is not None and not (code and living.uscc)
    ]
    # the exact name before an alias, the right parent before another
    rows.sort(
        key=lambda row: (bool(parent and row.parent_id != parent.id), row.normalised_name != key, row.id)
    )
    return rows[0] if rows else None


def _living(session: Session, row: Organisation | None) -> Organisation | None:
    while row is not None and row.merged_into_id is not None:
        row = session.get(Organisation, row.merged_into_id)
    return row


def add_alias(session: Session, actor: Actor, *, organisation_id: int, name: str) -> None:
    """Let another name lead to an organisation. Its own name, or a known alias of it, changes nothing.

    Raises InvalidInput when the name already leads to another organisation.
    """
    if not actor.organises:
        raise NotAllowed()
    key = normal_org_name(name)
    own = session.get_one(Organisation, organisation_id)
    taken = session.scalar(select(OrganisationAlias).where(OrganisationAlias.normalised_alias == key))
    if not key or key == own.normalised_name or (taken and taken.organisation_id == own.id):
        return
    if taken is not None:
        message = f"“{name}”已经是另一家单位的别名，请先从那里删去。"
        raise InvalidInput([Problem(field="alias", code="alias_taken", message=message)])
    session.add(OrganisationAlias(organisation_id=own.id, alias=clean_org_name(name), normalised_alias=key))


def remove_alias(session: Session, actor: Actor, *, alias_id: int) -> None:
    """Take an alias away."""
    if not actor.organises:
        raise NotAllowed()
    row = session.get(OrganisationAlias, alias_id)
    if row is None:
        raise NotFound()
    session.delete(row)


def find_or_create_person(
    session: Session,
    _actor: Actor,
    *,
    organisation_id: int,
    name: str,
    phone: str = "",
    email: str = "",
    role: str = "contact",
    title: str = "",
    source: str,
    source_note: str = "",
) -> Person:
    """Return the person of this name in the organisation, or add one.

    A namesake with another phone and another address is another person. What the found row lacks
    is filled in, another number is added; a contact who turns out to be an expert becomes one.
    """
    clean = re.sub(r"\s+", "", name) if re.search(r"[一-鿿]", name) else " ".join(name.split())
    namesakes = session.scalars(
        select(Person)
        .where(Person.organisation_id == organisation_id, Person.name == clean)
        .order_by(Person.id)
    ).all()
    found = same_person(namesakes, phone=phone, email=email)
    if found is None:
        found = Person(
            organisation_id=organisation_id,
            name=clean,
            role=role,
            source=source,
            source_note=source_note,
            created_at=clock.now(),
        )
        session.add(found)
    learn_of(found, phone=phone, email=email, role=role, title=title)
    session.flush()  # the id goes into needs and achievements
    return found


class Described(Protocol):
    """What tells a person from a namesake, and what lists may add to it."""

    phone: Any
    email: Any
    title: Any
    role: Any


Anyone = TypeVar("Anyone", bound=Described)


def learn_of(person: Described, *, phone: str, email: str, role: str, title: str) -> None:
    """Fill in what was not known of a person; what says nothing new touches nothing."""
    if phone and phone != person.phone:
        known = contact_marks(person.phone or "")
        fresh = [number for number in phone.split("、") if not contact_marks(number) <= known]
        person.phone = "、".join(part for part in (person.phone, *fresh) if part)[:60]
    if email and not person.email:
        person.email = email[:120]
    if title and not person.title:
        person.title = title[:40]
    if person.role == "contact" != role:
        person.role = role


def same_person(namesakes: Sequence[Anyone], *, phone: str, email: str) -> Anyone | None:
    """Return which namesake, all of one organisation, these contacts belong to; None: to another person."""
    if not namesakes:
        return None
    equal = (row for row in namesakes if _equal(row.phone, phone) or _equal(row.email, email))
    open_ = (row for row in namesakes if _may_be(row.phone, phone) or _may_be(row.email, email))
    return next(equal, None) or next(open_, None)


def _equal(known: str, given: str) -> bool:
    """Say whether two contacts share a number or an address; a field may hold several."""
    if not known or not given:
        return False
    return known == given or bool(contact_marks(known) & contact_marks(given))


def _may_be(known: str, given: str) -> bool:
    return not known or not given or not contact_marks(known) or not contact_marks(given)
