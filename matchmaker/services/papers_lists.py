"""The papers made of lists: the pairing list, personal schedules, cards, the sign-in sheet, badges."""

import re
from collections.abc import Callable, Sequence

from matchmaker import wording
from matchmaker.domain.disclosure import view_of
from matchmaker.domain.papers import Badge, Grid, Page, Paper, Shape, Sheet, Tent, Words
from matchmaker.domain.permissions import ANYONE
from matchmaker.domain.showing import masked_phone
from matchmaker.domain.states import Disclosure
from matchmaker.files.qr import qr_image
from matchmaker.services.desk_badges import badge_number
from matchmaker.services.events import slot_words
from matchmaker.services.pairing_answers import both_accepted
from matchmaker.services.pairing_export import heading
from matchmaker.services.pairing_rows import (
    COLUMNS,
    RowOf,
    codes_in,
    handout_row,
    internal_row,
    numbered,
    orders_in_words,
)
from matchmaker.services.papers_read import Dossier, list_row
from matchmaker.services.partners import offered_by, partner_of
from matchmaker.store.queries.events import GuestLine
from matchmaker.store.queries.pairings import PairingLine

_BADGES_ON_A_PAGE = 10
_BLANK_ROWS = 6
_SCHEDULE_HEAD = ("时间", "桌号", "对方单位", "对方", "洽谈内容")
_SCHEDULE_WIDTHS = (16, 9, 27, 15, 33)
_ROWS_IN_LARGE_TYPE = 6  # more are set small, so that a day stays on one sheet
_SIGN_IN_HEAD = ("序号", "单位", "姓名", "职务/职称", "手机", "签字/签到时间", "备注")
_SIGN_IN_WIDTHS = (7, 23, 11, 13, 19, 18, 9)


def handout(found: Dossier) -> Paper:
    """Return the pairing list that may be handed out."""
    return _pairing_list(found, handout_row, edition="会场发放版", lines=found.meetings, mark="")


def internal(found: Dossier, *, mark: str) -> Paper:
    """Return the pairing list with full contacts; `mark` says who made it and what for."""
    codes = "；".join(f"{code}＝{firm}" for code, firm in codes_in(found.lines))
    return _pairing_list(
        found,
        internal_row,
        edition="内部版",
        lines=found.lines,
        mark=mark,
        codes=f"代号：{codes}。" if codes else "",
    )


def _pairing_list(
    found: Dossier,
    row_of: RowOf,
    *,
    edition: str,
    lines: Sequence[PairingLine],
    mark: str,
    codes: str = "",
) -> Paper:
    rows = [
        [_cell(column.key, str(row.get(column.key) or "")) for column in COLUMNS]
        for row in numbered(found.event, lines, row_of)
    ]
    head = [column.header for column in COLUMNS]
    widths = [column.width for column in COLUMNS]
    page = Page(
        title=heading(found.event, list_row(found), edition),
        sub=mark or found.place,
        blocks=[Grid(head=head, rows=rows, widths=widths, small=True), *_day_words(found, lines, codes)],
        flows=True,
    )
    return Paper(title=f"对接清单（{edition}）", pages=[page], shape=Shape.A3_WIDE)


def _day_words(found: Dossier, lines: Sequence[PairingLine], codes: str) -> list[Words]:
    told = (found.breaks_in_words, orders_in_words(found.day_rules, lines), codes)
    return [Words(text=words, plain=True) for words in told if words]


def _cell(key: str, words: str) -> str:
    """Return a cell for paper: no empty lines, the table under the time rather than broken within."""
    words = words.replace(" ", "\n", 1) if key == "slot" else words
    return re.sub(r"\n\s*\n", "\n", words)


def schedules(found: Dossier) -> Paper:
    """Return one page for each enterprise, then one for each expert, with what that side may know."""
    firms = _grouped(found.meetings, lambda line: line.enterprise.id)
    experts = _grouped(found.meetings, lambda line: line.expert_key)
    owners = [
        (group[0].enterprise.name, _firm_rows(found, group), _own_code(found, group[0])) for group in firms
    ]
    owners += [(_expert_name(group[0]), _expert_rows(found, group), "") for group in experts]
    return Paper(
        title="个人日程",
        pages=[_schedule_page(found, name, rows, code) for name, rows, code in owners],
        sheet=Sheet(
            name="个人日程",
            head=("单位/专家", *_SCHEDULE_HEAD),
            rows=[(name, *row) for name, rows, _code in owners for row in _with_pauses(found, rows)],
            widths=(26, 14, 9, 26, 14, 40),
        ),
    )


def _grouped(lines: Sequence[PairingLine], key_of: Callable[[PairingLine], int]) -> list[list[PairingLine]]:
    groups: dict[int, list[PairingLine]] = {}
    for line in lines:
        groups.setdefault(key_of(line), []).append(line)
    return list(groups.values())


def _schedule_page(found: Dossier, name: str, rows: Sequence[Sequence[str]], code: str) -> Page:
    many = len(rows) + len(found.breaks) > _ROWS_IN_LARGE_TYPE
    return Page(
        title=name,
        sub=f"{found.event.title}　{found.day}　{found.place}",
        blocks=[
            Words(text=f"您共有 {len(rows)} 场一对一洽谈，请提前 5 分钟到桌位。{code}", plain=True),
            Grid(
                head=_SCHEDULE_HEAD,
                rows=_with_pauses(found, rows),
                widths=_SCHEDULE_WIDTHS,
                tall=not many,
                small=many,
            ),
            Words(
                text="对方的联系方式在双方都接受洽谈后开放，请登录“我的活动”查看，或向主办方索取。",
                plain=True,
            ),
        ],
        foot=_contact_line(found),
    )


def _with_pauses(found: Dossier, rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Return somebody's meetings with the pauses of the day between them; those without a time come last."""
    pauses = [(when, "", "", "", name) for when, name in found.breaks]
    return sorted((*rows, *pauses), key=lambda row: (not row[0][:1].isdecimal(), row[0]))


def _when(found: Dossier, line: PairingLine) -> tuple[str, str]:
    table = line.pairing.table_number
    return slot_words(found.event, line.pairing.slot) or "待定", f"{table} 号" if table else "待定"


def _firm_rows(found: Dossier, lines: Sequence[PairingLine]) -> list[tuple[str, ...]]:
    return [
        (
            *_when(found, line),
            (partner := partner_of(line)).organisation,
            " ".join(part for part in (partner.name, partner.title) if part),
            f"{line.need.title}——{line.achievement.title}",
        )
        for line in lines
    ]


def _expert_rows(found: Dossier, lines: Sequence[PairingLine]) -> list[tuple[str, ...]]:
    return [(*_when(found, line), *_expert_row(line)) for line in lines]


def _expert_row(line: PairingLine) -> tuple[str, str, str]:
    """Return what the expert's paper says: the firm as disclosed, by name once both accepted."""
    view = view_of(ANYONE, line.faces, contacts_open=both_accepted(line.pairing))
    named = line.faces.disclosure is not Disclosure.PUBLIC and view.firm == line.faces.firm
    firm = f"{view.firm}（{line.faces.code}）" if named and line.faces.code else view.firm
    return firm, "企业代表", f"{view.title}——{line.achievement.title}"


def _own_code(found: Dossier, line: PairingLine) -> str:
    """Return what a firm's own page says of the code by which the hall knows it; "" where it is named."""
    hidden = line.enterprise.id in found.aliases and line.faces.code
    return f"桌牌和胸牌上不写贵单位名称，写本场代号“{line.faces.code}”。" if hidden else ""


def _home(line: PairingLine) -> str:
    return line.seat.organisation if line.seat else line.achievement.owner_text


def _expert_title(line: PairingLine) -> str:
    return " ".join(part for part in (line.seat.name, line.seat.title) if part) if line.seat else ""


def _expert_name(line: PairingLine) -> str:
    if line.seat is None or line.seat.name == line.seat.organisation:
        return _home(line)
    return f"{_expert_title(line)}（{line.seat.organisation}）" if line.seat.organisation else line.seat.name


def table_cards(found: Dossier) -> Paper:
    """Return a folded card for each table in use, with who meets there and when, as firms are disclosed.

    Before anything is placed there is one for every table of the hall.
    """
    at: dict[int, list[PairingLine]] = {}
    for line in found.meetings:
        if line.pairing.table_number:
            at.setdefault(line.pairing.table_number, []).append(line)
    pages = [
        Page(
            blocks=[Tent(number=str(table), name="", lines=_table_lines(found, at.get(table, [])))],
        )
        for table in sorted(at) or range(1, found.event.tables + 1)
    ]
    return Paper(title="桌牌", pages=pages, shape=Shape.CARD)


def _table_lines(found: Dossier, lines: Sequence[PairingLine]) -> list[str]:
    pauses = [f"{when}　{name}" for when, name in found.breaks] if lines else []
    return sorted([*(_at_table(found, line) for line in lines), *pauses])


def _at_table(found: Dossier, line: PairingLine) -> str:
    firm, partner = view_of(ANYONE, line.faces).firm, offered_by(line.achievement, line.seat)
    return f"{slot_words(found.event, line.pairing.slot)}　{firm} — {partner.name or partner.organisation}"


def name_cards(found: Dossier) -> Paper:
    """Return a folded card with the name of everybody who comes."""
    pages = [
        Page(blocks=[Tent(name=guest.person.name, organisation=_house(found, guest))])
        if guest.person
        else Page(blocks=[Tent(name=_house(found, guest))])
        for guest in found.coming
    ]
    return Paper(title="席卡", pages=pages, shape=Shape.CARD)


def sign_in_sheet(found: Dossier) -> Paper:
    """Return the sign-in sheet, with empty rows for who comes unasked; telephones are masked."""
    rows = [(str(number), *_signer(guest), "", "") for number, guest in enumerate(found.coming, 1)]
    blank = [(str(len(rows) + number), "", "", "", "", "", "") for number in range(1, _BLANK_ROWS + 1)]
    page = Page(
        title=f"{found.event.title}签到表",
        sub=f"{found.when}　{found.place}",
        blocks=[Grid(head=_SIGN_IN_HEAD, rows=[*rows, *blank], widths=_SIGN_IN_WIDTHS, tall=True)],
        foot=f"应到 {len(rows)} 人",
        flows=True,
    )
    sheet = Sheet(name="签到表", head=_SIGN_IN_HEAD, rows=[*rows, *blank], widths=(6, 28, 12, 16, 16, 18, 14))
    return Paper(title="签到表", pages=[page], sheet=sheet)


def _signer(guest: GuestLine) -> tuple[str, str, str, str]:
    person = guest.person
    if person is None:
        return guest.organisation, "", "", ""
    return guest.organisation, person.name, person.title or person.position, masked_phone(person.phone)


def badges(found: Dossier) -> Paper:
    """Return badges, ten to a page."""
    cards = [_badge(found, guest) for guest in found.coming]
    starts = range(0, len(cards), _BADGES_ON_A_PAGE)
    pages = [Page(blocks=cards[start : start + _BADGES_ON_A_PAGE]) for start in starts]
    rows = [(card.number, card.name, card.organisation, card.role) for card in cards]
    sheet = Sheet(name="胸牌", head=("编号", "姓名", "单位", "身份"), rows=rows, widths=(8, 14, 30, 18))
    return Paper(title="胸牌", pages=pages, shape=Shape.A4, sheet=sheet)


def _badge(found: Dossier, guest: GuestLine) -> Badge:
    name, organisation, role = _badge_words(found, guest)
    link = found.codes.get(guest.id, "")
    return Badge(
        name=name,
        organisation=organisation,
        role=role,
        number=badge_number(guest.id),
        link=link,
        code=qr_image(link) if link else "",
    )


def _badge_words(found: Dossier, guest: GuestLine) -> tuple[str, str, str]:
    role = wording.label("attendee_role", guest.invitation.role)
    if guest.person is None:
        return _house(found, guest), "", role
    return guest.person.name, _house(found, guest), role


def _house(found: Dossier, guest: GuestLine) -> str:
    """Return whose guest this is, as everybody in the hall may read it."""
    return found.aliases.get(guest.invitation.organisation_id, guest.organisation)


def _contact_line(found: Dossier) -> str:
    return f"主办：{found.bureau}" if found.bureau else ""
