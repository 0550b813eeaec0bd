"""The people that the rows of one upload name, found and added many at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.services.organisations import learn_of, same_person
from matchmaker.store.bulk import Insertions, next_ids, update_rows
from matchmaker.store.queries.imports import people_named
from matchmaker.store.tables import Person, Upload

_SOURCE = "import"
_LEARNT = ("role", "title", "phone", "email")
_UNKNOWN = {"role": "contact", "title": "", "email": ""}  # as they are before a list adds to them
_BETWEEN = "、"  # between the numbers of one person


@dataclass(slots=True, kw_only=True, eq=False)
class Someone:
    """A person as far as lists speak of one; `id` is 0 until `Persons.write` has stored who is new.

    `more` holds what else a list of people says, by column.
    """

    id: int = 0
    organisation_id: int | None
    name: str
    role: str
    title: str
    phone: str
    email: str
    version: int = 1
    more: dict[str, object] = field(default_factory=dict)

    def said(self) -> tuple[str, ...]:
        """Return what lists may add to."""
        return (self.role, self.title, self.phone, self.email)


class Persons:
    """Finds or adds people with the source of one list; who is new gets an id by `write`."""

    def __init__(self, session: Session, upload: Upload) -> None:
        self._session, self._upload = session, upload
        self._known: dict[tuple[int, str], list[Someone]] = {}
        self._houseless: dict[tuple[str, str, str], list[Someone]] = {}
        self._newly_made: set[int] = set()
        self._fresh: list[Someone] = []
        self._changed: dict[int, Someone] = {}
        self._moment = clock.now()
        self.made: list[int] = []  # ids of those that this import added
        self.learnt: dict[str, dict[str, str]] = {}  # id → column → what it added about those who were known

    def nobody_in(self, organisation_id: int) -> None:
        """Take note that an organisation was just made, so that nobody can be known there."""
        self._newly_made.add(organisation_id)

    def look_up(self, names: Iterable[tuple[int, str]]) -> None:
        """Find those whom `person` will be asked about, by organisation and name, all at once."""
        wanted = {
            pair: list[Someone]()
            for pair in names
            if pair not in self._known and pair[0] not in self._newly_made
        }
        for known in people_named(self._session, list(wanted)):
            wanted[known.organisation_id, known.name].append(Someone(**known._asdict()))
        self._known |= wanted

    def forget(self, organisation_id: int | None, name: str) -> None:
        """Look these namesakes up anew when they are asked for again: one was changed by other means."""
        self._known = {key: found for key, found in self._known.items() if key != (organisation_id, name)}

    def person(
        self,
        organisation_id: int | None,
        name: str,
        *,
        phone: str = "",
        email: str = "",
        role: str = "contact",
        title: str = "",
    ) -> Someone:
        """Return a person of an organisation, whose id may come only with the next `write`.

        Without an organisation nobody is known by the name: within the list, who has the same number and
        address is the same.
        """
        name = name[:60]
        if organisation_id is None:
            namesakes = self._houseless.setdefault((name, phone, email), [])
        else:
            namesakes = self._of_house(organisation_id, name)
        found = same_person(namesakes, phone=phone, email=email)
        if found is not None:
            before = found.said()
            learn_of(found, phone=phone, email=email, role=role, title=title)
            if found.id and found.said() != before:
                self._changed[found.id] = found
                self._note(found, before)
            return found
        found = Someone(
            organisation_id=organisation_id,
            name=name,
            phone=phone[:60],
            email=email[:120],
            role=role,
            title=title[:40],
        )
        namesakes.append(found)
        self._fresh.append(found)
        return found

    def _of_house(self, organisation_id: int, name: str) -> list[Someone]:
        pair = (organisation_id, name)
        if pair not in self._known:
            self.look_up([pair])
        return self._known.setdefault(pair, [])

    def _note(self, someone: Someone, before: Sequence[str]) -> None:
        """Keep what was learnt of somebody, so that an undo can take it away again."""
        told = self.learnt.setdefault(str(someone.id), {})
        for column, was, now in zip(_LEARNT, before, someone.said(), strict=True):
            if now == was:
                continue
            came = now.removeprefix(was).strip(_BETWEEN) if column == "phone" else now
            told[column] = f"{told[column]}{_BETWEEN}{came}" if column == "phone" and column in told else came

    def say(self, someone: Someone, values: Mapping[str, object]) -> None:
        """Give a person what a row of a list of people says, by column."""
        someone.more |= values
        if someone.id:
            self._changed[someone.id] = someone

    def prepare(self, insertions: Insertions) -> None:
        """Give ids to those who are new, and have them stored with these insertions."""
        fresh, self._fresh = self._fresh, []
        for person, person_id in zip(fresh, next_ids(self._session, Person, len(fresh)), strict=True):
            person.id = person_id
            self.made.append(person_id)
        insertions.add(Person, map(self._columns, fresh))

    def write(self) -> None:
        """Store who was added or changed since the last time, all at once; all have their ids then."""
        insertions = Insertions(self._session)
        self.prepare(insertions)
        insertions.write()
        self._change()

    def _change(self) -> None:
        """Write what was learnt of people who were there."""
        changed, self._changed = self._changed, {}
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for someone in changed.values():
            news = dict(zip(_LEARNT, someone.said(), strict=True)) | someone.more
            alike[tuple(news)].append(news | {"id": someone.id, "version": someone.version})
            someone.version += 1
        for columns, rows in alike.items():
            update_rows(self._session, Person, rows, columns=columns)
        for row in [row for row in self._session if isinstance(row, Person) and row.id in changed]:
            self._session.expire(row)

    def _columns(self, someone: Someone) -> dict[str, object]:
        columns: dict[str, object] = {
            "id": someone.id,
            "organisation_id": someone.organisation_id,
            "name": someone.name,
            "role": someone.role,
            "title": someone.title,
            "phone": someone.phone,
            "email": someone.email,
            "source": _SOURCE,
            "source_note": self._upload.consent_source,
            "created_at": self._moment,
        }
        return columns | someone.more if someone.more else columns


def unlearn(person: Person, learnt: Mapping[str, str]) -> None:
    """Take away what a list added about a person; what somebody has changed since stays."""
    for column, came in learnt.items():
        known = getattr(person, column)
        if column == "phone":
            gone = set(came.split(_BETWEEN))
            kept = [number for number in known.split(_BETWEEN) if number not in gone]
            person.phone = _BETWEEN.join(kept)
        elif known == came:
            setattr(person, column, _UNKNOWN[column])
