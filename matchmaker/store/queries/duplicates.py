"""What is compared to find entries of one thing, and the pairs that people said are two."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.domain.duplicates import Entry, contact_marks
from matchmaker.domain.imports import Decision, Deed
from matchmaker.domain.states import AchievementState, ApprovalState, NeedState, RecordType, UploadState
from matchmaker.store.queries.uploads import chunks
from matchmaker.store.tables import (
    Achievement,
    AchievementPatent,
    KeptApart,
    Merge,
    Need,
    Organisation,
    Person,
    Upload,
    UploadRow,
)

_GONE_NEEDS = (NeedState.DRAFT, NeedState.WITHDRAWN, NeedState.DUPLICATE, NeedState.SPLIT)
_GONE_ACHIEVEMENTS = (AchievementState.WITHDRAWN, AchievementState.DUPLICATE)
_COMPARED = 200  # characters of a summary that two of one text share
_IN_LISTS = {"person": "people"}  # what the lists call a kind


def _organisations(session: Session) -> list[Entry]:
    contacts: dict[int | None, set[str]] = defaultdict(set)
    for owner, name, phone in session.execute(
        select(Person.organisation_id, Person.name, Person.phone).where(Person.phone != "")
    ):
        contacts[owner].add(f"{name}:{phone}")
    query = (
        select(
            Organisation.id,
            Organisation.name,
            Organisation.kind,
            Organisation.parent_id,
            Organisation.uscc,
            Organisation.status,
        )
        .where(Organisation.merged_into_id.is_(None), Organisation.status != ApprovalState.REFUSED)
        .order_by(Organisation.id)
    )
    return [
        Entry(
            id=key,
            name=name,
            owner=parent,
            group=kind.value,
            marks=frozenset({uscc} if uscc else ()),
            hints=frozenset(contacts.get(key, ())),
            vouched=status is ApprovalState.APPROVED,  # a registration waits for the organiser's eyes
        )
        for key, name, kind, parent, uscc, status in session.execute(query)
    ]


def need_entries(session: Session) -> list[Entry]:
    """Return every living need."""
    query = (
        select(Need.id, Need.title, Need.organisation_id, Need.problem)
        .where(Need.status.not_in(_GONE_NEEDS))
        .order_by(Need.id)
    )
    return [
        Entry(id=key, name=title, owner=owner, text=problem)
        for key, title, owner, problem in session.execute(query)
    ]


def _achievements(session: Session) -> list[Entry]:
    numbers: dict[int, set[str]] = defaultdict(set)
    for key, number in session.execute(select(AchievementPatent.achievement_id, AchievementPatent.number)):
        numbers[key].add(number)
    query = (
        select(
            Achievement.id,
            Achievement.title,
            Achievement.organisation_id,
            Achievement.record_type,
            func.substr(Achievement.summary, 1, _COMPARED),
        )
        .where(Achievement.status.not_in(_GONE_ACHIEVEMENTS))
        .order_by(Achievement.id)
    )
    return [
        Entry(
            id=key,
            name=title,
            owner=owner,
            group="paper" if kind is RecordType.PAPER else "",
            text=text,
            marks=frozenset(numbers.get(key, ())),
        )
        for key, title, owner, kind, text in session.execute(query)
    ]


def _people(session: Session) -> list[Entry]:
    query = (
        select(Person.id, Person.name, Organisation.id, Organisation.parent_id, Person.phone, Person.email)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .order_by(Person.id)
    )
    return [
        Entry(
            id=key,
            name=name,
            owner=parent or owner,
            marks=contact_marks(phone, email),
            hints=frozenset({str(owner)}),
        )
        for key, name, owner, parent, phone, email in session.execute(query)
    ]


ENTRIES: Mapping[str, Callable[[Session], list[Entry]]] = {
    "organisation": _organisations,
    "need": need_entries,
    "achievement": _achievements,
    "person": _people,
}


_TABLES = {"organisation": Organisation, "need": Need, "achievement": Achievement, "person": Person}


def count_entries(session: Session, kind: str) -> int:
    """Return how many rows of a kind there are."""
    return session.scalar(select(func.count()).select_from(_TABLES[kind])) or 0


def pairs_kept_apart(session: Session, kind: str) -> set[tuple[int, int]]:
    """Return the pairs that a person said are two things."""
    query = select(KeptApart.low_id, KeptApart.high_id).where(KeptApart.kind == kind)
    return {(low, high) for low, high in session.execute(query)}


def imported_as_new(session: Session, kind: str) -> set[int]:
    """Return the entries that somebody had imported as new though the preview called them doubles."""
    found: set[int] = set()
    lists = select(Upload.id, Upload.answers).where(Upload.state == UploadState.IMPORTED)
    for upload_id, answers in session.execute(lists):
        decided = [int(key) for key, what in answers.get("decisions", {}).items() if what == Decision.NEW]
        for part in chunks(decided):
            query = select(UploadRow.target_id).where(
                UploadRow.upload_id == upload_id,
                UploadRow.position.in_(part),
                UploadRow.kind == _IN_LISTS.get(kind, kind),
                UploadRow.deed == Deed.ADD,
                UploadRow.target_id.is_not(None),
            )
            found.update(key for key in session.scalars(query) if key is not None)
    return found


def merges_page(session: Session, *, offset: int, limit: int) -> list[Merge]:
    """Return what was merged, the latest first."""
    return list(session.scalars(select(Merge).order_by(Merge.id.desc()).offset(offset).limit(limit)))


def standing_merges(session: Session, *, after: int) -> list[Merge]:
    """Return the mergings since that one that nobody has undone, the latest first."""
    query = select(Merge).where(Merge.id > after, Merge.undone_at.is_(None))
    return list(session.scalars(query.order_by(Merge.id.desc())))


def count_merges(session: Session) -> int:
    """Return how many mergings the log holds."""
    return session.scalar(select(func.count()).select_from(Merge)) or 0
