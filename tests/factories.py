"""The smallest valid thing of each kind, and the cast that tests play with."""

import itertools
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.states import (
    AchievementState,
    ApprovalState,
    Disclosure,
    NeedState,
    OrganisationKind,
    RecordType,
)
from matchmaker.domain.states import Role as RoleName
from matchmaker.store.tables import Achievement, Need, Organisation, Person, Role, User

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Ids of the cast."""

    huaxing: int  # an enterprise
    yuanhang: int  # another enterprise
    jiangda: int  # a university
    jiangda_college: int  # a college of it
    haiyuan: int  # another university
    bureau: int
    enterprise_user: int
    other_enterprise_user: int
    university_user: int
    other_university_user: int
    organiser: int
    admin: int
    disabled: int
    huaxing_contact: int
    jiangda_expert: int


def make_organisation(session: Session, **changes: Any) -> Organisation:
    """Add an approved enterprise, or what `changes` say."""
    number = next(_numbers)
    name = changes.get("name", f"第{number}制造有限公司")
    values = {
        "kind": OrganisationKind.ENTERPRISE,
        "name": name,
        "normalised_name": name,
        "status": ApprovalState.APPROVED,
        "created_at": clock.now(),
    }
    organisation = Organisation(**(values | changes))
    session.add(organisation)
    session.flush()
    return organisation


def make_person(session: Session, *, organisation_id: int, **changes: Any) -> Person:
    """Add a contact of an organisation."""
    number = next(_numbers)
    values = {
        "organisation_id": organisation_id,
        "name": f"测试{number}",
        "phone": f"1380000{number:04d}",
        "email": f"p{number}@example.com",
        "created_at": clock.now(),
    }
    person = Person(**(values | changes))
    session.add(person)
    session.flush()
    return person


def make_user(session: Session, *roles: RoleName, **changes: Any) -> User:
    """Add an approved, active account with these roles."""
    number = next(_numbers)
    values = {
        "email": f"user{number}@example.com",
        "name": f"用户{number}",
        "fs_uniquifier": f"uniquifier-{number}",
        "status": ApprovalState.APPROVED,
        "created_at": clock.now(),
    }
    user = User(**(values | changes))
    user.roles = [_role(session, name) for name in roles]
    session.add(user)
    session.flush()
    return user


def _role(session: Session, name: RoleName) -> Role:
    role = session.scalar(select(Role).where(Role.name == name.value))
    if role is None:
        role = Role(name=name.value, description="")
        session.add(role)
        session.flush()
    return role


def make_need(session: Session, *, organisation_id: int, **changes: Any) -> Need:
    """Add a submitted need of an enterprise."""
    values = {
        "organisation_id": organisation_id,
        "status": NeedState.SUBMITTED,
        "title": "压铸模具表面抗热裂涂层技术",
        "problem": "压铸模具在连续生产约两万模次后表面出现龟裂，影响铸件质量。",
        "key_points": "涂层厚度3-5μm，硬度≥3000HV，模具寿命提高50%以上。",
        "coop_modes": ["joint"],
        "disclosure": Disclosure.MASKED,
        "created_at": clock.now(),
        "updated_at": clock.now(),
    }
    need = Need(**(values | changes))
    session.add(need)
    session.flush()
    return need


def make_achievement(session: Session, *, organisation_id: int, **changes: Any) -> Achievement:
    """Add a published achievement of a university."""
    title = changes.get("title", "多弧离子镀氮铝铬钛复合涂层制备技术")
    values = {
        "organisation_id": organisation_id,
        "record_type": RecordType.ACHIEVEMENT,
        "status": AchievementState.PUBLISHED,
        "title": title,
        "title_key": title,
        "summary": "采用多弧离子镀在模具钢表面制备硬质涂层，硬度可达3200HV，抗热疲劳性能明显提高。",
        "maturity": "pilot",
        "coop_modes": ["transfer", "joint"],
        "created_at": clock.now(),
        "updated_at": clock.now(),
        "accepted_at": clock.now(),
        "published_at": clock.now(),
    }
    achievement = Achievement(**(values | changes))
    session.add(achievement)
    session.flush()
    return achievement


def make_people(session: Session) -> People:
    """Add the whole cast."""
    kind = OrganisationKind
    huaxing = make_organisation(session, name="华星模具有限公司", town="临江街道")
    yuanhang = make_organisation(session, name="远航汽配有限公司", town="南溪镇")
    jiangda = make_organisation(session, name="江州大学", kind=kind.UNIVERSITY, local=False)
    college = make_organisation(
        session, name="江州大学机械工程学院", kind=kind.COLLEGE, parent_id=jiangda.id, local=False
    )
    haiyuan = make_organisation(session, name="海州理工学院", kind=kind.UNIVERSITY, local=False)
    bureau = make_organisation(session, name="临澜县科学技术局", kind=kind.GOVERNMENT)
    contact = make_person(session, organisation_id=huaxing.id, name="周一诺")
    expert = make_person(session, organisation_id=college.id, name="沈知行", role="expert", title="教授")
    enterprise, university = RoleName.ENTERPRISE, RoleName.UNIVERSITY
    return People(
        huaxing=huaxing.id,
        yuanhang=yuanhang.id,
        jiangda=jiangda.id,
        jiangda_college=college.id,
        haiyuan=haiyuan.id,
        bureau=bureau.id,
        enterprise_user=make_user(session, enterprise, organisation_id=huaxing.id, person_id=contact.id).id,
        other_enterprise_user=make_user(session, enterprise, organisation_id=yuanhang.id).id,
        university_user=make_user(session, university, organisation_id=jiangda.id).id,
        other_university_user=make_user(session, university, organisation_id=haiyuan.id).id,
        organiser=make_user(session, RoleName.ORGANISER, organisation_id=bureau.id).id,
        admin=make_user(session, RoleName.ADMIN, organisation_id=bureau.id).id,
        disabled=make_user(session, enterprise, organisation_id=huaxing.id, active=False).id,
        huaxing_contact=contact.id,
        jiangda_expert=expert.id,
    )
