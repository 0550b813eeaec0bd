"""An edited pairing list comes back: what it changes is shown first, then it becomes a new version.

Nothing is changed by the upload itself. The difference is worked out against the list it came from and
against the rules as they stand when it is looked at; accepting works it out once more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.day_rules import DayRules
from matchmaker.domain.pairing_edit import PairKey, Room, Sitting, against_rules, impossible
from matchmaker.domain.pairing_places import place_in
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.errors import NotFound
from matchmaker.files.refusals import refused
from matchmaker.services.events import organiser_event, slot_start, slot_words
from matchmaker.services.pairing_edit_diff import Change, EditDiff, Wanted
from matchmaker.services.pairing_edit_names import by_name, nearest, not_found, plain
from matchmaker.services.pairing_edit_reading import NOT_OURS, EditedList, may_be_shown, without_secrets
from matchmaker.services.pairing_lists import open_event
from matchmaker.services.pairing_question import FIGURES_OF_EVENT, Option, options_of_pairs
from matchmaker.services.pairing_rows import COLUMNS, follower_of, internal_row, key_of, remark_of, slot_cell
from matchmaker.store.queries.pairings import PairingLine, Seat, pairing_lines, seats_of, versions_of
from matchmaker.store.queries.wishes import away_slots_of
from matchmaker.store.tables import Achievement, Event, Need, Organisation, PairingEdit, PairingList

_TAKEN = ("firm", "need", "achievement", "owner", "slot", "follower", "remark", "key")
_IGNORED = ("number", *_TAKEN)
_CONTACTS = ("need_contact", "expert_contact")
_LONGEST = {"follower": 60, "remark": 2000}


def propose_edit(session: Session, actor: Actor, *, event_id: int, edited: EditedList) -> PairingEdit:
    """Keep an edited list for looking at; the same file again is the same proposal.

    Raises FileRefused when it is no list of this event, WrongState when the event is over.
    """
    event = open_event(session, actor, event_id)
    base = _base(session, event, edited.origin)
    known = session.scalars(
        select(PairingEdit).where(
            PairingEdit.event_id == event.id,
            PairingEdit.list_id == base.id,
            PairingEdit.sha256 == edited.sha256,
            PairingEdit.made_list_id.is_(None),
        )
    ).first()
    if known is not None:
        return known
    row = PairingEdit(
        event_id=event.id,
        list_id=base.id,
        filename=edited.filename,
        sha256=edited.sha256,
        rows=_kept(session, event, base, edited),
        user_id=actor.user_id,
        at=clock.now(),
    )
    session.add(row)
    session.flush()  # the page that shows it needs its id
    return row


def _base(session: Session, event: Event, origin: Mapping[str, str]) -> PairingList:
    key = origin.get("清单", "")
    base = session.get(PairingList, int(key)) if key.isdecimal() and len(key) < 10 else None
    if base is None or base.created_at.isoformat() != origin.get("生成于"):
        raise refused("not_ours", NOT_OURS)
    if base.event_id != event.id:
        title = session.get_one(Event, base.event_id).title
        raise refused("other_event", f"这份清单是“{title}”的，不是这一场的，请到那一场的“材料”页传回。")
    return base


def _kept(session: Session, event: Event, base: PairingList, edited: EditedList) -> dict[str, Any]:
    """Return what is kept of a workbook: no contacts, and in words what will not be taken over."""
    lines = {key_of(line): line for line in pairing_lines(session, list_id=base.id)}
    not_taken = [f"{where} 没有写企业、需求和成果，没有导入" for where in edited.empty]
    not_taken += [f"文件里没有“{title}”这一列，这一列照旧" for title in edited.absent]
    for row in edited.rows:
        known = lines.get(row.cells.get("key", ""))
        # Cells that were sorted without the hidden key speak of another pair than it does.
        said = [known] if known and _says(row.cells, known) else list(lines.values())
        if line := _only_one(said, row.cells):
            not_taken += _not_taken(event, line, row.where, row.cells)
        elif known is None and (named := _beside(row.cells)):
            not_taken.append(f"{row.where}是新加的行，{named}没有导入，以系统里的为准")
    return {"rows": [without_secrets(row, _TAKEN) for row in edited.rows], "not_taken": not_taken}


def _only_one(lines: Iterable[PairingLine], cells: Mapping[str, str]) -> PairingLine | None:
    """Return the line that a row without its key names, if there is just one."""
    alike = [line for line in lines if _says(cells, line)]
    return alike[0] if len(alike) == 1 else None


def _says(row: Mapping[str, str], line: PairingLine) -> bool:
    said = (row["firm"], row["need"], row["achievement"])
    names = (line.enterprise.name, line.need.title, line.achievement.title)
    return all(plain(a) == plain(b) for a, b in zip(said, names, strict=True))


def _beside(cells: Mapping[str, str]) -> str:
    """Return in words the columns of a row that are filled in though nothing is taken from them."""
    return "".join(
        f"“{column.header}”" for column in COLUMNS if column.key not in _IGNORED and cells.get(column.key)
    )


def _not_taken(event: Event, line: PairingLine, where: str, cells: Mapping[str, str]) -> Iterator[str]:
    exported = internal_row(event, line)
    for column in COLUMNS:
        if column.key in _IGNORED or column.key not in cells:
            continue
        was = str(exported[column.key] or "")
        if plain(cells[column.key]) != plain(was):
            shown = column.key not in _CONTACTS and may_be_shown(cells[column.key])
            to = f"，改成了“{cells[column.key][:30]}”" if shown else ""
            yield f"{where}“{column.header}”与系统里不同{to}，没有导入，请在系统里改"


def edit_of(session: Session, actor: Actor, *, event_id: int, edit_id: int) -> PairingEdit:
    """Return a proposal of an event. Raises NotFound, NotAllowed."""
    organiser_event(session, actor, event_id)
    row = session.get(PairingEdit, edit_id)
    if row is None or row.event_id != event_id:
        raise NotFound()
    return row


def difference(session: Session, edit: PairingEdit) -> EditDiff:
    """Work out what an edited list changes and what it would break, as things stand now."""
    return _Comparison(session, edit).difference()


@dataclass(slots=True)
class _Read:
    """The rows of a workbook as pairs, and what is wrong with them."""

    wanted: list[Wanted] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: set[PairKey] = field(default_factory=set)
    """Pairs whose row is there but says something that cannot be: they are not taken out."""


class _Comparison:
    """Compares one workbook with the list it came from."""

    def __init__(self, session: Session, edit: PairingEdit) -> None:
        self._session, self._edit = session, edit
        self._event = session.get_one(Event, edit.event_id)
        self._base = session.get_one(PairingList, edit.list_id)
        self._lines = {key_of(line): line for line in pairing_lines(session, list_id=edit.list_id)}
        # a list made by hand may not say what figures it was made under
        own = {name: getattr(self._event, name) for name in FIGURES_OF_EVENT}
        self._day = DayRules.of_json(self._base.day)
        figures = {name: self._base.settings.get(name, figure) for name, figure in own.items()}
        self._room = Room(**figures, paused=self._day.paused)
        self._starts = [
            f"{clock.local(slot_start(self._event, slot)):%H:%M}" for slot in range(1, self._room.slots + 1)
        ]
        self._needs, self._achievements = by_name(session, self._event.id)

    def difference(self) -> EditDiff:
        read = self._read()
        gone = self._gone({one.key for one in read.wanted} | read.unread)
        sittings = [self._sitting(one) for one in read.wanted]
        room = self._room
        bans = {one.key: one.option.banned for one in read.wanted if one.option and not one.option.pin}
        away = away_slots_of(self._session, self._event.id)
        rules = against_rules(sittings, room, bans=bans, away=away, orders=self._day.orders)
        clashes = impossible(sittings, room)
        told = dict.fromkeys(words for found in clashes.values() for words in found)
        return EditDiff(
            edit=self._edit,
            base=self._base,
            room=room,
            changes=(*self._removed(gone), *(self._change(one, rules, clashes) for one in read.wanted)),
            wanted=tuple(read.wanted),
            problems=(
                *read.problems,
                *(Problem(field="", code="clash", message=f"{words}，请改开") for words in told),
            ),
            reordered=self._reordered(read.wanted),
            not_taken=tuple(self._edit.rows["not_taken"]),
            newest=versions_of(self._session, self._event.id)[0].number,
        )

    def _read(self) -> _Read:
        read = _Read()
        rows: dict[PairKey, Mapping[str, str]] = {}
        for row in self._edit.rows["rows"]:
            if "secret" in row:
                read.problems.append(_wrong(row, "secret", row["secret"]))
            key = self._key(row, read)
            if key is None:
                continue
            if key in rows:
                first = rows[key]["where"]
                message = f"与{first}是同一对，请删去其中一行"
                read.problems.append(_wrong(row, "repeated", message))
                continue
            rows[key] = row
        options = options_of_pairs(self._session, self._event, rows.keys())
        seats = seats_of(self._session, [achievement for _, achievement in rows])
        for key, row in rows.items():
            self._want(read, key, row, options.get(key), seats.get(key[1]))
        return read

    def _key(self, row: Mapping[str, str], read: _Read) -> PairKey | None:
        """Return the pair a row is about: its hidden key, unless the names in it say another."""
        line = self._lines.get(row.get("key", ""))
        alike = [line] if line else list(self._lines.values())
        alike = [line for line in alike if _says(row, line)]
        if len(alike) == 1:
            return alike[0].need.id, alike[0].achievement.id
        needs = self._needs.get((plain(row["firm"]), plain(row["need"])), [])
        achievements = self._achievements.get(plain(row["achievement"]), [])
        if len(achievements) > 1:
            achievements = [one for one in achievements if plain(one[1]) == plain(row.get("owner", ""))]
        if len(needs) != 1:
            words = f"“{row['firm']}”的需求“{row['need']}”"
            near = nearest(plain(row["firm"] + row["need"]), {a + b: f"{a}：{b}" for a, b in self._needs})
            read.problems.append(_wrong(row, "need", not_found(words, len(needs), near)))
        if len(achievements) != 1:
            words = f"成果“{row['achievement']}”"
            near = nearest(plain(row["achievement"]), {title: title for title in self._achievements})
            read.problems.append(_wrong(row, "achievement", not_found(words, len(achievements), near)))
        if len(needs) == len(achievements) == 1:
            return needs[0], achievements[0][0]
        read.unread |= {(line.need.id, line.achievement.id)} if line else set()
        return None

    def _want(
        self, read: _Read, key: PairKey, row: Mapping[str, str], option: Option | None, seat: Seat | None
    ) -> None:
        line = self._lines.get(f"N{key[0]}-A{key[1]}")
        try:
            slot, table = self._place(row, line)
        except ValueError as problem:
            read.problems.append(_wrong(row, "slot", str(problem)))
            read.unread.add(key)
            return
        for name, most in _LONGEST.items():
            if len(row.get(name, "")) > most:
                title = next(column.header for column in COLUMNS if column.key == name)
                read.problems.append(_wrong(row, "long", f"“{title}”超过 {most} 字，请改短"))
        seat = line.seat if line and line.seat else seat
        if seat is None:
            message = f"成果“{row['achievement']}”没有专家或单位可以到场，请先补上完成人"
            read.problems.append(_wrong(row, "seat", message))
            return
        read.wanted.append(
            Wanted(
                key=key,
                enterprise_id=self._session.get_one(Need, key[0]).organisation_id,
                seat=seat,
                line=line,
                option=option,
                slot=slot,
                table=table,
                follower=row.get("follower", follower_of(line) if line else ""),
                remark=row.get("remark", remark_of(line) if line else ""),
            )
        )

    def _place(self, row: Mapping[str, str], line: PairingLine | None) -> tuple[int | None, int | None]:
        """Return slot and table as the row says them, or as they are where that column was taken out."""
        if "slot" in row:
            return place_in(row["slot"], self._starts)
        return (line.pairing.slot, line.pairing.table_number) if line else (None, None)

    def _sitting(self, one: Wanted) -> Sitting:
        firm = self._session.get_one(Organisation, one.enterprise_id).name
        return Sitting(
            key=one.key,
            enterprise_id=one.enterprise_id,
            expert_id=one.seat.key,
            firm=firm,
            expert=one.seat.name,
            slot=one.slot,
            table=one.table,
        )

    def _gone(self, there: AbstractSet[PairKey]) -> list[PairingLine]:
        return [line for line in self._lines.values() if (line.need.id, line.achievement.id) not in there]

    def _removed(self, gone: Sequence[PairingLine]) -> Iterator[Change]:
        keys = {(line.need.id, line.achievement.id) for line in gone}
        options = options_of_pairs(self._session, self._event, keys)
        for line in gone:
            option = options.get((line.need.id, line.achievement.id))
            pin = option.pin if option else ""
            yield Change(
                kind="removed",
                firm=line.enterprise.name,
                need=line.need.title,
                achievement=line.achievement.title,
                expert=line.seat.name if line.seat else "",
                before=slot_cell(self._event, line),
                after="",
                breaks=(f"这一对是必须配对的：{pin}",) if pin else (),
            )

    def _change(
        self,
        one: Wanted,
        rules: Mapping[PairKey, Sequence[str]],
        clashes: Mapping[PairKey, Sequence[str]],
    ) -> Change:
        need_id, achievement_id = one.key
        before = slot_cell(self._event, one.line) if one.line else ""
        after = " ".join(
            part
            for part in (slot_words(self._event, one.slot), f"{one.table} 号桌" if one.table else "")
            if part
        )
        notes = tuple(_notes(one))
        kind = "added" if one.line is None else "moved" if before != after else "noted" if notes else "same"
        return Change(
            kind=kind,
            firm=self._session.get_one(Organisation, one.enterprise_id).name,
            need=self._session.get_one(Need, need_id).title,
            achievement=self._session.get_one(Achievement, achievement_id).title,
            expert=one.seat.name,
            before=before,
            after=after,
            notes=notes,
            breaks=tuple(rules.get(one.key, ())),
            clashes=tuple(clashes.get(one.key, ())),
        )

    def _reordered(self, wanted: Sequence[Wanted]) -> bool:
        now = [one.line.id for one in wanted if one.line]
        kept = set(now)
        return now != [line.id for line in self._lines.values() if line.id in kept]


def _notes(one: Wanted) -> Iterator[str]:
    """Yield what the organiser noted on a row that the list did not say."""
    follower = follower_of(one.line) if one.line else ""
    remark = remark_of(one.line) if one.line else ""
    if one.follower != follower:
        yield f"跟进人：{one.follower or '（清空）'}"
    if plain(one.remark) != plain(remark):
        yield f"备注：{one.remark or '（清空）'}"


def _wrong(row: Mapping[str, str], code: str, message: str) -> Problem:
    return Problem(field="", code=code, message=message, where=row["where"])
