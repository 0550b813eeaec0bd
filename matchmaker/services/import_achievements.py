"""Achievements from lists: what a row is compared with, and how it goes in and out again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker import clock, wording
from matchmaker.bus import outbox
from matchmaker.domain import imports
from matchmaker.domain.achievements import (
    SHOWN_AS_TOLD,
    contacts_where_shown,
    makers,
    owner_kind,
    owners,
    patent_keys,
    title_key,
)
from matchmaker.domain.imports import Deed, Incoming, Judgement, Known
from matchmaker.domain.messages import AchievementsImported, AchievementsWithdrawn
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.states import AchievementState, Disclosure, RecordType
from matchmaker.domain.written_contacts import bare_of_contacts
from matchmaker.files.headers import RecordKind
from matchmaker.services.achievement_rows import TITLE_MOST, row_values
from matchmaker.services.import_owners import Met, Owners, contact_name, person_name
from matchmaker.services.import_persons import Someone
from matchmaker.services.import_traces import Handed, came_as, hand_back, note_handed_back, take_over
from matchmaker.services.import_values import (
    Memory,
    as_columns,
    cut_remark,
    filled,
    read_once,
    title_missing,
    values_to_restore,
)
from matchmaker.services.secrecy import secrets_of_row
from matchmaker.store.bulk import Insertions, next_ids
from matchmaker.store.queries.imports import known_achievements, rows_by_id, standings
from matchmaker.store.queries.list_rows import ListRow
from matchmaker.store.queries.matches import WORKED_ON
from matchmaker.store.queries.uploads import chunks, still_referenced
from matchmaker.store.tables import (
    Achievement,
    AchievementPatent,
    AchievementPerson,
    Match,
    Organisation,
    StateChange,
    Upload,
    Vector,
    WiderSearch,
)

MESSAGE_IDS = 500
_MAKERS_AT_MOST = 12
_MATCHED_BY = frozenset({"title", "summary", "application", "keywords", "fields"})
_TOGETHER = ("match", "achievement_patent", "achievement_person")


class _Said:
    """What a row says; each part is worked out once."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self.values = row_values(stored)
        self.contacts = dict(contacts_where_shown(self.values))
        if self.contacts:
            self.values = filled(self.values | {name: _bare(self.values[name]) for name in self.contacts})
        self.owner = _first_unit(str(self.values.get("owner_text", "")))
        self.title_key = title_key(str(self.values.get("title", "")))
        self.record_type = RecordType(stored["record_type"] or RecordType.ACHIEVEMENT)
        self.makers_title = wording.label("title_level", stored["plain"].get("leader_title"))
        self.numbers = patent_keys(self.values.get("patent_nos", ()))  # type: ignore[arg-type]

    @cached_property
    def columns(self) -> dict[str, Any]:
        return as_columns(self.values)

    @cached_property
    def makers(self) -> tuple[str, ...]:
        listed = makers(str(self.values.get("authors_text", "")))
        return tuple(person_name(name) for name in listed[:_MAKERS_AT_MOST])


def _bare(value: object) -> object:
    if isinstance(value, list | tuple):
        return [bare for word in value if (bare := bare_of_contacts(str(word)))]
    return bare_of_contacts(str(value))


def _said(row: ListRow) -> _Said:
    return read_once(row, _Said)


def prepare(rows: Sequence[ListRow]) -> None:
    """Work out all that `bring_in` asks of rows that are only added, while others may still write."""
    for row in rows:
        said = _said(row)
        _ = said.columns, said.makers
        row.keep_only_said()


@lru_cache(maxsize=4096)  # a list names the same units again and again
def _first_unit(text: str) -> str:
    return next(iter(owners(text)), "")[:200]


def _names(rows: Iterable[ListRow], *, home: str) -> list[tuple[str, str]]:
    """Return the organisations that rows name: only the first unit is the owner, of `home` or by itself."""
    named = {owner for row in rows if (owner := _said(row).owner)}
    return [(name, "") for owner in sorted(named) for name in ((owner, home + owner) if home else (owner,))]


def _home(session: Session, actor: Actor, upload: Upload) -> str:
    """Return the institution whose own list this is, in which 机械工程学院 means its own; "" for others."""
    if actor.organises or upload.organisation_id is None:
        return ""
    return session.get_one(Organisation, upload.organisation_id).name


def _own_ids(actor: Actor) -> frozenset[int] | None:
    return None if actor.organises else actor.organisation_ids


def _owner_id(owner: str, met: Owners, actor: Actor, upload: Upload) -> int | None:
    """Return the owner as far as it exists: a university's list goes to itself and what is under it."""
    known = met.known(owner) if owner else None
    if actor.organises:
        return known if owner else upload.organisation_id
    if owner and known not in actor.organisation_ids:
        home = met.own()
        known = met.known(home.name + owner) if home is not None else None
    return known if known in actor.organisation_ids else upload.organisation_id


def _owner_key(owner: str, met: Owners, actor: Actor, upload: Upload) -> str:
    found = _owner_id(owner, met, actor, upload)
    return str(found) if found is not None else met.key(owner) if owner else ""


def judge(
    session: Session, actor: Actor, upload: Upload, rows: Sequence[ListRow], memory: Memory
) -> tuple[list[Judgement], list[list[Problem]]]:
    """Return the verdict on every row, and what is to be said about it besides the file's own problems."""
    met = Owners(session, actor, upload, names=_names(rows, home=_home(session, actor, upload)))
    library = known_achievements(
        session,
        titles=[_said(row).title_key for row in rows],
        patents=[number for row in rows for number in _said(row).numbers],
        own_ids=_own_ids(actor),
    )
    known: dict[str, list[Known]] = {}
    parts: dict[str, set[str]] = {}  # title → keys under which the uploader's own units have it
    for entry in library:
        owner = "" if entry.organisation_id is None else str(entry.organisation_id)
        title = title_key(str(entry.known.values["title"]))
        key = _key(owner, title, entry.group)
        known.setdefault(key, []).append(entry.known)
        if not actor.organises and entry.organisation_id in actor.organisation_ids:
            parts.setdefault(_key("", title, entry.group), set()).add(key)
        for number in entry.patents:
            known.setdefault(f"patent:{number}", []).append(entry.known)
    owners = [_owner_key(_said(row).owner, met, actor, upload) for row in rows]
    remarks = [_check(row) for row in rows]
    incoming = [
        _incoming(row, owner, said, parts=parts)
        for row, owner, said in zip(rows, owners, remarks, strict=True)
    ]
    return imports.judge(incoming, known, seen=memory.seen), remarks


def _incoming(
    row: ListRow, owner: str, problems: Sequence[Problem], *, parts: Mapping[str, set[str]]
) -> Incoming:
    said, key = _said(row), _key(owner, _said(row).title_key, _group(_said(row).record_type))
    if not said.owner:  # a list of the whole institution that names no unit means what one of them has
        elsewhere = parts.get(_key("", said.title_key, _group(said.record_type)), set())
        key = next(iter(elsewhere)) if key not in elsewhere and len(elsewhere) == 1 else key
    return Incoming(
        place=row.values["where"],
        values=said.values,
        keys=(key,),
        hints=tuple(f"patent:{number}" for number in said.numbers),
        layout=row.values["layout"],
        stopped=row.values["stopped"] or any(p.severity is Severity.ERROR for p in problems),
    )


def _check(row: ListRow) -> list[Problem]:
    cut = cut_remark(row.values, most=TITLE_MOST, into="成果简介")
    cut += title_missing(row.values, what="成果名称")
    cut += secrets_of_row(row.values, RecordKind.ACHIEVEMENT)
    cut += [_contact_left_there(row, name, held) for name, held in _said(row).contacts.items()]
    if row.values["plain"].get("disclosure") != "rejected":
        return cut
    message = "标明涉密的成果不得录入本系统，请按保密规定线下处理。"
    return [*cut, Problem(field="disclosure", code="classified", message=message, where=row.values["where"])]


def _contact_left_there(row: ListRow, name: str, held: str) -> Problem:
    label = SHOWN_AS_TOLD[name]
    message = f"“{label}”里的联系方式“{held}”不记入，因为这里人人看得到；请写到“联系电话”一列。"
    return Problem(
        field=name,
        code="contacts",
        message=message,
        where=row.values["where"],
        severity=Severity.WARNING,
    )


def _group(record_type: str) -> str:
    """Return "paper" for papers: a paper and a patent of one title are two things, other kinds are one."""
    return "paper" if record_type == RecordType.PAPER else ""


def _key(owner: str, title: str, group: str) -> str:
    return f"title:{group}:{owner}:{title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """The id of a new achievement, whose it is and who stands behind it."""

    id: int
    organisation_id: int | None
    contact: Someone | None
    makers: tuple[Someone, ...]


def meet(session: Session, actor: Actor, upload: Upload, work: Sequence[tuple[ListRow, Deed]]) -> Met:
    """Find out whose the rows are and who stands behind those that are added, and make these ready."""
    home = _home(session, actor, upload)
    owners = Owners(session, actor, upload, names=_names((row for row, _ in work), home=home))
    fresh = [row for row, deed in work if deed is Deed.ADD]
    if actor.organises:
        owners.add_missing([(_said(row).owner, "", "") for row in fresh], kind_of=owner_kind)
    met = Met(owners=owners, ids=next_ids(session, Achievement, len(fresh)), insertions=Insertions(session))
    around = _around(fresh, met, actor, upload)
    owners.prepare(met.insertions)  # achievements point at their owners and contacts
    _add(met.insertions, actor, fresh, around)
    return met


def bring_in(
    session: Session, actor: Actor, upload: Upload, work: Sequence[tuple[ListRow, Deed]], met: Met
) -> Owners:
    """Add and change achievements as decided, and record which; return the owners that were met."""
    met.insertions.write()
    met.owners.people.write()  # what was learnt of those who are known
    fresh = (row for row, deed in work if deed is Deed.ADD)
    for row, row_id in zip(fresh, met.ids, strict=True):
        row.target_id = row_id
    changed = _change(session, [row for row, deed in work if deed is Deed.UPDATE], met.owners)
    _tell(session, actor, upload, [*met.ids, *changed])
    return met.owners


def _around(rows: Sequence[ListRow], met: Met, actor: Actor, upload: Upload) -> list[_Around]:
    """Find or add the owner, the contact and, where a unit is known, the makers of every row."""
    owner_ids = [_owner_or_new(_said(row).owner, met.owners, actor, upload) for row in rows]
    met.owners.people.look_up(
        (owner_id, name)
        for owner_id, row in zip(owner_ids, rows, strict=True)
        if owner_id is not None
        for name in (*_said(row).makers, contact_name(_said(row).values))
        if name
    )
    return [
        _people(row, row_id, owner_id, met.owners)
        for row, row_id, owner_id in zip(rows, met.ids, owner_ids, strict=True)
    ]


def _owner_or_new(owner: str, met: Owners, actor: Actor, upload: Upload) -> int | None:
    organisation_id = _owner_id(owner, met, actor, upload)
    if organisation_id is None and owner and actor.organises:
        return met.ensure(owner, kind=owner_kind(owner))
    return organisation_id


def _people(row: ListRow, row_id: int, organisation_id: int | None, met: Owners) -> _Around:
    if organisation_id is None:
        contact = met.contact(None, _said(row).values)
        return _Around(id=row_id, organisation_id=None, contact=contact, makers=())
    said = _said(row)
    found = [  # the list gives the first maker's title only
        met.people.person(organisation_id, name, role="expert", title="" if place else said.makers_title)
        for place, name in enumerate(said.makers)
    ]
    return _Around(
        id=row_id,
        organisation_id=organisation_id,
        contact=met.contact(organisation_id, said.values),
        makers=tuple(dict.fromkeys(found)),
    )


def _add(insertions: Insertions, actor: Actor, rows: Sequence[ListRow], around: Sequence[_Around]) -> None:
    """Make new achievements ready, with their first state, numbers and makers."""
    moment = clock.now()
    added = [_columns(row, behind, actor, moment) for row, behind in zip(rows, around, strict=True)]
    insertions.add(Achievement, added)
    insertions.add(StateChange, [_first_state(columns, actor, moment) for columns in added])
    insertions.add(
        AchievementPatent,
        [
            {"achievement_id": behind.id, "number": number[:30]}
            for row, behind in zip(rows, around, strict=True)
            for number in _said(row).numbers
        ],
    )
    insertions.add(
        AchievementPerson,
        [
            {"achievement_id": behind.id, "person_id": person.id, "place": place}
            for behind in around
            for place, person in enumerate(behind.makers, start=1)
        ],
    )


def _columns(row: ListRow, around: _Around, actor: Actor, moment: datetime) -> dict[str, Any]:
    said = _said(row)
    return said.columns | {
        "id": around.id,
        "record_type": said.record_type,
        "title_key": said.title_key,
        "organisation_id": around.organisation_id,
        "contact_id": around.contact.id if around.contact else None,
        "source": "excel",
        "upload_row_id": row.id,
        "created_by_id": actor.user_id,
        "created_at": moment,
        "updated_at": moment,
        **_admitted(said.columns.get("disclosure", Disclosure.PUBLIC), actor, moment),
    }


def _admitted(disclosure: Disclosure, actor: Actor, moment: datetime) -> dict[str, Any]:
    """Put the organiser's own lists straight into the library; others wait for the organiser."""
    if not actor.organises:
        return {"status": AchievementState.SUBMITTED}
    if disclosure is Disclosure.INTERNAL:
        return {"status": AchievementState.ACCEPTED, "accepted_at": moment}
    return {"status": AchievementState.PUBLISHED, "accepted_at": moment, "published_at": moment}


def _first_state(columns: Mapping[str, Any], actor: Actor, moment: datetime) -> dict[str, Any]:
    return {
        "subject_kind": "achievement",
        "subject_id": columns["id"],
        "from_state": "",
        "to_state": columns["status"].value,
        "reason": "由清单导入",
        "user_id": actor.user_id,
        "at": moment,
    }


def _set(achievement: Achievement, values: Mapping[str, object]) -> None:
    for name, value in as_columns(values).items():
        setattr(achievement, name, value)
    achievement.title_key = title_key(achievement.title)


def _change(session: Session, rows: Sequence[ListRow], met: Owners) -> list[int]:
    achievements = rows_by_id(session, Achievement, [row.target_id for row in rows])
    changed = []
    for row in rows:
        achievement = achievements.get(row.target_id or 0)
        if achievement is None:
            continue
        values = _said(row).values
        news = {name: values[name] for name in row.changes if name in values}
        _set(achievement, news)
        met.change_contact(row, achievement, values)
        if "patent_nos" in news:
            replace_patents(session, achievement)
        version = achievement.text_version
        if _MATCHED_BY & news.keys():
            achievement.text_version += 1
        take_over(row, achievement, version=version)
        changed.append(achievement.id)
    return changed


def replace_patents(session: Session, achievement: Achievement) -> None:
    """Make the table of normalised numbers say what `patent_nos` says."""
    session.execute(delete(AchievementPatent).where(AchievementPatent.achievement_id == achievement.id))
    for number in patent_keys(achievement.patent_nos):
        session.add(AchievementPatent(achievement_id=achievement.id, number=number[:30]))


def _tell(session: Session, actor: Actor, upload: Upload, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), MESSAGE_IDS):
        part = tuple(ids[start : start + MESSAGE_IDS])
        outbox.record(session, actor, AchievementsImported(upload_id=upload.id, achievement_ids=part))


def blocked(session: Session, added: Sequence[ListRow]) -> set[int]:
    """Return which added achievements can no longer be taken back: somebody works with them already."""
    first_row = {row.target_id: row for row in added}
    standing = standings(session, Achievement, first_row)
    achievements = [one.id for one in standing]
    touched = {
        one.id for one in standing if not one.untouched(first_row[one.id].id, came_as(first_row[one.id]))
    }
    decided = {
        achievement_id
        for part in chunks(achievements)
        for achievement_id in session.scalars(
            select(Match.achievement_id).where(Match.achievement_id.in_(part), WORKED_ON)
        )
    }
    return touched | decided | still_referenced(session, Achievement, achievements, ignoring=_TOGETHER)


def take_back(
    session: Session, actor: Actor, upload: Upload, added: Sequence[ListRow], changed: Sequence[ListRow]
) -> None:
    """Remove added achievements with their open proposals, and give changed ones their old values back."""
    ids = [row.target_id for row in added if row.target_id is not None]
    for part in chunks(ids):
        session.execute(delete(Match).where(Match.achievement_id.in_(part)))
        for table in (Vector, WiderSearch, StateChange):
            session.execute(
                delete(table).where(table.subject_kind == "achievement", table.subject_id.in_(part))
            )
        session.execute(delete(Achievement).where(Achievement.id.in_(part)))
    achievements = rows_by_id(session, Achievement, [row.target_id for row in changed])
    handed: dict[int, Handed] = {}
    for row in changed:
        achievement = achievements.get(row.target_id or 0)
        if achievement is None or achievement.upload_row_id != row.id:
            continue
        _set(achievement, values_to_restore(achievement, row.changes))
        Owners.restore_contact(session, row, achievement)
        replace_patents(session, achievement)
        back = hand_back(row, achievement)
        if back is not None and achievement.upload_row_id is not None:
            handed[achievement.upload_row_id] = back
    note_handed_back(session, handed)
    _tell(session, actor, upload, list(achievements))
    for start in range(0, len(ids), MESSAGE_IDS):
        gone = tuple(ids[start : start + MESSAGE_IDS])
        outbox.record(session, actor, AchievementsWithdrawn(achievement_ids=gone))
