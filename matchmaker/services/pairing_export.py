"""The pairing list as a workbook, in the columns that organisers print.

Two editions: the internal one with full contacts, logged and marked with who made it and why; the
hand-out, in which firms are named only as they are disclosed and everybody is masked.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy.orm import Session

from matchmaker import clock, wording
from matchmaker.domain.disclosure import view_of
from matchmaker.domain.permissions import ANYONE, Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.showing import budget_band, masked_name, masked_phone, money_range
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.files.exports import CellKind, ColumnSpec, SheetSpec, workbook
from matchmaker.services.contacts import log_export
from matchmaker.services.events import organiser_event, slot_words
from matchmaker.store.queries.pairings import PairingLine, pairing_lines
from matchmaker.store.tables import Event, PairingList, Person

COLUMNS = (
    ColumnSpec(key="number", header="序号", width=6, kind=CellKind.INTEGER),
    ColumnSpec(key="firm", header="企业名称", width=26),
    ColumnSpec(key="town", header="所在乡镇", width=12),
    ColumnSpec(key="need", header="技术需求名称", width=28),
    ColumnSpec(key="points", header="需求要点/指标", width=36),
    ColumnSpec(key="field", header="领域", width=16),
    ColumnSpec(key="budget", header="拟投入", width=14),
    ColumnSpec(key="achievement", header="推荐成果名称", width=28),
    ColumnSpec(key="owner", header="完成单位", width=22),
    ColumnSpec(key="expert", header="专家（职称）", width=14),
    ColumnSpec(key="maturity", header="成熟度", width=12),
    ColumnSpec(key="grade", header="匹配度", width=10),
    ColumnSpec(key="reason", header="推荐理由", width=44),
    ColumnSpec(key="slot", header="洽谈时间/桌号", width=18),
    ColumnSpec(key="need_contact", header="企业联系人/电话", width=22),
    ColumnSpec(key="expert_contact", header="专家联系人/电话", width=22),
    ColumnSpec(key="outcome", header="对接结果", width=12),
    ColumnSpec(key="follower", header="跟进人", width=10),
    ColumnSpec(key="remark", header="备注", width=20),
)


def internal_edition(session: Session, actor: Actor, *, list_id: int, purpose: str) -> bytes:
    """Return the edition with full contacts, log whose they are, and mark the file.

    Needs a writing session. Raises InvalidInput without a purpose.
    """
    event, row = _list_of(session, actor, list_id)
    if not purpose.strip():
        message = "导出完整联系方式前，请写明用途，如：活动当天签到联系。"
        raise InvalidInput([Problem(field="purpose", code="missing", message=message)])
    lines = pairing_lines(session, list_id=row.id)
    people = {person.id for line in lines for person in (line.need_contact, line.expert) if person}
    log_export(session, actor, people, f"导出对接清单“{event.title}”第 {row.number} 版：{purpose.strip()}")
    moment = f"{clock.local(clock.now()):%Y-%m-%d %H:%M}"
    mark = f"内部使用，请勿外传。导出人：{actor.name}；时间：{moment}；用途：{purpose.strip()}"
    return _book(event, row, [_internal(event, line) for line in lines], mark=mark, edition="内部版")


def handout_edition(session: Session, actor: Actor, *, list_id: int) -> bytes:
    """Return the edition that may be handed out: firms as disclosed, contacts masked, budgets as bands."""
    event, row = _list_of(session, actor, list_id)
    lines = pairing_lines(session, list_id=row.id)
    return _book(event, row, [_handout(event, line) for line in lines], mark="", edition="会场发放版")


def _list_of(session: Session, actor: Actor, list_id: int) -> tuple[Event, PairingList]:
    row = session.get(PairingList, list_id)
    if row is None:
        raise NotFound()
    return organiser_event(session, actor, row.event_id), row


def _book(
    event: Event, row: PairingList, lines: Sequence[dict[str, object]], *, mark: str, edition: str
) -> bytes:
    when = f"{clock.local(event.starts_at):%Y-%m-%d %H:%M}"
    heading = f"“{event.title}”对接清单（{edition}，第 {row.number} 版，{when}）"
    sheet = SheetSpec(
        name="对接清单",
        columns=COLUMNS,
        rows=list(_numbered(lines)),
        title=f"{mark}　{heading}" if mark else heading,
    )
    return workbook([sheet])


def _numbered(lines: Sequence[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    for number, line in enumerate(lines, 1):
        yield {"number": number, **line}


def _shared(event: Event, line: PairingLine) -> dict[str, object]:
    pairing, seat = line.pairing, line.seat
    place = f"{pairing.table_number} 号桌" if pairing.table_number else ""
    return {
        "town": line.faces.town,
        "field": _fields(line),
        "achievement": line.achievement.title,
        "owner": seat.organisation if seat else line.achievement.owner_text,
        "maturity": wording.label("maturity", line.achievement.maturity or None),
        "grade": wording.label("grade", line.match.grade.value) if line.match else "指定",
        "slot": " ".join(part for part in (slot_words(event, pairing.slot), place) if part),
        "outcome": wording.label("meeting_outcome", pairing.outcome.value) if pairing.outcome else "",
        "follower": pairing.outcome_by,
    }


def _internal(event: Event, line: PairingLine) -> dict[str, object]:
    need = line.need
    return _shared(event, line) | {
        "firm": line.enterprise.name,
        "need": need.title,
        "points": need.key_points or need.problem,
        "budget": money_range(need.budget_min_fen, need.budget_max_fen, text=need.budget_text),
        "reason": line.pairing.reason,
        "expert": _titled(line.expert),
        "need_contact": _contact(line.need_contact, masked=False),
        "expert_contact": _contact(line.expert, masked=False),
        "remark": line.pairing.outcome_note or line.pairing.answer_note,
    }


def _handout(event: Event, line: PairingLine) -> dict[str, object]:
    """Return a line for outside. Reasons that quote the original text stay inside."""
    shown = view_of(ANYONE, line.faces)
    said = [reason["text"] for reason in line.reasons if reason.get("kind") == "signal"]
    return _shared(event, line) | {
        "firm": shown.firm,
        "need": shown.title,
        "points": shown.text,
        "budget": budget_band(line.need.budget_min_fen, line.need.budget_max_fen),
        "reason": "；".join(said),
        "expert": _titled(line.expert),
        "need_contact": _contact(line.need_contact, masked=True),
        "expert_contact": _contact(line.expert, masked=True),
        "outcome": "",
        "follower": "",
        "remark": "",
    }


def _fields(line: PairingLine) -> str:
    names = [wording.field_names().get(code, code) for code in line.need.fields]
    return "、".join(names) or line.need.field_text


def _titled(person: Person | None) -> str:
    if person is None:
        return ""
    return f"{person.name}（{person.title}）" if person.title else person.name


def _contact(person: Person | None, *, masked: bool) -> str:
    if person is None:
        return ""
    if masked:
        return f"{masked_name(person.name)} {masked_phone(person.phone)}".strip()
    return f"{person.name} {person.phone or person.email}".strip()
