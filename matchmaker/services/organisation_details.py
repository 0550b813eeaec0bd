"""Keeping organisations and their people up to date by hand."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.accounts import check_contact, check_uscc, normal_email, normal_phone
from matchmaker.domain.identifiers import clean_org_name, clean_uscc, normal_org_name
from matchmaker.domain.permissions import Actor, may_see_inside, owns
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ApprovalState, OrganisationKind
from matchmaker.errors import Conflict, InvalidInput, NotAllowed, NotFound
from matchmaker.services.organisations import add_alias
from matchmaker.services.secrecy import refuse_secrets
from matchmaker.store.tables import Organisation, OrganisationAlias, Person

# what is no such address is refused, for pages link to it: javascript:…
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_HOST = re.compile(r"[^\s:/]+(?::\d{1,5})?(?:/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationDraft:
    """The form of an organisation. Only the organiser's changes of the first four count."""

    kind: str = ""
    name: str = ""
    uscc: str = ""
    parent_id: int | None = None
    town: str = ""
    address: str = ""
    website: str = ""
    profile: str = ""
    local: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDraft:
    """The form of a person. None in phone or email: leave what is there."""

    name: str = ""
    role: str = "contact"
    title: str = ""
    position: str = ""
    phone: str | None = ""
    email: str | None = ""


def own_organisation(session: Session, actor: Actor, *, organisation_id: int) -> Organisation:
    """Return an organisation the actor may see from inside. Raises NotFound for all others."""
    row = session.get(Organisation, organisation_id)
    if row is None or not may_see_inside(actor, row.id):
        raise NotFound()
    return row


def add_organisation(session: Session, actor: Actor, *, draft: OrganisationDraft) -> Organisation:
    """Add an organisation by hand: the organiser any, a university its own colleges and centres.

    Raises InvalidInput, also when its name or code is known: that one should be edited instead.
    """
    parts = (OrganisationKind.COLLEGE, OrganisationKind.TRANSFER_CENTRE)
    if not actor.organises and not (owns(actor, draft.parent_id) and draft.kind in parts):
        raise NotAllowed("新增单位请联系主办方。")
    if problems := _problems(session, draft, own=None):
        raise InvalidInput(problems)
    row = Organisation(
        kind=OrganisationKind(draft.kind),
        status=ApprovalState.APPROVED,
        source="manual",
        created_at=clock.now(),
    )
    _identify(row, draft)
    _describe(row, draft)
    row.local = draft.local
    session.add(row)
    session.flush()  # the page goes on to the new organisation
    return row


def edit_organisation(
    session: Session, actor: Actor, *, organisation_id: int, version: int, draft: OrganisationDraft
) -> Organisation:
    """Save an organisation's form. Its owner describes it; name, code, kind and parent are the organiser's.

    The former name becomes an alias. Raises Conflict when somebody saved it meanwhile.
    """
    row = own_organisation(session, actor, organisation_id=organisation_id)
    if row.version != version:
        raise Conflict()
    refuse_secrets({"profile": draft.profile}, {"profile": "简介"})
    if problems := _problems(session, draft, own=row) if actor.organises else _address_problems(draft):
        raise InvalidInput(problems)
    if actor.organises:
        former = row.name
        _identify(row, draft)
        row.kind, row.local = OrganisationKind(draft.kind), draft.local
        if _is_free(session, former, own=row):
            add_alias(session, actor, organisation_id=row.id, name=former)
    _describe(row, draft)
    return row


def _is_free(session: Session, former: str, *, own: Organisation) -> bool:
    key = normal_org_name(former)
    taken = select(OrganisationAlias.id).where(OrganisationAlias.normalised_alias == key)
    return key != own.normalised_name and session.scalar(taken) is None


def _identify(row: Organisation, draft: OrganisationDraft) -> None:
    row.name = clean_org_name(draft.name)
    row.normalised_name = normal_org_name(draft.name)
    row.uscc = clean_uscc(draft.uscc) or None
    row.parent_id = draft.parent_id


def _describe(row: Organisation, draft: OrganisationDraft) -> None:
    row.town, row.address, row.website = draft.town, draft.address, _web_address(draft.website)
    row.profile = draft.profile


def _web_address(text: str) -> str:
    """Return an address to link to, with https before one that names no scheme."""
    return text if not text or _HTTP.match(text) else f"https://{text}"


def _problems(session: Session, draft: OrganisationDraft, *, own: Organisation | None) -> list[Problem]:
    own_id = own.id if own else 0
    found: list[Problem] = []
    if draft.kind not in list(OrganisationKind):
        found.append(Problem(field="kind", code="kind_missing", message="请选择单位类型。"))
    if len(clean_org_name(draft.name)) < 2:
        found.append(Problem(field="name", code="name_missing", message="请填写单位全称。"))
    elif taken := _named(session, draft, own_id):
        message = f"“{taken.name}”已经登记过（编号 {taken.id}），请打开那一条修改。"
        found.append(Problem(field="name", code="name_taken", message=message))
    if problem := check_uscc(draft.uscc, required=False):
        found.append(problem)
    elif coded := _coded(session, draft, own_id):
        message = f"这个代码已登记在“{coded.name}”名下，请核对。"
        found.append(Problem(field="uscc", code="uscc_taken", message=message))
    if draft.parent_id is not None and not _may_be_parent(session, draft.parent_id, own_id):
        message = "所属高校请选学校一级的单位，不能选它自己或学院。"
        found.append(Problem(field="parent_id", code="parent_wrong", message=message))
    return found + _address_problems(draft)


def _address_problems(draft: OrganisationDraft) -> list[Problem]:
    if not draft.website or _HTTP.match(draft.website) or _HOST.match(draft.website):
        return []
    message = "网址请写成 https://www.example.com 的样子，不需要就留空。"
    return [Problem(field="website", code="website_wrong", message=message)]


def _named(session: Session, draft: OrganisationDraft, own_id: int) -> Organisation | None:
    key = normal_org_name(draft.name)
    same = select(Organisation).where(
        Organisation.normalised_name == key,
        Organisation.id != own_id,
        Organisation.merged_into_id.is_(None),
        Organisation.status == ApprovalState.APPROVED,
    )
    # two bodies of one name are told apart by their codes
    return next((row for row in session.scalars(same) if not (draft.uscc and row.uscc)), None)


def _coded(session: Session, draft: OrganisationDraft, own_id: int) -> Organisation | None:
    code = clean_uscc(draft.uscc)
    if not code:
        return None
    return session.scalar(select(Organisation).where(Organisation.uscc == code, Organisation.id != own_id))


def _may_be_parent(session: Session, parent_id: int, own_id: int) -> bool:
    parent = session.get(Organisation, parent_id)
    return parent is not None and parent.id != own_id and parent.parent_id is None


def save_person(
    session: Session,
    actor: Actor,
    *,
    organisation_id: int,
    draft: PersonDraft,
    person_id: int | None = None,
    version: int = 0,
) -> Person:
    """Add a person to an organisation, or save their form.

    Raises InvalidInput, NotFound for people of others, Conflict when somebody saved it meanwhile.
    """
    own_organisation(session, actor, organisation_id=organisation_id)
    row = session.get(Person, person_id) if person_id is not None else None
    if person_id is not None and (row is None or row.organisation_id != organisation_id):
        raise NotFound()
    if row is not None and row.version != version:
        raise Conflict()
    phone = draft.phone if draft.phone is not None or row is None else row.phone
    email = draft.email if draft.email is not None or row is None else row.email
    email = normal_email(email or "")
    problems = check_contact(name=draft.name, phone=phone or "", email=email, email_required=False)
    if problems:
        raise InvalidInput(problems)
    row = row or Person(organisation_id=organisation_id, source="manual", created_at=clock.now())
    row.name, row.role, row.title, row.position = draft.name, draft.role, draft.title, draft.position
    row.phone, row.email = normal_phone(phone or ""), email
    session.add(row)
    session.flush()  # the page names the new person
    return row
