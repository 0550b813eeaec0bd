"""The first administrator of an empty installation, and what the bureau starts with."""

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.accounts import check_contact, normal_email, normal_phone
from matchmaker.domain.identifiers import clean_org_name
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ApprovalState, OrganisationKind, Role
from matchmaker.errors import InvalidInput
from matchmaker.services.accounts import role_row, spend_first_run_token
from matchmaker.services.organisations import find_or_create_organisation
from matchmaker.services.settings_seed import seed_campaign, seed_themes
from matchmaker.store.tables import User


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSteps:
    """What the first-run page asks."""

    bureau: str = ""
    region: str = ""
    campaign: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""


def check_first_steps(given: FirstSteps) -> list[Problem]:
    """Return what is wrong with the answers, in the order of the page."""
    found = []
    if len(clean_org_name(given.bureau)) < 2:
        message = "请填写主办单位全称，告知书和通知里要用。"
        found.append(Problem(field="bureau", code="bureau_missing", message=message))
    if not given.campaign:
        message = "请填写系列活动的名称，如“百日百场”。"
        found.append(Problem(field="campaign", code="campaign_missing", message=message))
    contact = check_contact(name=given.name, phone=given.phone, email=given.email, email_required=True)
    return found + contact


def make_first_admin(session: Session, *, key: str, given: FirstSteps, password_hash: str) -> User:
    """Spend the first-run key and make the administrator, the bureau, its themes and its campaign.

    Raises InvalidInput (the key then stays good, as nothing is saved) and LinkExpired.
    """
    if problems := check_first_steps(given):
        raise InvalidInput(problems)
    spend_first_run_token(session, key=key)
    bureau = find_or_create_organisation(
        session, SYSTEM, name=given.bureau, kind=OrganisationKind.GOVERNMENT, source="first_run"
    )
    bureau.city, bureau.local = given.region, True
    seed_themes(session)
    seed_campaign(session, name=given.campaign)
    email = normal_email(given.email)
    user = session.scalar(select(User).where(User.email == email))
    user = user or User(email=email, fs_uniquifier=secrets.token_hex(32), created_at=clock.now())
    user.name, user.phone, user.password = given.name, normal_phone(given.phone), password_hash
    user.status, user.active, user.organisation_id = ApprovalState.APPROVED, True, bureau.id
    user.approved_at = clock.now()
    user.roles = [role_row(session, Role.ADMIN)]
    session.add(user)
    session.flush()  # the caller signs the account in by its id
    return user
