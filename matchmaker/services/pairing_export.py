"""The pairing list as a workbook, in two editions.

The internal one is logged and marked with who made it and why. It can be edited and read back
(`services/pairing_edits.py`): a hidden column names every row, a hidden sheet says which version of
which list it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.day_rules import DayRules, pauses_in_words
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.showing import within_quotes
from matchmaker.domain.states import PairingState
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.files.exports import ColumnSpec, SheetSpec, workbook
from matchmaker.services.contacts import log_export
from matchmaker.services.events import organiser_event
from matchmaker.services.pairing_rows import (
    CODE_COLUMNS,
    COLUMNS,
    REASON_COLUMNS,
    codes_in,
    handout_row,
    internal_row,
    numbered,
    orders_in_words,
    reason_rows,
)
from matchmaker.store.queries.day_rules import order_lines
from matchmaker.store.queries.pairings import PairingLine, pairing_lines
from matchmaker.store.tables import Event, PairingList

KEY_COLUMN = ColumnSpec(key="key", header="行标识（勿改）", width=16, hidden=True)
LIST_SHEET = "对接清单"
ORIGIN_SHEET = "清单来源（勿改）"
_ORIGIN_COLUMNS = (
    ColumnSpec(key="word", header="项目", hidden=True),
    ColumnSpec(key="value", header="内容", hidden=True),
)
_HOW_TO_EDIT = (
    "可在本表删行、加行、改洽谈时间/桌号、改跟进人和备注、调整行的顺序，保存后在“材料”页传回，核对后成为新的一版。",
    "加行请写明企业名称、技术需求名称、推荐成果名称，须与系统里的写法一致。其他列的改动不会传回。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """The lines of a list with full contacts, the export logged, and the mark the paper must carry."""

    event: Event
    row: PairingList
    lines: list[PairingLine]
    mark: str


def internal_lines(session: Session, actor: Actor, *, list_id: int, purpose: str) -> Logged:
    """Return a list for an edition with full contacts and log whose they are.

    Needs a writing session. Raises InvalidInput without a purpose.
    """
    event, row = list_of(session, actor, list_id)
    if not purpose.strip():
        message = "导出完整联系方式前，请写明用途，如：活动当天签到联系。"
        raise InvalidInput([Problem(field="purpose", code="missing", message=message)])
    lines = pairing_lines(session, list_id=row.id)
    people = {person.id for line in lines for person in (line.need_contact, line.expert) if person}
    log_export(session, actor, people, f"导出对接清单“{event.title}”第 {row.number} 版：{purpose.strip()}")
    moment = f"{clock.local(clock.now()):%Y-%m-%d %H:%M}"
    mark = f"内部使用，请勿外传。导出人：{actor.name}；时间：{moment}；用途：{purpose.strip()}"
    return Logged(event=event, row=row, lines=lines, mark=mark)


def internal_edition(session: Session, actor: Actor, *, list_id: int, purpose: str) -> bytes:
    """Return the edition with full contacts, logged and marked, that can be edited and read back."""
    logged = internal_lines(session, actor, list_id=list_id, purpose=purpose)
    event, row = logged.event, logged.row
    rows = list(numbered(event, logged.lines, internal_row))
    sheets = [
        SheetSpec(
            name=LIST_SHEET,
            columns=(*COLUMNS, KEY_COLUMN),
            rows=rows,
            title=f"{logged.mark}　{heading(event, row, '内部版')}",
            notes=(*_HOW_TO_EDIT, *_of_day(session, row)),
            printed=True,
        ),
        SheetSpec(
            name="推荐理由", columns=REASON_COLUMNS, rows=list(reason_rows(logged.lines)), printed=True
        ),
        SheetSpec(name="代号对照", columns=CODE_COLUMNS, rows=_codes(logged.lines), printed=True),
        SheetSpec(name=ORIGIN_SHEET, columns=_ORIGIN_COLUMNS, rows=origin_rows(row), hidden=True),
    ]
    return workbook(sheets)


def handout_edition(session: Session, actor: Actor, *, list_id: int) -> bytes:
    """Return the edition that may be handed out: firms as disclosed, contacts masked, budgets as bands.

    Meetings that one side has turned down since are left out: the hall would wait for them.
    """
    event, row = list_of(session, actor, list_id)
    every = pairing_lines(session, list_id=row.id)
    lines = [line for line in every if line.pairing.status is not PairingState.DECLINED]
    rows = list(numbered(event, lines, handout_row))
    title = heading(event, row, "会场发放版")
    day = DayRules.of_json(row.day)
    notes = tuple(words for words in (pauses_in_words(day), orders_in_words(day, lines)) if words)
    sheet = SheetSpec(name=LIST_SHEET, columns=COLUMNS, rows=rows, title=title, notes=notes, printed=True)
    return workbook([sheet])


def _of_day(session: Session, row: PairingList) -> Iterator[str]:
    """Yield what the version keeps to: its pauses, and which meeting comes before which."""
    day = DayRules.of_json(row.day)
    if words := pauses_in_words(day):
        yield words
    names = {line.key[0]: line.earlier for line in order_lines(session, row.event_id)}
    names |= {line.key[1]: line.later for line in order_lines(session, row.event_id)}
    told = [f"“{names[one]}”先于“{names[two]}”" for one, two in day.orders if {one, two} <= names.keys()]
    if told:
        yield f"先后次序：{'；'.join(told)}。"


def _codes(lines: Sequence[PairingLine]) -> list[Mapping[str, object]]:
    return [{"code": code, "firm": firm} for code, firm in codes_in(lines)]


def list_of(session: Session, actor: Actor, list_id: int) -> tuple[Event, PairingList]:
    """Return a list and its event for an organiser. Raises NotFound, NotAllowed."""
    row = session.get(PairingList, list_id)
    if row is None:
        raise NotFound()
    return organiser_event(session, actor, row.event_id), row


def heading(event: Event, row: PairingList, edition: str) -> str:
    """Return the title line of an edition."""
    when = f"{clock.local(event.starts_at):%Y-%m-%d %H:%M}"
    return f"“{within_quotes(event.title)}”对接清单（{edition}，第 {row.number} 版，{when}）"


def origin_rows(row: PairingList) -> Sequence[Mapping[str, object]]:
    """Return what the hidden sheet says; the moment tells apart lists of different installations."""
    origin = {
        "活动": str(row.event_id),
        "清单": str(row.id),
        "版本": str(row.number),
        "生成于": row.created_at.isoformat(),
    }
    return [{"word": word, "value": value} for word, value in origin.items()]
