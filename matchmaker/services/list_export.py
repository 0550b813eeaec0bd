"""The library as lists in our own column order: what comes out goes in again as the same.

Headers are those of config/columns.json and words are the first names of the enum lists, so that
reading an exported list finds every row unchanged.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import wording
from matchmaker.domain import showing
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import AchievementState, NeedState, RecordType
from matchmaker.domain.values import FEN_PER_WAN, parse_money
from matchmaker.errors import InvalidInput
from matchmaker.files.columns import field_choices
from matchmaker.files.exports import ColumnSpec, SheetSpec, workbook
from matchmaker.files.headers import RecordKind
from matchmaker.services.contacts import log_export
from matchmaker.store.tables import Achievement, Need, Organisation, Person

Text = Callable[[Any], str]
_WIDE = frozenset({"problem", "indicators", "target", "foundation", "summary", "application_status"})
_MONEY_UNIT = "（万元）"
# the parts of a split need stand for it
_NOT_LISTED = (NeedState.DRAFT, NeedState.WITHDRAWN, NeedState.DUPLICATE, NeedState.SPLIT)
_CONTACT = ("contact_name", "contact_mobile", "contact_email")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One need or achievement with its owner and contact."""

    thing: Any
    owner: Organisation | None
    contact: Person | None


def _of(name: str) -> Text:
    return lambda line: str(getattr(line.thing, name) or "")


def _label(enum: str, name: str) -> Text:
    return lambda line: wording.label(enum, getattr(line.thing, name)) if getattr(line.thing, name) else ""


def _labels(enum: str, name: str) -> Text:
    return lambda line: "、".join(wording.label(enum, value) for value in getattr(line.thing, name))


def _listed(name: str, mark: str = "、") -> Text:
    return lambda line: mark.join(getattr(line.thing, name))


def _fields(line: _Line) -> str:
    names = wording.field_names()
    return line.thing.field_text or "、".join(names.get(code, code) for code in line.thing.fields)


def _money(text: str, low: str, high: str) -> Text:
    """Write an amount as it came, where that says the same under a header in 万元; else anew."""

    def words(line: _Line) -> str:
        thing = line.thing
        came, known = str(getattr(thing, text)), (getattr(thing, low), getattr(thing, high))
        read = parse_money(came, unit_fen=FEN_PER_WAN).value
        if came and (known == (None, None) or (read and (read.low_fen, read.high_fen) == known)):
            return came
        return "" if known == (None, None) else showing.money_range(*known).replace(" ", "").replace("—", "-")

    return words


def _period(line: _Line) -> str:
    need = line.thing
    days = [str(day) for day in (need.period_from, need.period_to) if day]
    return str(need.period_text or "至".join(days))


def _owner(line: _Line) -> str:
    return line.owner.name if line.owner else ""


_CONTACT_TEXTS: Mapping[str, Text] = {
    "contact_name": lambda line: line.contact.name if line.contact else "",
    "contact_mobile": lambda line: line.contact.phone if line.contact else "",
    "contact_email": lambda line: line.contact.email if line.contact else "",
}
_NEED: Mapping[str, Text] = {
    "need_no": _of("external_id"),
    "enterprise_name": _owner,
    "uscc": lambda line: line.owner.uscc or "" if line.owner else "",
    "region": _of("town"),
    "title": _of("title"),
    "need_type": _label("need_type", "need_type"),
    "activity_type": _label("activity_type", "activity_type"),
    "tech_field": _fields,
    "industry": _of("industry"),
    "problem": _of("problem"),
    "indicators": _of("key_points"),
    "target": _of("goal"),
    "foundation": _of("background"),
    "keywords": _listed("keywords"),
    "budget": _money("budget_text", "budget_min_fen", "budget_max_fen"),
    "period": _period,
    "coop_mode": _labels("coop_mode", "coop_modes"),
    "preferred_partner": _of("wished_partner"),
    "confidentiality": _label("disclosure", "disclosure"),
    **_CONTACT_TEXTS,
}
_ACHIEVEMENT: Mapping[str, Text] = {
    "title": _of("title"),
    "org": lambda line: line.thing.owner_text or _owner(line),
    "completers": _of("authors_text"),
    "summary": _of("summary"),
    "application_status": _of("application"),
    "keywords": _listed("keywords"),
    "tech_field": _fields,
    "apply_industry": _of("industry"),
    "discipline": _of("classification"),
    "form": _label("ach_form", "ach_form"),
    "stage": _label("maturity", "maturity"),
    "level": _label("tech_level", "tech_level"),
    "completed_on": _of("completed_on"),
    "ip_type": _label("ip_type", "ip_type"),
    "patent_no": _listed("patent_nos", "；"),
    "coop_mode": _labels("coop_mode", "coop_modes"),
    "price": _money("price_text", "price_min_fen", "price_max_fen"),
    "region": _of("region"),
    "disclosure": _label("disclosure", "disclosure"),
    **_CONTACT_TEXTS,
}


def needs_list(session: Session, actor: Actor, *, purpose: str = "") -> bytes:
    """Return the needs an actor owns, the organiser all, as a workbook that can be uploaded again.

    Contacts are the owner's to export; the organiser gets them with a purpose, which is logged.
    """
    query = (
        select(Need, Organisation, Person)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .outerjoin(Person, Person.id == Need.contact_id)
        .where(Need.status.not_in(_NOT_LISTED))
        .order_by(Need.id)
    )
    if not actor.organises:
        query = query.where(Need.organisation_id.in_(actor.organisation_ids))
    lines = [_Line(thing=row[0], owner=row[1], contact=row[2]) for row in session.execute(query)]
    sheets = [("企业技术需求清单", lines)]
    return _workbook(session, actor, RecordKind.NEED, _NEED, sheets=sheets, purpose=purpose)


def achievements_list(session: Session, actor: Actor, *, purpose: str = "") -> bytes:
    """Return the achievements an actor owns, the organiser all, one sheet per library; as `needs_list`."""
    query = (
        select(Achievement, Organisation, Person)
        .outerjoin(Organisation, Organisation.id == Achievement.organisation_id)
        .outerjoin(Person, Person.id == Achievement.contact_id)
        .where(Achievement.status.not_in([AchievementState.WITHDRAWN, AchievementState.DUPLICATE]))
        .order_by(Achievement.id)
    )
    if not actor.organises:
        query = query.where(Achievement.organisation_id.in_(actor.organisation_ids))
    lines = [_Line(thing=row[0], owner=row[1], contact=row[2]) for row in session.execute(query)]
    sheets = [
        (wording.label("record_type", kind), [line for line in lines if line.thing.record_type is kind])
        for kind in RecordType
    ]
    filled = [sheet for sheet in sheets if sheet[1]] or sheets[:1]
    return _workbook(session, actor, RecordKind.ACHIEVEMENT, _ACHIEVEMENT, sheets=filled, purpose=purpose)


def _workbook(
    session: Session,
    actor: Actor,
    kind: RecordKind,
    texts: Mapping[str, Text],
    *,
    sheets: Sequence[tuple[str, list[_Line]]],
    purpose: str,
) -> bytes:
    contacts = bool(purpose.strip()) or not actor.organises
    shown = {name: text for name, text in texts.items() if contacts or name not in _CONTACT}
    if contacts and actor.organises:
        people = {line.contact.id for _, lines in sheets for line in lines if line.contact}
        log_export(session, actor, people, f"导出清单：{purpose.strip()}")
    zh = dict(field_choices(kind))
    columns = [
        ColumnSpec(
            key=name,
            header=zh[name] + (_MONEY_UNIT if name in ("budget", "price") else ""),
            width=48 if name in _WIDE else 18,
        )
        for name in shown
    ]
    return workbook(
        [SheetSpec(name=name, columns=columns, rows=_rows(lines, shown)) for name, lines in sheets]
    )


def _rows(lines: Sequence[_Line], texts: Mapping[str, Text]) -> Iterator[dict[str, object]]:
    for line in lines:
        yield {name: text(line) for name, text in texts.items()}


def check_purpose(purpose: str) -> None:
    """Raise InvalidInput when the organiser asks for contacts without saying what for."""
    if not purpose.strip():
        message = "请写明导出完整联系方式的用途，会留下记录。"
        raise InvalidInput([Problem(field="purpose", code="missing", message=message)])
