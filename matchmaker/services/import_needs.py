"""Needs from lists: what a row says, what it is compared with, and how it goes in and out again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain import imports
from matchmaker.domain.identifiers import clean_uscc, need_text_key, need_title_key
from matchmaker.domain.imports import Deed, Incoming, Judgement, Known
from matchmaker.domain.messages import NeedsImported
from matchmaker.domain.needs import TITLE_MAX
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.splitting import several_needs
from matchmaker.domain.states import ConsentScope, Disclosure, NeedState, OrganisationKind
from matchmaker.files.headers import RecordKind
from matchmaker.services.consents import first_consents
from matchmaker.services.import_owners import Met, Owners, contact_name
from matchmaker.services.import_persons import Someone
from matchmaker.services.import_traces import Handed, came_as, hand_back, note_handed_back, take_over
from matchmaker.services.import_values import (
    Memory,
    as_columns,
    cut_remark,
    read_once,
    title_missing,
    values_to_restore,
)
from matchmaker.services.moves import move
from matchmaker.services.need_rows import firm_of, row_values
from matchmaker.services.needs import keep_name_out
from matchmaker.services.secrecy import secrets_of_row
from matchmaker.store.bulk import Insertions, next_ids
from matchmaker.store.queries.imports import Entry, known_needs, owners_of_texts, rows_by_id, standings
from matchmaker.store.queries.list_rows import ListRow
from matchmaker.store.queries.matches import WORKED_ON
from matchmaker.store.queries.uploads import chunks, still_referenced
from matchmaker.store.tables import (
    Match,
    Need,
    StateChange,
    Upload,
    Vector,
    WiderSearch,
)

_MESSAGE_IDS = 500
_MATCHED_BY = frozenset(
    {"title", "problem", "key_points", "goal", "background", "conditions", "keywords", "fields"}
)


class _Said:
    """What a row says; each part is worked out once."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self.values = row_values(stored)
        self.firm = firm_of(stored)
        self.about_display = "confidentiality" in stored["raw"]
        self.title_key = need_title_key(str(self.values.get("title") or ""))
        self.text_key = need_text_key(str(self.values.get("problem") or ""))

    @cached_property
    def columns(self) -> dict[str, Any]:
        """Return it as the columns of a new need, the keys of its texts with them."""
        return as_columns(self.values) | {"title_key": self.title_key, "text_key": self.text_key}


def _said(row: ListRow) -> _Said:
    return read_once(row, _Said)


def prepare(rows: Sequence[ListRow]) -> None:
    """Work out all that `bring_in` asks of rows that are only added, while others may still write."""
    for row in rows:
        _ = _said(row).columns
        row.keep_only_said()


def _names(rows: Iterable[ListRow]) -> list[tuple[str, str]]:
    """Return the organisations that rows name, with their codes."""
    return [firm for row in rows if (firm := _said(row).firm)[0]]


def judge(
    session: Session, actor: Actor, upload: Upload, rows: Sequence[ListRow], memory: Memory
) -> tuple[list[Judgement], list[list[Problem]]]:
    """Return the verdict on every row, and what is to be said about it besides the file's own problems."""
    owners = Owners(session, actor, upload, names=_names(rows))
    remarks = [_check(row, owners, actor, quiet=memory.quiet) for row in rows]
    incoming = [_incoming(row, owners, said, memory) for row, said in zip(rows, remarks, strict=True)]
    likely = owners.met_ids() if actor.organises else actor.organisation_ids
    known: dict[str, list[Known]] = {}
    for entry in _known(session, likely, [_said(row) for row in rows]):
        owner, values = str(entry.organisation_id), entry.known.values
        title, text = need_title_key(str(values["title"])), need_text_key(str(values["problem"]))
        for key in (*_keys(owner, title, values.get("external_id")), *_hints(owner, text)):
            known.setdefault(key, []).append(entry.known)
    if actor.organises and not memory.quiet:
        shared = owners_of_texts(session, [_said(row).text_key for row in rows])
        for row, said in zip(rows, remarks, strict=True):
            said.extend(_shared_need(row, owners, shared))
    return imports.judge(incoming, known, seen=memory.seen), remarks


def _known(session: Session, owner_ids: Collection[int], said: Sequence[_Said]) -> list[Entry]:
    return known_needs(
        session,
        organisation_ids=owner_ids,
        title_keys=[one.title_key for one in said],
        text_keys=[one.text_key for one in said],
        numbers=[str(one.values.get("external_id") or "") for one in said],
    )


def _check(row: ListRow, owners: Owners, actor: Actor, *, quiet: bool) -> list[Problem]:
    firm, uscc = firm_of(row.values)
    place = row.values["where"]
    problems = []
    own = owners.own()
    if not firm and own is None and "enterprise_name" not in _fields_with_errors(row):
        message = "没有写企业名称，请补上，或在上传时选好单位。"
        problems.append(
            Problem(field="enterprise_name", code="enterprise_missing", message=message, where=place)
        )
    elif firm and not actor.organises and own is not None and owners.known(firm, uscc) != own.id:
        message = f"这一行的企业是“{firm}”，您只能为本单位“{own.name}”导入需求。"
        problems.append(
            Problem(field="enterprise_name", code="other_enterprise", message=message, where=place)
        )
    if row.values["plain"].get("confidentiality") == "rejected":
        message = "标明涉密的需求不得录入本系统，请按保密规定线下处理。"
        problems.append(Problem(field="confidentiality", code="classified", message=message, where=place))
    problems += title_missing(row.values, what="需求名称")
    problems += cut_remark(row.values, most=TITLE_MAX, into="主要问题")
    problems += [] if quiet else _several_needs(row)
    return problems + secrets_of_row(row.values, RecordKind.NEED)


def _fields_with_errors(row: ListRow) -> set[str]:
    return {problem["field"] for problem in row.values["problems"] if problem["severity"] == Severity.ERROR}


def _several_needs(row: ListRow) -> list[Problem]:
    """Say that a cell numbers several needs: it goes in whole, and is cut where needs are reviewed."""
    plain = row.values["plain"]
    numbered = several_needs(str(plain.get("problem") or ""), title=str(plain.get("title") or ""))
    if numbered is None:
        return []
    field, cell = ("title", "名称这一格") if numbered.way == "title" else ("problem", "这一格")
    message = f"{cell}像是写了 {len(numbered.pieces)} 项需求：先整条导入，受理时可以拆开。"
    place = row.values["where"]
    return [Problem(field=field, code="several_needs", message=message, where=place, severity=Severity.GUESS)]


def _incoming(row: ListRow, owners: Owners, remarks: Sequence[Problem], memory: Memory) -> Incoming:
    said = _said(row)
    firm, uscc = said.firm
    owner = owners.key(firm, uscc) if firm else str(getattr(owners.own(), "id", ""))
    if firm and uscc:  # one firm under two names, before the library knows it
        owner = memory.firms.setdefault(clean_uscc(uscc), owner)
    stopped = _stopped_by_file(row, owners) or any(p.severity is Severity.ERROR for p in remarks)
    return Incoming(
        place=row.values["where"],
        values=said.values,
        keys=_keys(owner, said.title_key, said.values.get("external_id")),
        hints=_hints(owner, said.text_key),
        layout=row.values["layout"],
        stopped=stopped,
    )


def _stopped_by_file(row: ListRow, owners: Owners) -> bool:
    """Say whether the file itself keeps a row out; a blank firm is filled by the uploader's own."""
    errors = [problem for problem in row.values["problems"] if problem["severity"] == Severity.ERROR]
    if owners.own() is not None:
        errors = [p for p in errors if (p["field"], p["code"]) != ("enterprise_name", "missing")]
    return bool(errors)


def _keys(owner: str, title: str, number: object) -> tuple[str, ...]:
    by_number = (f"number:{owner}:{number}",) if number else ()
    return (f"title:{owner}:{title}", *by_number)


def _hints(owner: str, text: str) -> tuple[str, ...]:
    return (f"text:{owner}:{text}",) if text else ()


def _shared_need(row: ListRow, owners: Owners, shared: Mapping[str, tuple[int, str]]) -> list[Problem]:
    other = shared.get(_said(row).text_key)
    firm, uscc = _said(row).firm
    if other is None or owners.known(firm, uscc) == other[0]:
        return []
    message = f"需求内容与“{other[1]}”的一条相同：两家各记一条，不合并，可作为共性需求处理。"
    return [
        Problem(
            field="problem",
            code="shared_need",
            message=message,
            where=row.values["where"],
            severity=Severity.GUESS,
        )
    ]


def meet(session: Session, actor: Actor, upload: Upload, work: Sequence[tuple[ListRow, Deed]]) -> Met:
    """Find out whose the rows are and who is asked about those that are added, and make these ready."""
    owners = Owners(session, actor, upload, names=_names(row for row, _ in work))
    fresh = _fresh(work)
    owners.add_missing(
        [(*_said(row).firm, str(_said(row).values.get("town", ""))) for row in fresh],
        kind_of=lambda _name: OrganisationKind.ENTERPRISE,
    )
    said = [_said(row).values for row in fresh]
    owner_ids = [_owner_id(row, owners) for row in fresh]
    owners.people.look_up(
        (owner_id, name)
        for owner_id, values in zip(owner_ids, said, strict=True)
        if (name := contact_name(values))
    )
    found = [
        (owner_id, owners.contact(owner_id, values)) for owner_id, values in zip(owner_ids, said, strict=True)
    ]
    met = Met(owners=owners, ids=next_ids(session, Need, len(fresh)), insertions=Insertions(session))
    owners.prepare(met.insertions)  # needs point at their owners and contacts
    _add(met, actor, fresh, found)
    return met


def _fresh(work: Sequence[tuple[ListRow, Deed]]) -> list[ListRow]:
    return [row for row, deed in work if deed is Deed.ADD]


def bring_in(
    session: Session, actor: Actor, upload: Upload, work: Sequence[tuple[ListRow, Deed]], met: Met
) -> Owners:
    """Add and change needs as decided, and record which; return the owners that were met."""
    met.insertions.write()
    met.owners.people.write()  # what was learnt of those who are known
    fresh = _fresh(work)
    for row, need_id in zip(fresh, met.ids, strict=True):
        row.target_id = need_id
    first_consents(session, actor, subject_kind="need", ticks=_display_ticks(fresh), channel="import")
    changed = _change(session, actor, [row for row, deed in work if deed is Deed.UPDATE], met.owners)
    _tell(session, actor, upload, [*met.ids, *changed])
    return met.owners


def _owner_id(row: ListRow, owners: Owners) -> int:
    firm, uscc = _said(row).firm
    if firm:
        town = str(_said(row).values.get("town", ""))
        return owners.ensure(firm, kind=OrganisationKind.ENTERPRISE, uscc=uscc, town=town)
    own_id: int = getattr(owners.own(), "id")  # noqa: B009 -- a row without a firm was stopped when nobody owns the upload
    return own_id


def _add(
    met: Met, actor: Actor, rows: Sequence[ListRow], found: Sequence[tuple[int, Someone | None]]
) -> None:
    """Make new needs ready, with their first state; `found` are their owners and contacts."""
    moment = clock.now()
    day = f"{clock.local(moment):%Y%m%d}"
    needs = [
        _said(row).columns
        | {
            "id": need_id,
            "code": f"N{day}-{need_id:05d}",
            "organisation_id": owner_id,
            "status": NeedState.SUBMITTED,
            "source": "excel",
            "upload_row_id": row.id,
            "created_by_id": actor.user_id,
            "created_at": moment,
            "updated_at": moment,
            "submitted_at": moment,
            "contact_id": contact.id if contact else None,
        }
        for row, need_id, (owner_id, contact) in zip(rows, met.ids, found, strict=True)
    ]
    met.insertions.add(Need, needs)
    met.insertions.add(StateChange, [_first_state(need_id, actor, moment) for need_id in met.ids])


def _set(need: Need, values: Mapping[str, object]) -> None:
    for name, value in as_columns(values).items():
        setattr(need, name, value)


def _first_state(need_id: int, actor: Actor, moment: datetime) -> dict[str, Any]:
    return {
        "subject_kind": "need",
        "subject_id": need_id,
        "from_state": "",
        "to_state": NeedState.SUBMITTED.value,
        "reason": "由清单导入",
        "user_id": actor.user_id,
        "at": moment,
    }


def _display_ticks(rows: Sequence[ListRow]) -> dict[int, Mapping[ConsentScope, bool]]:
    """Return need id → what its row says about being shown, of the rows that say anything."""
    shown = (Disclosure.PUBLIC.value, Disclosure.MASKED.value)
    return {
        row.target_id: {
            ConsentScope.PUBLIC_DISPLAY: _said(row).values.get("disclosure", Disclosure.MASKED.value) in shown
        }
        for row in rows
        if row.target_id is not None and _said(row).about_display
    }


def _change(session: Session, actor: Actor, rows: Sequence[ListRow], owners: Owners) -> list[int]:
    needs = rows_by_id(session, Need, [row.target_id for row in rows])
    changed = []
    for row in rows:
        need = needs.get(row.target_id or 0)
        if need is None:
            continue
        values = _said(row).values
        news = {name: values[name] for name in row.changes if name in values}
        _set(need, news)
        if "disclosure" in news:
            keep_name_out(session, need)
        owners.change_contact(row, need, values)
        version, returned = need.text_version, need.status is NeedState.RETURNED
        if _MATCHED_BY & news.keys():
            need.text_version += 1
        if returned:
            move(session, actor, "need", need, NeedState.SUBMITTED, reason="按退回意见修改后重新报送")
        take_over(row, need, version=version, alone=not returned)
        changed.append(need.id)
    return changed


def _tell(session: Session, actor: Actor, upload: Upload, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), _MESSAGE_IDS):
        part = tuple(ids[start : start + _MESSAGE_IDS])
        outbox.record(session, actor, NeedsImported(upload_id=upload.id, need_ids=part))


def blocked(session: Session, added: Sequence[ListRow]) -> set[int]:
    """Return which added needs can no longer be taken back: somebody works with them already."""
    first_row = {row.target_id: row for row in added}
    standing = standings(session, Need, first_row)
    needs = [one.id for one in standing]
    moved = {
        one.id
        for one in standing
        if one.status is not NeedState.SUBMITTED
        or not one.untouched(first_row[one.id].id, came_as(first_row[one.id]))
    }
    decided = {
        need_id
        for part in chunks(needs)
        for need_id in session.scalars(select(Match.need_id).where(Match.need_id.in_(part), WORKED_ON))
    }
    return moved | decided | still_referenced(session, Need, needs, ignoring=("match",))


def take_back(
    session: Session, actor: Actor, upload: Upload, added: Sequence[ListRow], changed: Sequence[ListRow]
) -> None:
    """Remove added needs with their open proposals, and give changed ones their old values back."""
    ids = [row.target_id for row in added if row.target_id is not None]
    for part in chunks(ids):
        session.execute(delete(Match).where(Match.need_id.in_(part)))
        for table in (Vector, WiderSearch, StateChange):
            session.execute(delete(table).where(table.subject_kind == "need", table.subject_id.in_(part)))
        session.execute(delete(Need).where(Need.id.in_(part)))
    needs = rows_by_id(session, Need, [row.target_id for row in changed])
    handed: dict[int, Handed] = {}
    for row in changed:
        need = needs.get(row.target_id or 0)
        if need is not None and need.upload_row_id == row.id:
            _set(need, values_to_restore(need, row.changes))
            Owners.restore_contact(session, row, need)
            back = hand_back(row, need)
            if back is not None and need.upload_row_id is not None:
                handed[need.upload_row_id] = back
    note_handed_back(session, handed)
    _tell(session, actor, upload, [row.target_id for row in changed if row.target_id in needs])
