"""Achievements one by one: added and revised on the form, accepted, withdrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.achievements import (
    TEXT_LABELS,
    AchievementDraft,
    check_achievement,
    makers,
    owner_kind,
    owners,
    patent_keys,
    title_key,
)
from matchmaker.domain.messages import AchievementsImported, AchievementsWithdrawn
from matchmaker.domain.permissions import Actor, may_see_inside
from matchmaker.domain.problems import Problem, errors
from matchmaker.domain.secrecy import secret_problems
from matchmaker.domain.states import AchievementState, ConsentScope, Disclosure, Role
from matchmaker.errors import Conflict, InvalidInput, NotAllowed, NotFound
from matchmaker.services.consents import agree_again, record_consents
from matchmaker.services.moves import move
from matchmaker.services.organisations import find_or_create_organisation, find_or_create_person
from matchmaker.services.secrecy import secrecy_words
from matchmaker.store.queries.imports import rows_by_id
from matchmaker.store.tables import (
    Achievement,
    AchievementPatent,
    AchievementPerson,
    Organisation,
    StateChange,
)

_MATCHED_BY = ("title", "summary", "application", "keywords", "fields")
_LISTS = ("keywords", "fields", "coop_modes", "patent_nos")
_MAKERS_AT_MOST = 12
_SOURCE = "web_form"
_SHOWN = (Disclosure.PUBLIC, Disclosure.MASKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDraft:
    """Whom to ask about an achievement, as typed into the form."""

    name: str = ""
    phone: str = ""
    email: str = ""


def add_achievement(
    session: Session,
    actor: Actor,
    draft: AchievementDraft,
    *,
    contact: ContactDraft,
    ticks: Mapping[ConsentScope, bool],
) -> Achievement:
    """Add one achievement: the organiser's goes straight into the library, a university's waits.

    The organiser names the owner in `owner_text` (its first unit); a university's own is its own.
    Raises NotAllowed, InvalidInput.
    """
    if not (actor.organises or Role.UNIVERSITY in actor.roles):
        raise NotAllowed()
    _check(draft, contact, ticks)
    moment = clock.now()
    achievement = Achievement(
        record_type=draft.record_type,
        status=AchievementState.SUBMITTED,
        organisation_id=_owner(session, actor, draft.owner_text),
        title=draft.title,
        title_key=title_key(draft.title),
        source=_SOURCE,
        created_by_id=actor.user_id,
        created_at=moment,
        updated_at=moment,
    )
    _write(achievement, draft)
    session.add(achievement)
    session.flush()  # patents, makers and consents point at the id
    session.add(
        StateChange(
            subject_kind="achievement",
            subject_id=achievement.id,
            from_state="",
            to_state=achievement.status.value,
            reason="网上填报",
            user_id=actor.user_id,
            at=moment,
        )
    )
    _write_parts(session, actor, achievement, contact)
    record_consents(
        session, actor, subject_kind="achievement", subject_id=achievement.id, ticks=ticks, channel=_SOURCE
    )
    agree_again(session, actor, ticks=ticks, channel=_SOURCE)
    if actor.organises:
        _admit(session, actor, achievement)
    outbox.record(session, actor, AchievementsImported(upload_id=0, achievement_ids=(achievement.id,)))
    return achievement


def revise_achievement(
    session: Session,
    actor: Actor,
    draft: AchievementDraft,
    *,
    achievement_id: int,
    contact: ContactDraft,
    ticks: Mapping[ConsentScope, bool],
    version: int,
) -> Achievement:
    """Change an achievement. Raises NotFound, InvalidInput, and Conflict when somebody saved meanwhile."""
    achievement = find_own(session, actor, achievement_id)
    if achievement.version != version:
        raise Conflict()
    _check(draft, contact, ticks)
    before = [getattr(achievement, name) for name in _MATCHED_BY]
    _write(achievement, draft)
    if before != [getattr(achievement, name) for name in _MATCHED_BY]:
        achievement.text_version += 1
    achievement.updated_at = clock.now()
    session.flush()  # a stale version shows here, before the parts are replaced
    _write_parts(session, actor, achievement, contact)
    record_consents(
        session, actor, subject_kind="achievement", subject_id=achievement.id, ticks=ticks, channel=_SOURCE
    )
    agree_again(session, actor, ticks=ticks, channel=_SOURCE)
    outbox.record(session, actor, AchievementsImported(upload_id=0, achievement_ids=(achievement.id,)))
    return achievement


def find_own(session: Session, actor: Actor, achievement_id: int) -> Achievement:
    """Return an achievement that the actor may change. Raises NotFound."""
    achievement = session.get(Achievement, achievement_id)
    if achievement is None or not may_see_inside(actor, achievement.organisation_id):
        raise NotFound()
    return achievement


def accept_achievements(session: Session, actor: Actor, ids: Sequence[int]) -> int:
    """Take submitted achievements into the library and show those that may be shown; return how many.

    Others among them are left as they are. Raises NotAllowed.
    """
    if not actor.organises:
        raise NotAllowed()
    found = rows_by_id(session, Achievement, ids)
    waiting = [row for row in found.values() if row.status is AchievementState.SUBMITTED]
    for achievement in waiting:
        _admit(session, actor, achievement)
    if waiting:
        accepted = tuple(row.id for row in waiting)
        outbox.record(session, actor, AchievementsImported(upload_id=0, achievement_ids=accepted))
    return len(waiting)


def _admit(session: Session, actor: Actor, achievement: Achievement) -> None:
    move(session, actor, "achievement", achievement, AchievementState.ACCEPTED)
    achievement.accepted_at = achievement.accepted_at or clock.now()
    if achievement.disclosure is not Disclosure.INTERNAL:
        move(session, actor, "achievement", achievement, AchievementState.PUBLISHED)
        achievement.published_at = clock.now()


def withdraw_achievement(
    session: Session, actor: Actor, *, achievement_id: int, reason: str = ""
) -> Achievement:
    """Take an achievement out of the library; it stays on record. Raises NotFound, WrongState."""
    achievement = find_own(session, actor, achievement_id)
    move(session, actor, "achievement", achievement, AchievementState.WITHDRAWN, reason=reason)
    achievement.updated_at = clock.now()
    outbox.record(session, actor, AchievementsWithdrawn(achievement_ids=(achievement.id,)))
    return achievement


def restore_achievement(session: Session, actor: Actor, *, achievement_id: int) -> Achievement:
    """Bring a withdrawn achievement back. For the organiser. Raises NotAllowed, NotFound, WrongState."""
    if not actor.organises:
        raise NotAllowed()
    achievement = find_own(session, actor, achievement_id)
    _admit(session, actor, achievement)
    outbox.record(session, actor, AchievementsImported(upload_id=0, achievement_ids=(achievement.id,)))
    return achievement


def _check(draft: AchievementDraft, contact: ContactDraft, ticks: Mapping[ConsentScope, bool]) -> None:
    texts = {name: str(getattr(draft, name)) for name in TEXT_LABELS}
    problems = [*secret_problems(texts, TEXT_LABELS, secrecy_words()), *errors(check_achievement(draft))]
    if not owners(draft.owner_text):
        problems.append(Problem(field="owner_text", code="owner_missing", message="请填写完成单位。"))
    if (contact.name or contact.phone or contact.email) and not ticks.get(ConsentScope.INTERNAL):
        message = "填写联系人须同意主办方为对接目的使用所填信息；不同意请不要填写联系人。"
        problems.append(Problem(field="consent_internal", code="consent_missing", message=message))
    if draft.disclosure in _SHOWN and not ticks.get(ConsentScope.PUBLIC_DISPLAY):
        message = "选择公开须勾选“同意在公开列表展示”；不公开请把公开范围改为定向推送或内部使用。"
        problems.append(Problem(field="consent_public_display", code="consent_missing", message=message))
    if problems:
        raise InvalidInput(problems)


def _owner(session: Session, actor: Actor, owner_text: str) -> int | None:
    """Return the owner: the actor's own organisation, or for the organiser the first unit named."""
    if not actor.organises:
        return actor.organisation_id
    name = owners(owner_text)[0]
    row = find_or_create_organisation(session, actor, name=name, kind=owner_kind(name), source=_SOURCE)
    return row.id


def _write(achievement: Achievement, draft: AchievementDraft) -> None:
    for name, value in asdict(draft).items():
        setattr(achievement, name, list(value) if name in _LISTS else value)
    achievement.title_key = title_key(draft.title)


def _write_parts(session: Session, actor: Actor, achievement: Achievement, contact: ContactDraft) -> None:
    for table in (AchievementPatent, AchievementPerson):
        session.execute(delete(table).where(table.achievement_id == achievement.id))
    for number in patent_keys(achievement.patent_nos):
        session.add(AchievementPatent(achievement_id=achievement.id, number=number[:30]))
    owner = achievement.organisation_id
    if owner is None or session.get(Organisation, owner) is None:
        return
    _write_makers(session, actor, achievement, owner)
    if contact.name or contact.phone:
        person = find_or_create_person(
            session,
            actor,
            organisation_id=owner,
            name=contact.name or "联系人",
            phone=contact.phone,
            email=contact.email,
            source=_SOURCE,
        )
        person.phone, person.email = contact.phone or person.phone, contact.email or person.email
        achievement.contact_id = person.id


def _write_makers(session: Session, actor: Actor, achievement: Achievement, owner: int) -> None:
    places: dict[int, int] = {}
    for name in makers(achievement.authors_text)[:_MAKERS_AT_MOST]:
        person = find_or_create_person(
            session, actor, organisation_id=owner, name=name, role="expert", source=_SOURCE
        )
        places.setdefault(person.id, len(places) + 1)
    session.add_all(
        AchievementPerson(achievement_id=achievement.id, person_id=person_id, place=place)
        for person_id, place in places.items()
    )
