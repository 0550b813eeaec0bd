"""The rows of a pairing list as organisers print it: the columns, and both editions of a line.

The internal edition has full contacts; in the hand-out firms are named only as they are disclosed,
contacts are masked, budgets are bands, and reasons that quote the original text stay inside.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from matchmaker import wording
from matchmaker.domain.day_rules import DayRules
from matchmaker.domain.disclosure import view_of
from matchmaker.domain.permissions import ANYONE
from matchmaker.domain.showing import budget_band, masked_name, masked_phone
from matchmaker.domain.states import Disclosure
from matchmaker.domain.written_contacts import without_contacts
from matchmaker.files.exports import CellKind, ColumnSpec
from matchmaker.services.events import slot_words
from matchmaker.services.partners import offered_by
from matchmaker.store.queries.pairings import PairingLine
from matchmaker.store.tables import Event, Need, Person

COLUMNS = (
    ColumnSpec(key="number", header="序号", width=6, kind=CellKind.INTEGER),
    ColumnSpec(key="firm", header="企业名称", width=24),
    ColumnSpec(key="town", header="所在乡镇", width=11),
    ColumnSpec(key="need", header="技术需求名称", width=26),
    ColumnSpec(key="points", header="需求要点/指标", width=36),
    ColumnSpec(key="field", header="领域", width=14),
    ColumnSpec(key="budget", header="拟投入(万元)", width=12),
    ColumnSpec(key="achievement", header="推荐成果名称", width=26),
    ColumnSpec(key="owner", header="完成单位", width=20),
    ColumnSpec(key="expert", header="专家(职称)", width=14),
    ColumnSpec(key="maturity", header="成熟度", width=10),
    ColumnSpec(key="grade", header="匹配度", width=8),
    ColumnSpec(key="reason", header="推荐理由", width=34),
    ColumnSpec(key="slot", header="洽谈时间/桌号", width=18),
    ColumnSpec(key="need_contact", header="企业联系人/电话", width=18),
    ColumnSpec(key="expert_contact", header="专家联系人/电话", width=18),
    ColumnSpec(key="outcome", header="对接结果", width=10),
    ColumnSpec(key="follower", header="跟进人", width=9),
    ColumnSpec(key="remark", header="备注", width=18),
)
REASON_COLUMNS = (
    ColumnSpec(key="number", header="序号", width=6, kind=CellKind.INTEGER),
    ColumnSpec(key="firm", header="企业名称", width=24),
    ColumnSpec(key="need", header="技术需求名称", width=28),
    ColumnSpec(key="achievement", header="推荐成果名称", width=28),
    ColumnSpec(key="kind", header="类别", width=10),
    ColumnSpec(key="text", header="理由", width=60),
)
CODE_COLUMNS = (
    ColumnSpec(key="code", header="代号", width=10),
    ColumnSpec(key="firm", header="企业名称", width=28),
)
_REASON_KINDS = {"question": "待核实", "quote": "原文依据", "signal": "条件吻合"}
_SHORT_REASONS = 2
_WAN = 1_000_000
RowOf = Callable[[Event, PairingLine], dict[str, object]]


def numbered(event: Event, lines: Sequence[PairingLine], row_of: RowOf) -> Iterator[Mapping[str, object]]:
    """Yield the rows of an edition in the order of the list."""
    for number, line in enumerate(lines, 1):
        yield {"number": number, "key": key_of(line), **row_of(event, line)}


def orders_in_words(day: DayRules, lines: Sequence[PairingLine]) -> str:
    """Write which meeting comes before which, by the numbers of the rows, which name nobody; "" for none."""
    numbers = {(line.need.id, line.expert_key): number for number, line in enumerate(lines, 1)}
    told = [
        f"序号 {numbers[earlier]} 先于序号 {numbers[later]}"
        for earlier, later in day.orders
        if earlier in numbers and later in numbers
    ]
    return f"洽谈的先后次序：{'；'.join(told)}。" if told else ""


def codes_in(lines: Sequence[PairingLine]) -> list[tuple[str, str]]:
    """Return (code, firm) of those that papers for the hall name by their code; this list is for inside."""
    found = {
        (line.faces.code, line.enterprise.name)
        for line in lines
        if line.faces.code and line.faces.disclosure is not Disclosure.PUBLIC
    }
    return sorted(found)


def key_of(line: PairingLine) -> str:
    """Return what names a row through all versions of a list; letters keep Excel from making it a date."""
    return f"N{line.need.id}-A{line.achievement.id}"


def slot_cell(event: Event, line: PairingLine) -> str:
    """Write time and table: 14:00–14:20 3 号桌."""
    pairing = line.pairing
    place = f"{pairing.table_number} 号桌" if pairing.table_number else ""
    return " ".join(part for part in (slot_words(event, pairing.slot), place) if part)


def _shared(event: Event, line: PairingLine) -> dict[str, object]:
    pairing, seat = line.pairing, line.seat
    return {
        "town": line.faces.town,
        "field": fields_of(line.need),
        "achievement": line.achievement.title,
        "owner": seat.organisation if seat else line.achievement.owner_text,
        "expert": titled(line.expert),
        "maturity": wording.label("maturity", line.achievement.maturity or None),
        "grade": _grade_words(line),
        "slot": slot_cell(event, line),
        "outcome": wording.label("meeting_outcome", pairing.outcome.value) if pairing.outcome else "",
    }


def _grade_words(line: PairingLine) -> str:
    if line.match is None:
        return "指定"
    words = wording.label("grade", line.match.grade.value)
    return f"{words}（主办方评定）" if line.match.graded_at else words


def internal_row(event: Event, line: PairingLine) -> dict[str, object]:
    """Return a line with full contacts; whoever hands it out logs that."""
    need = line.need
    return _shared(event, line) | {
        "firm": line.enterprise.name,
        "need": need.title,
        "points": need.key_points or need.problem,
        "budget": wan_range(need),
        "reason": _short_reason(line),
        "need_contact": _contact(line.need_contact, masked=False),
        "expert_contact": _contact(line.expert, masked=False),
        "follower": follower_of(line),
        "remark": remark_of(line),
    }


def handout_row(event: Event, line: PairingLine) -> dict[str, object]:
    """Return a line for the whole hall: both sides as disclosed, also where these two have accepted."""
    shown, partner = view_of(ANYONE, line.faces), offered_by(line.achievement, line.seat)
    said = [reason["text"] for reason in line.reasons if reason.get("kind") == "signal"]
    return _shared(event, line) | {
        "firm": shown.firm,
        "need": shown.title,
        "points": shown.text,
        "budget": budget_band(line.need.budget_min_fen, line.need.budget_max_fen).replace(" 万元", ""),
        "reason": "；".join(said[:_SHORT_REASONS]),
        "need_contact": _contact(line.need_contact, masked=True),
        "owner": partner.organisation,
        "expert": "" if partner.masked else titled(line.expert),
        "expert_contact": "" if partner.masked else _contact(line.expert, masked=True),
        "outcome": "",
        "follower": "",
        "remark": "",
    }


def reason_rows(lines: Sequence[PairingLine]) -> Iterator[Mapping[str, object]]:
    """Yield every reason of every line in a row of its own, with the words it quotes."""
    for number, line in enumerate(lines, 1):
        place = {
            "number": number,
            "firm": line.enterprise.name,
            "need": line.need.title,
            "achievement": line.achievement.title,
        }
        if not line.reasons:
            yield {**place, "kind": "指定", "text": line.pairing.reason}
        for reason in line.reasons:
            quotes = "；".join(f"{whose}：“{words}”" for whose, words in reason.get("quotes", ()))
            text = "\n".join(part for part in (reason["text"], quotes) if part)
            yield {**place, "kind": _REASON_KINDS.get(reason.get("kind", ""), "理由"), "text": text}


def _short_reason(line: PairingLine) -> str:
    """Return the first reasons; all of them stand on a sheet of their own."""
    said = [reason["text"] for reason in line.reasons if reason.get("kind") != "question"]
    pinned = line.pairing.reason.split("；")[0] if line.pairing.pinned else ""
    return "；".join([*filter(None, [pinned]), *said[:_SHORT_REASONS]]) or line.pairing.reason


def follower_of(line: PairingLine) -> str:
    """Return who follows a pair up: whom the organiser named, else who reported the outcome."""
    return line.pairing.follower or line.pairing.outcome_by


def remark_of(line: PairingLine) -> str:
    """Return the organiser's remark, else what was said with outcome or answer."""
    return line.pairing.remark or line.pairing.outcome_note or line.pairing.answer_note


def wan_range(need: Need) -> str:
    """Write a budget in 万元 without the unit, which stands in the header: 50–80; 面议."""
    low, high = need.budget_min_fen, need.budget_max_fen
    if low is None and high is None:
        return need.budget_text or "面议"
    if low is None or high is None:
        return f"≤{_wan(high)}" if low is None else f"≥{_wan(low)}"
    return _wan(low) if low == high else f"{_wan(low)}–{_wan(high)}"


def _wan(fen: int | None) -> str:
    return f"{(Decimal(fen or 0) / _WAN).normalize():,f}"


def fields_of(need: Need) -> str:
    """Return the names of a need's fields, else the words of its form."""
    names = [wording.field_names().get(code, code) for code in need.fields]
    return "、".join(names) or without_contacts(need.field_text)


def titled(person: Person | None) -> str:
    """Write an expert with the title: 沈知行（教授）."""
    if person is None:
        return ""
    return f"{person.name}（{person.title}）" if person.title else person.name


def _contact(person: Person | None, *, masked: bool) -> str:
    if person is None:
        return ""
    if masked:
        return f"{masked_name(person.name)} {masked_phone(person.phone)}".strip()
    return f"{person.name} {person.phone or person.email}".strip()
