"""Where people write about people: every text that may name somebody, and whose it is.

A text is gone through when it belongs to the house of the one who goes, to what they made or are the
contact of, or to a meeting about that. What other houses wrote about others of the same name stays.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.states import UPLOADS_AT_WORK
from matchmaker.store.queries.uploads import chunks
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    Agreement,
    DeskStep,
    Evidence,
    Intent,
    Invitation,
    Match,
    MeetingWish,
    Need,
    NeedClaim,
    NeedRoute,
    NeverMatch,
    Notice,
    Pairing,
    PairingEdit,
    PairingRule,
    Person,
    StateChange,
    TechContract,
    Upload,
    UploadRow,
)

Ids = Select[*tuple[int]]
_NOTICE_TEXTS = ("subject", "body", "html")
_NO_HOUSE = 0  # no id: None would be the house of everything that has no owner
_AUTHOR_MARK = r"[一-鿿A-Za-z·]"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """Ids of what belongs to a person and their house."""

    person_id: int
    house_id: int
    needs: Ids
    achievements: Ids

    @property
    def meetings(self) -> ColumnElement[bool]:
        """Pairings about a need or an achievement of theirs."""
        return or_(Pairing.need_id.in_(self.needs), Pairing.achievement_id.in_(self.achievements))

    def events(self) -> Ids:
        """Events at which they meet or met."""
        return select(Pairing.event_id).where(self.meetings)


def _own(person: Person) -> _Own:
    made = select(AchievementPerson.achievement_id).where(AchievementPerson.person_id == person.id)
    house = person.organisation_id or _NO_HOUSE
    needs = or_(Need.organisation_id == house, Need.contact_id == person.id)
    achievements = or_(
        Achievement.organisation_id == house, Achievement.contact_id == person.id, Achievement.id.in_(made)
    )
    return _Own(
        person_id=person.id,
        house_id=house,
        needs=select(Need.id).where(needs),
        achievements=select(Achievement.id).where(achievements),
    )


Whose = Callable[[_Own], ColumnElement[bool]]


def _about(table: Any) -> Whose:
    """Rows that join a need and an achievement, one of them theirs."""
    return lambda own: or_(table.need_id.in_(own.needs), table.achievement_id.in_(own.achievements))


def _of_sides(one: Any, other: Any) -> Whose:
    return lambda own: or_(one == own.house_id, other == own.house_id)


def _moved(own: _Own) -> ColumnElement[bool]:
    """The log of what became of their needs, achievements, claims, deals and meetings."""
    claims = select(NeedClaim.id).where(_claimed(own))
    deals = select(TechContract.id).where(_of_sides(TechContract.buyer_id, TechContract.seller_id)(own))
    proposed = select(Match.id).where(_about(Match)(own))
    places: Mapping[str, Ids] = {
        "match": proposed,
        "match_grade": proposed,
        "need": own.needs,
        "achievement": own.achievements,
        "claim": claims,
        "contract": deals,
        "pairing": select(Pairing.id).where(own.meetings),
    }
    return or_(
        *(
            and_(StateChange.subject_kind == kind, StateChange.subject_id.in_(ids))
            for kind, ids in places.items()
        )
    )


def _claimed(own: _Own) -> ColumnElement[bool]:
    return or_(NeedClaim.organisation_id == own.house_id, NeedClaim.need_id.in_(own.needs))


def _proved(own: _Own) -> ColumnElement[bool]:
    sides: Mapping[str, tuple[Any, Any, Any]] = {
        "intent": (Intent, Intent.enterprise_id, Intent.partner_id),
        "agreement": (Agreement, Agreement.enterprise_id, Agreement.partner_id),
        "contract": (TechContract, TechContract.buyer_id, TechContract.seller_id),
    }
    return or_(
        *(
            and_(
                Evidence.subject_kind == kind,
                Evidence.subject_id.in_(select(table.id).where(_of_sides(one, other)(own))),
            )
            for kind, (table, one, other) in sides.items()
        )
    )


def _listed(own: _Own) -> ColumnElement[bool]:
    return or_(
        and_(UploadRow.kind == "need", UploadRow.target_id.in_(own.needs)),
        and_(UploadRow.kind == "achievement", UploadRow.target_id.in_(own.achievements)),
        and_(UploadRow.kind == "people", UploadRow.target_id == own.person_id),
    )


def _sent(own: _Own) -> ColumnElement[bool]:
    """Lists of their house, or that speak of it; not those being worked at, whose row others write."""
    about = select(UploadRow.upload_id).where(_listed(own))
    at_rest = Upload.state.not_in(UPLOADS_AT_WORK)
    return and_(at_rest, or_(Upload.organisation_id == own.house_id, Upload.id.in_(about)))


PLACES: tuple[tuple[Any, tuple[str, ...], Whose], ...] = (
    (Achievement, ("summary", "application"), lambda own: Achievement.id.in_(own.achievements)),
    (NeedClaim, ("plan", "decision_reason"), _claimed),
    (MeetingWish, ("note",), _about(MeetingWish)),
    (PairingRule, ("reason",), _about(PairingRule)),
    (
        Match,
        ("reasons", "decision_reason", "grade_reason", "need_side_reason", "achievement_side_reason"),
        _about(Match),
    ),
    (
        Pairing,
        ("reason", "follower", "remark", "answer_note", "outcome_note", "outcome_by"),
        lambda own: own.meetings,
    ),
    (Invitation, ("answer_note",), lambda own: Invitation.organisation_id == own.house_id),
    (NeedRoute, ("questions", "note"), lambda own: NeedRoute.need_id.in_(own.needs)),
    (NeverMatch, ("reason",), _of_sides(NeverMatch.enterprise_id, NeverMatch.partner_id)),
    (Intent, ("witness", "note"), _of_sides(Intent.enterprise_id, Intent.partner_id)),
    (Agreement, ("note",), _of_sides(Agreement.enterprise_id, Agreement.partner_id)),
    (TechContract, ("note",), _of_sides(TechContract.buyer_id, TechContract.seller_id)),
    (Evidence, ("note", "filename"), _proved),
    (StateChange, ("reason",), _moved),
    (DeskStep, ("words", "details", "user_name"), lambda own: DeskStep.event_id.in_(own.events())),
    (PairingEdit, ("rows", "filename"), lambda own: PairingEdit.event_id.in_(own.events())),
    (UploadRow, ("values", "changes", "problems"), _listed),
    (Upload, ("filename",), _sent),
)
"""(table, columns, whose rows): what is typed by people about people, beside the needs themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """Rows of one table that hold a word in one of these columns."""

    table: Any
    columns: tuple[str, ...]
    ids: tuple[int, ...]

    def texts(self, session: Session) -> Iterator[tuple[Any, str, int | None]]:
        """Yield (row, column, longest text that fits) of the rows that are still there."""
        attributes = self.table.__table__.c
        for part in chunks(self.ids):
            for row in session.scalars(select(self.table).where(self.table.id.in_(part))).all():
                for name in self.columns:
                    yield row, name, getattr(attributes[name].type, "length", None)


def rows_naming(session: Session, person: Person, words: Collection[str]) -> list[Naming]:
    """Return the rows that are theirs and hold one of these words, and the notices that tell their contact.

    Slow: to be asked before others have to wait.
    """
    if not words:
        return []
    own = _own(person)
    found = [
        Naming(
            table=table,
            columns=columns,
            ids=tuple(session.scalars(select(table.id).where(whose(own), _holding(table, columns, words)))),
        )
        for table, columns, whose in PLACES
    ]
    contacts = contacts_among(words)
    telling = select(Notice.id).where(_holding(Notice, _NOTICE_TEXTS, contacts))
    ids = tuple(session.scalars(telling)) if contacts else ()
    return [*found, Naming(table=Notice, columns=_NOTICE_TEXTS, ids=ids)]


def titles_naming(session: Session, person: Person) -> list[str]:
    """Return the titles of their needs and achievements that hold their name; a title stays as it is."""
    own = _own(person)
    return [
        title
        for table, ids in ((Need, own.needs), (Achievement, own.achievements))
        for title in session.scalars(
            select(table.title)
            .where(table.id.in_(ids), table.title.contains(person.name, autoescape=True))
            .order_by(table.id)
        )
    ]


def contacts_among(words: Iterable[str]) -> list[str]:
    """Return the telephone numbers and addresses among these words."""
    return [word for word in words if any(character.isdigit() or character == "@" for character in word)]


def achievements_by(session: Session, person: Person) -> list[Achievement]:
    """Return the achievements of their house, and those they made, that name them among the authors."""
    mine = Achievement.id.in_(_own(person).achievements)
    named = Achievement.authors_text.contains(person.name, autoescape=True)
    return list(session.scalars(select(Achievement).where(mine, named)))


def without_author(authors: str, name: str, instead: str) -> str:
    """Return a list of authors with one of them taken out; who only begins like that name stays."""
    return re.sub(rf"(?<!{_AUTHOR_MARK}){re.escape(name)}(?!{_AUTHOR_MARK})", instead, authors)


def _holding(table: Any, columns: Collection[str], words: Collection[str]) -> ColumnElement[bool]:
    texts = [cast(table.__table__.c[name], String) for name in columns]
    return or_(*(text.contains(word, autoescape=True) for text in texts for word in words))
