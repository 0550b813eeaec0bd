"""What tells achievements of one family: title, makers, owner, patents, text."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.domain.families import TEXT_READ, Kin
from matchmaker.store.tables import Achievement, AchievementPatent, AchievementPerson


def kin_of(session: Session, achievement_ids: Collection[int]) -> dict[int, Kin]:
    """Return achievement → its kin."""
    begun = func.substr(Achievement.summary, 1, TEXT_READ)
    wanted = select(Achievement.id, Achievement.title, Achievement.organisation_id, begun).where(
        Achievement.id.in_(achievement_ids)
    )
    made = (
        select(AchievementPerson.achievement_id, AchievementPerson.person_id)
        .where(AchievementPerson.achievement_id.in_(achievement_ids))
        .order_by(AchievementPerson.achievement_id, AchievementPerson.place, AchievementPerson.person_id)
    )
    patented = select(AchievementPatent.achievement_id, AchievementPatent.number).where(
        AchievementPatent.achievement_id.in_(achievement_ids)
    )
    makers: dict[int, list[int]] = {}
    for achievement_id, person_id in session.execute(made):
        makers.setdefault(achievement_id, []).append(person_id)
    patents: dict[int, set[str]] = {}
    for achievement_id, number in session.execute(patented):
        patents.setdefault(achievement_id, set()).add(number)
    return {
        key: Kin(
            title=title,
            makers=tuple(makers.get(key, ())),
            owner=owner,
            patents=frozenset(patents.get(key, ())),
            text=text,
        )
        for key, title, owner, text in session.execute(wanted)
    }
