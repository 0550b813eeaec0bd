"""The people that the rows of one upload name, found and added many at a time."""

from collections.abc import Iterable

from sqlalchemy.orm import Session, make_transient_to_detached

from matchmaker import clock
from matchmaker.services.organisations import learn_of, same_person
from matchmaker.store.bulk import insert_rows, next_ids
from matchmaker.store.queries.imports import people_named
from matchmaker.store.tables import Person, Upload

_SOURCE = "import"
_COLUMNS = frozenset(Person.__table__.columns.keys())


class Persons:
    """Finds or adds people with the source of one list; who is new gets an id by `write`."""

    def __init__(self, session: Session, upload: Upload) -> None:
        self._session, self._upload = session, upload
        self._known: dict[tuple[int, str], list[Person]] = {}
        self._newly_made: set[int] = set()
        self._fresh: list[Person] = []
        self._moment = clock.now()
        self.made: list[int] = []  # ids of those that this import added

    def nobody_in(self, organisation_id: int) -> None:
        """Take note that an organisation was just made, so that nobody can be known there."""
        self._newly_made.add(organisation_id)

    def look_up(self, names: Iterable[tuple[int, str]]) -> None:
        """Find those whom `person` will be asked about, by organisation and name, all at once."""
        wanted = {
            pair: list[Person]()
            for pair in names
            if pair not in self._known and pair[0] not in self._newly_made
        }
        for person in people_named(self._session, list(wanted)):
            if person.organisation_id is not None:
                wanted[person.organisation_id, person.name].append(person)
        self._known |= wanted

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
        pair = (organisation_id, name[:60])
        if pair not in self._known:
            self.look_up([pair])
        namesakes = self._known.setdefault(pair, [])
        found = same_person(namesakes, phone=phone, email=email)
        if found is not None:
            learn_of(found, phone=phone, email=email, role=role, title=title)
            return found
        found = Person(
            organisation_id=organisation_id,
            name=pair[1],
            phone=phone[:60],
            email=email[:120],
            role=role,
            title=title[:40],
            source=_SOURCE,
            source_note=self._upload.consent_source,
            created_at=self._moment,
        )
        namesakes.append(found)
        self._fresh.append(found)
        return found

    def write(self) -> None:
        """Store the people who were added since the last time, all at once; their ids are there then."""
        fresh, self._fresh = self._fresh, []
        for person, person_id in zip(fresh, next_ids(self._session, Person, len(fresh)), strict=True):
            person.id = person_id
            self.made.append(person_id)
        insert_rows(self._session, Person, map(_columns, fresh))
        for person in fresh:  # what becomes known of them later is an ordinary change
            make_transient_to_detached(person)
            self._session.add(person)
        self._session.flush()


def _columns(person: Person) -> dict[str, object]:
    return {name: value for name, value in vars(person).items() if name in _COLUMNS}
