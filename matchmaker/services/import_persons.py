"""The people that the rows of one upload name, added many at a time."""

from collections.abc import Iterable
from typing import Any, TypedDict

from sqlalchemy.orm import Session, make_transient_to_detached

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.services.organisations import find_or_create_person
from matchmaker.store.bulk import insert_rows, next_ids
from matchmaker.store.queries.imports import people_names
from matchmaker.store.tables import Person, Upload

_SOURCE = "import"
_COLUMNS = frozenset(Person.__table__.columns.keys())


class _Values(TypedDict):
    organisation_id: int
    name: str
    phone: str
    email: str
    role: str
    title: str
    source: str
    source_note: str


class Persons:
    """Finds or adds people with the source of one list.

    Somebody whose name nobody in the organisation bears is added without a question to the database
    and gets an id by `write`; namesakes take the careful way.
    """

    def __init__(
        self, session: Session, actor: Actor, upload: Upload, *, organisation_ids: Iterable[int]
    ) -> None:
        """`organisation_ids` are those likely to be asked about: they are looked up together."""
        self._likely = set(organisation_ids)
        self._session, self._actor, self._upload = session, actor, upload
        self._names: set[tuple[int, str]] = set()
        self._looked_at: set[int] = set()
        self._met: dict[tuple[int, str], list[Person]] = {}
        self._fresh: list[Person] = []
        self._started_at = clock.now()

    def nobody_in(self, organisation_id: int) -> None:
        """Take note that an organisation was just made, so that nobody can be known there."""
        self._looked_at.add(organisation_id)

    def _look_at(self, organisation_id: int) -> None:
        if organisation_id in self._looked_at:
            return
        fresh = (self._likely | {organisation_id}) - self._looked_at
        self._names |= people_names(self._session, fresh)
        self._looked_at |= fresh

    @property
    def made(self) -> list[int]:
        """The ids of the people this import added; ask after `write`."""
        everyone = {person.id: person for met in self._met.values() for person in met}
        return [key for key, person in everyone.items() if person.created_at >= self._started_at]

    def person(
        self,
        organisation_id: int,
        name: str,
        *,
        phone: str = "",
        email: str = "",
        role: str = "contact",
        title: str = "",
    ) -> Person:
        """Return a person of an organisation, whose id may come only with the next `write`."""
        self._look_at(organisation_id)
        met = self._met.setdefault((organisation_id, name), [])
        for known in met:
            if _may_be(known.phone, phone) and _may_be(known.email, email):
                known.phone, known.email = known.phone or phone[:60], known.email or email[:120]
                known.title = known.title or title[:40]
                known.role = role if known.role == "contact" else known.role
                return known
        values: _Values = {
            "organisation_id": organisation_id,
            "name": name[:60],
            "phone": phone[:60],
            "email": email[:120],
            "role": role,
            "title": title[:40],
            "source": _SOURCE,
            "source_note": self._upload.consent_source,
        }
        found = self._careful(values) if (organisation_id, name) in self._names else self._add(values)
        if found not in met:
            met.append(found)
        return found

    def _careful(self, values: _Values) -> Person:
        self.write()  # namesakes of this very list are to be found too
        return find_or_create_person(self._session, self._actor, **values)

    def _add(self, values: _Values) -> Person:
        person = Person(**values, created_at=clock.now())
        self._fresh.append(person)
        self._names.add((values["organisation_id"], values["name"]))
        return person

    def write(self) -> None:
        """Store the people who were added since the last time, all at once; their ids are there then."""
        fresh, self._fresh = self._fresh, []
        for person, person_id in zip(fresh, next_ids(self._session, Person, len(fresh)), strict=True):
            person.id = person_id
        insert_rows(
            self._session,
            Person,
            ({n: v for n, v in vars(person).items() if n in _COLUMNS} for person in fresh),
        )
        for person in fresh:  # what becomes known of them later is an ordinary change
            make_transient_to_detached(person)
            self._session.add(person)
        self._session.flush()


def _columns(person: Person) -> dict[str, Any]:
    return {name: value for name, value in vars(person).items() if name in _COLUMNS}


def _may_be(known: str, given: str) -> bool:
    return not known or not given or known == given
