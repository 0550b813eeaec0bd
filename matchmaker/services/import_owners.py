"""Whose the rows of a list are: names looked up all at once, added where an import meets a new one."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.identifiers import clean_uscc, normal_org_name
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import OrganisationKind
from matchmaker.services.import_persons import Persons, Someone
from matchmaker.services.organisations import find_or_create_organisation, organisation_values
from matchmaker.store.bulk import Insertions, insert_rows, next_ids
from matchmaker.store.queries.list_rows import ListRow
from matchmaker.store.queries.uploads import organisations_by_name, organisations_by_uscc
from matchmaker.store.tables import Achievement, Need, Organisation, Person, Upload

_SOURCE = "import"


class Owners:
    """The organisations and people that the rows of one upload name.

    Everything is looked up in a few queries; `ensure` and `contact` add what is missing, and
    `made_organisations` and `people.made` say what was added, so that an undo can take it away again.
    """

    def __init__(
        self, session: Session, actor: Actor, upload: Upload, *, names: Iterable[tuple[str, str]]
    ) -> None:
        """`names` are the pairs (name, unified social credit code) that will be asked for."""
        pairs = list(names)
        self._session, self._actor, self._upload = session, actor, upload
        self._by_name = organisations_by_name(session, [name for name, _ in pairs])
        self._by_uscc = organisations_by_uscc(session, [clean_uscc(code) for _, code in pairs if code])
        self._fresh: list[dict[str, Any]] = []
        self._started_at = clock.now()
        self.made_organisations: list[int] = []
        self.people = Persons(session, upload)

    def known(self, name: str, uscc: str = "") -> int | None:
        """Return the id of an organisation that is already there."""
        by_code = self._by_uscc.get(clean_uscc(uscc)) if uscc else None
        return by_code or self._by_name.get(normal_org_name(name))

    def key(self, name: str, uscc: str = "") -> str:
        """Return what tells this organisation from others, also before it exists."""
        found = self.known(name, uscc)
        return str(found) if found is not None else normal_org_name(name)

    def met_ids(self) -> set[int]:
        """Return the ids of the known organisations among the names, and the upload's own."""
        own = [self._upload.organisation_id] if self._upload.organisation_id else []
        return {*self._by_name.values(), *self._by_uscc.values(), *own}

    def add_missing(
        self, wanted: Iterable[tuple[str, str, str]], *, kind_of: Callable[[str], OrganisationKind]
    ) -> None:
        """Give ids to the organisations (name, code, town) that nobody knows; the next `write` stores them.

        Only the plain case: a name that is known under no code goes the careful way of `ensure`.
        """
        self._write_organisations()  # ids count from what is stored
        fresh: dict[str, dict[str, Any]] = {}
        codes: set[str] = set()
        for name, uscc, town in wanted:
            key, code = normal_org_name(name), clean_uscc(uscc)
            if not key or key in fresh or code in codes or self.known(name, uscc) is not None:
                continue
            fresh[key] = organisation_values(
                self._actor,
                name=name,
                kind=kind_of(name),
                uscc=uscc,
                town=town,
                source=_SOURCE,
                source_note=self._upload.filename[:200],
            )
            codes |= {code} if code else set()
        ids = next_ids(self._session, Organisation, len(fresh))
        for (name, row), row_id in zip(fresh.items(), ids, strict=True):
            self._fresh.append({**row, "id": row_id})
            self._by_name[name] = row_id
            if row["uscc"]:
                self._by_uscc[row["uscc"]] = row_id
            self.made_organisations.append(row_id)
            self.people.nobody_in(row_id)

    def prepare(self, insertions: Insertions) -> None:
        """Have the organisations and people that are new stored with these insertions; all have ids then."""
        fresh, self._fresh = self._fresh, []
        insertions.add(Organisation, fresh)
        self.people.prepare(insertions)

    def write(self) -> None:
        """Store the organisations and people that are new, and what was learnt of the others."""
        self._write_organisations()
        self.people.write()

    def _write_organisations(self) -> None:
        fresh, self._fresh = self._fresh, []
        insert_rows(self._session, Organisation, fresh)

    def ensure(self, name: str, *, kind: OrganisationKind, uscc: str = "", town: str = "") -> int:
        """Return the id of an organisation, adding it when it is new."""
        found = self.known(name, uscc)
        if found is not None:
            return found
        self._write_organisations()
        row = find_or_create_organisation(
            self._session,
            self._actor,
            name=name,
            kind=kind,
            uscc=uscc or None,
            town=town,
            source=_SOURCE,
            source_note=self._upload.filename[:200],
        )
        self._by_name[normal_org_name(name)] = row.id
        if row.created_at >= self._started_at:
            self.made_organisations.append(row.id)
            self.people.nobody_in(row.id)
        return row.id

    def own(self) -> Organisation | None:
        """Return the organisation that the upload is for."""
        if self._upload.organisation_id is None:
            return None
        return self._session.get(Organisation, self._upload.organisation_id)

    def contact(self, organisation_id: int | None, values: Mapping[str, object]) -> Someone | None:
        """Return the contact that a row names, None when it names none; `people.write` gives the id."""
        name = contact_name(values)
        if not name:
            return None
        phone, email = (str(values.get(f"contact_{part}", "")) for part in ("phone", "email"))
        return self.people.person(organisation_id, name, phone=phone, email=email)

    def change_contact(self, row: ListRow, thing: Need | Achievement, values: Mapping[str, object]) -> None:
        """Give a need or achievement the contact of a row that changes it; the old one is kept in the row."""
        if not any(name.startswith("contact_") for name in row.changes):
            return
        row.values = {**row.values, "old_contact_id": thing.contact_id}
        current = self._session.get(Person, thing.contact_id) if thing.contact_id else None
        if current is not None and current.name == values.get("contact_name", current.name):
            current.phone = str(values.get("contact_phone", current.phone))
            current.email = str(values.get("contact_email", current.email))
            self.people.forget(current.organisation_id, current.name)
        else:
            contact = self.contact(thing.organisation_id, values)
            self.people.write()  # the contact may be new
            thing.contact_id = contact.id if contact else thing.contact_id

    @staticmethod
    def restore_contact(session: Session, row: ListRow, thing: Need | Achievement) -> None:
        """Undo `change_contact`."""
        if "old_contact_id" not in row.values:
            return
        if thing.contact_id == row.values["old_contact_id"] and thing.contact_id is not None:
            person = session.get_one(Person, thing.contact_id)
            person.phone = str(row.changes.get("contact_phone", (person.phone,))[0])
            person.email = str(row.changes.get("contact_email", (person.email,))[0])
        thing.contact_id = row.values["old_contact_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Whom rows speak of, the ids of those that are added, and all that is to be inserted for them."""

    owners: Owners
    ids: Sequence[int]
    insertions: Insertions


def contact_name(values: Mapping[str, object]) -> str:
    """Return under which name the contact of a row is kept, "" where it names none."""
    return str(values.get("contact_name", "")) or ("联系人" if values.get("contact_phone") else "")


def phone_words(plain: Mapping[str, object]) -> str:
    """Return the telephone numbers of a row as they are stored: mobile first, 、 between."""
    numbers: dict[str, None] = {}
    for field in ("contact_mobile", "contact_tel", "mobile"):
        listed = plain.get(field)
        for phone in listed if isinstance(listed, list) else ():
            extension = f"转{phone['extension']}" if phone.get("extension") else ""
            numbers[f"{phone['number']}{extension}"] = None
    return "、".join(numbers)[:60]


def person_name(text: object) -> str:
    """Return a person's name as it is stored: no spaces inside a Chinese one."""
    return _person_name(str(text or ""))


@lru_cache(maxsize=4096)  # a list names the same people again and again, and each several times
def _person_name(words: str) -> str:
    return ("".join(words.split()) if re.search(r"[一-鿿]", words) else " ".join(words.split()))[:60]
