"""Experts, and what each made in the four libraries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import RecordType
from matchmaker.store.queries.achievements import AchievementLine, lines_of_maker, visible_with_owner
from matchmaker.store.queries.hidden_words import text_contains
from matchmaker.store.tables import Achievement, AchievementPerson, Organisation, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertLine:
    """One expert in the list; `counts` are record type → number of achievements this reader may see."""

    id: int
    name: str
    title: str
    position: str
    organisation: str
    organisation_id: int | None
    expertise: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """All four libraries together."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertPage:
    """One expert with what they made, by library."""

    person: Person
    organisation: Organisation | None
    made: Sequence[AchievementLine]


def count_experts(session: Session, actor: Actor, *, search: str = "") -> int:
    """Return how many experts the list holds."""
    people = _with_counts(actor, search).subquery()
    return session.scalar(select(func.count()).select_from(people)) or 0


def expert_lines(
    session: Session, actor: Actor, *, search: str = "", sort: str = "", first: int = 0, most: int = 50
) -> list[ExpertLine]:
    """Return one page of experts, those who made most first."""
    total = func.count(Achievement.id)
    orders: dict[str, tuple[Any, ...]] = {
        "name": (Person.name.asc(), Person.id),
        "-name": (Person.name.desc(), Person.id),
        "organisation": (Organisation.name.asc(), Person.id),
        "-organisation": (Organisation.name.desc(), Person.id),
        "total": (total.asc(), Person.id),
    }
    order = orders.get(sort, (total.desc(), Person.id))
    query = _with_counts(actor, search).order_by(*order).limit(most).offset(first)
    return [
        ExpertLine(
            id=row[0],
            name=row[1],
            title=row[2],
            position=row[3],
            expertise=row[4],
            organisation=row[5] or "",
            organisation_id=row[6],
            counts={kind.value: row[7 + place] for place, kind in enumerate(RecordType)},
        )
        for row in session.execute(query)
    ]


def _with_counts(actor: Actor, search: str) -> Select[*tuple[Any, ...]]:
    """Return people who are experts or made something this reader may see, with the counts per library."""
    counts = [
        func.sum(case((Achievement.record_type == kind, 1), else_=0)).label(kind.value) for kind in RecordType
    ]
    query = (
        select(
            Person.id,
            Person.name,
            Person.title,
            Person.position,
            Person.expertise,
            Organisation.name.label("organisation"),
            Organisation.id.label("organisation_id"),
            *counts,
        )
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .outerjoin(AchievementPerson, AchievementPerson.person_id == Person.id)
        .outerjoin(
            Achievement, (Achievement.id == AchievementPerson.achievement_id) & visible_with_owner(actor)
        )
        .where(_known(actor))
        .group_by(Person.id, Organisation.id)
    )
    for word in search.split():
        query = query.where(
            or_(
                Person.name.contains(word, autoescape=True),
                text_contains(Person.expertise, word, actor, owner=Person.organisation_id),
                Organisation.name.contains(word, autoescape=True),
                Achievement.title.contains(word, autoescape=True),
            )
        )
    return query


def _known(actor: Actor) -> ColumnElement[bool]:
    """The organiser and an expert's own house know every expert; others those behind what is shown."""
    if actor.organises:
        return or_(Person.role == "expert", Achievement.id.is_not(None))
    own = Person.organisation_id.in_(actor.organisation_ids) & (Person.role == "expert")
    return or_(own, Achievement.id.is_not(None))


def expert_page(session: Session, actor: Actor, person_id: int) -> ExpertPage | None:
    """Return one expert, None when there is none or this reader may not know them."""
    person = session.get(Person, person_id)
    if person is None:
        return None
    made = lines_of_maker(session, actor, person_id)
    inside = actor.organises or person.organisation_id in actor.organisation_ids
    if not made and not (inside and person.role == "expert"):
        return None
    organisation = session.get(Organisation, person.organisation_id) if person.organisation_id else None
    return ExpertPage(person=person, organisation=organisation, made=made)
