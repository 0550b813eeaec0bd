"""What tells achievements of one family: title, makers, owner, patents."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.families import Kin
from matchmaker.store.tables import Achievement, AchievementPatent, AchievementPerson


def kin_of(session: Session, achievement_ids: Collection[int]) -> dict[int, Kin]:
    """Return achievement → its kin."""
    wanted = select(Achievement.id, Achievement.title, Achievement.organisation_id).where(
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
        )
        for key, title, owner in session.execute(wanted)
    }
