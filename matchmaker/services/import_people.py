"""People from lists: contacts, experts and commissioners with where their data came from."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from matchmaker import wording
from matchmaker.domain import imports
from matchmaker.domain.achievements import owner_kind
from matchmaker.domain.imports import Deed, Incoming, Judgement, Known
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem, Severity
from matchmaker.files.headers import RecordKind
from matchmaker.services.import_owners import Owners, person_name, phone_words
from matchmaker.services.import_persons import Someone
from matchmaker.services.import_values import Memory, field_codes, filled
from matchmaker.services.secrecy import secrets_of_row
from matchmaker.store.queries.imports import known_people, rows_by_id
from matchmaker.store.queries.list_rows import ListRow
from matchmaker.store.queries.uploads import chunks, still_referenced
from matchmaker.store.tables import Person, Upload


def row_values(stored: Mapping[str, Any]) -> dict[str, object]:
    """Return what a row says, by column of the person table; what it leaves blank is absent."""
    plain, raw = stored["plain"], stored["raw"]
    title = wording.label("title_level", plain.get("title_level"))
    listed = "tech_field" in stored.get("headers", {})
    return filled(
        {
            "name": person_name(plain.get("name")),
            "role": _role(plain),
            "title": (str(raw.get("title_level", "")) or title)[:40],
            "position": str(plain.get("position", ""))[:60],
            "phone": phone_words(plain),
            "email": str(plain.get("email", ""))[:120],
            "fields": field_codes(raw.get("tech_field") if listed else plain.get("research_field")),
            "expertise": plain.get("research_field"),
        }
    )


def _role(plain: Mapping[str, Any]) -> str:
    role = str(plain.get("role", ""))
    return role if role in wording.labels("person_role") else "expert" if plain.get("research_field") else ""


def _organisation(stored: Mapping[str, Any]) -> str:
    return str(stored["plain"].get("org", ""))


def names(row: ListRow) -> list[tuple[str, str]]:
    """Return the organisation that a row names."""
    organisation = _organisation(row.values)
    return [(organisation, "")] if organisation else []


def judge(
    session: Session, actor: Actor, upload: Upload, rows: Sequence[ListRow], memory: Memory
) -> tuple[list[Judgement], list[list[Problem]]]:
    """Return the verdict on every row, and what is to be said about it besides the file's own problems."""
    met = Owners(session, actor, upload, names=[name for row in rows for name in names(row)])
    values = [row_values(row.values) for row in rows]
    owner_ids = [_owner_id(row, met, actor, upload) for row in rows]
    library = known_people(
        session,
        organisation_ids=[key for key in owner_ids if key is not None],
        names=[str(said.get("name", "")) for said in values],
    )
    known: dict[str, list[Known]] = {}
    for entry in library:
        for key in _keys(str(entry.organisation_id), entry.known.values):
            known.setdefault(key, []).append(entry.known)
    remarks = [_check(row, met, actor) for row in rows]
    incoming = []
    for row, said, owner_id, problems in zip(rows, values, owner_ids, remarks, strict=True):
        owner = str(owner_id) if owner_id is not None else met.key(_organisation(row.values))
        incoming.append(
            Incoming(
                place=row.values["where"],
                values=said,
                keys=_keys(owner, said),
                layout="import",
                stopped=row.values["stopped"] or any(p.severity is Severity.ERROR for p in problems),
            )
        )
    return imports.judge(incoming, known, seen=memory.seen), remarks


def _keys(owner: str, values: Mapping[str, object]) -> tuple[str, ...]:
    """Return what tells a person from namesakes of the same house, numbers and address before the name."""
    name = f"{owner}:{values.get('name', '')}"
    told = [*str(values.get("phone") or "").split("、"), str(values.get("email") or "")]
    return (*(f"{name}:{word}" for word in told if word), name)


def _owner_id(row: ListRow, met: Owners, actor: Actor, upload: Upload) -> int | None:
    organisation = _organisation(row.values)
    if not organisation:
        return upload.organisation_id
    found = met.known(organisation)
    return found if actor.organises or found in actor.organisation_ids else None


def _check(row: ListRow, met: Owners, actor: Actor) -> list[Problem]:
    organisation, own = _organisation(row.values), met.own()
    where = row.values["where"]
    if not row_values(row.values).get("name"):
        return [Problem(field="name", code="name_missing", message="没有写姓名，请补上。", where=where)]
    if not organisation and own is None:
        message = "没有写单位，请补上，或在上传时选好单位。"
        return [Problem(field="org", code="organisation_missing", message=message, where=where)]
    if organisation and not actor.organises and met.known(organisation) not in actor.organisation_ids:
        message = f"这一行的单位是“{organisation}”，您只能导入本单位的人员。"
        return [Problem(field="org", code="other_organisation", message=message, where=where)]
    return secrets_of_row(row.values, RecordKind.PEOPLE)


def bring_in(
    session: Session, actor: Actor, upload: Upload, work: Sequence[tuple[ListRow, Deed]], _met: None
) -> Owners:
    """Add and change people as decided; return the organisations and people that were met."""
    met = Owners(session, actor, upload, names=[name for row, _ in work for name in names(row)])
    added = [(row, _add(row, met, actor, upload)) for row, deed in work if deed is Deed.ADD]
    met.people.write()  # rows point at the ids
    for row, added_person in added:
        row.target_id = added_person.id
    people = rows_by_id(session, Person, [row.target_id for row, deed in work if deed is Deed.UPDATE])
    for row, deed in work:
        person = people.get(row.target_id or 0)
        if deed is Deed.UPDATE and person is not None:
            values = row_values(row.values)
            _set(person, {name: values[name] for name in row.changes if name in values})
            person.source_note = upload.consent_source
    return met


def _add(row: ListRow, met: Owners, actor: Actor, upload: Upload) -> Someone:
    values = row_values(row.values)
    organisation = _organisation(row.values)
    organisation_id = _owner_id(row, met, actor, upload)
    if organisation_id is None:
        organisation_id = met.ensure(organisation, kind=owner_kind(organisation))
    person = met.people.person(
        organisation_id,
        str(values["name"]),
        phone=str(values.get("phone", "")),
        email=str(values.get("email", "")),
        role=str(values.get("role", "contact")),
        title=str(values.get("title", "")),
    )
    met.people.say(person, values)
    return person


def _set(person: Person, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(person, name, value)


def blocked(session: Session, added: Sequence[ListRow]) -> set[int]:
    """Return which added people can no longer be taken back: something hangs on them."""
    return still_referenced(session, Person, [row.target_id for row in added if row.target_id is not None])


def take_back(
    session: Session,
    _actor: Actor,
    _upload: Upload,
    added: Sequence[ListRow],
    changed: Sequence[ListRow],
) -> None:
    """Remove added people, and give changed ones their old values back."""
    for part in chunks(row.target_id for row in added if row.target_id is not None):
        session.execute(delete(Person).where(Person.id.in_(part)))
    people = rows_by_id(session, Person, [row.target_id for row in changed])
    for row in changed:
        person = people.get(row.target_id or 0)
        if person is not None:
            _set(person, {name: old for name, (old, _new) in row.changes.items()})
