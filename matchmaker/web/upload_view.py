"""What the preview page of an uploaded list shows, in the reader's words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from matchmaker.domain import showing
from matchmaker.domain.imports import Deed
from matchmaker.domain.saying import later
from matchmaker.domain.states import UploadState
from matchmaker.files.columns import field_choices
from matchmaker.files.headers import RETURNED_COLUMNS, RecordKind
from matchmaker.services.uploads import deed_of
from matchmaker.store.queries.list_rows import ListRow
from matchmaker.store.tables import Upload
from matchmaker.web.presentation import field_name, label

# column of a need, achievement or person → its name for people
_COLUMN_WORDS = {
    "title": later("名称"),
    "conditions": later("现场条件"),
    "problem": later("需求描述"),
    "key_points": later("技术指标"),
    "goal": later("预期目标"),
    "background": later("现有基础"),
    "need_type": later("需求类型"),
    "activity_type": later("科技活动类型"),
    "coop_modes": later("合作方式"),
    "fields": later("技术领域"),
    "field_text": later("技术领域（原文）"),
    "industry": later("行业"),
    "keywords": later("关键词"),
    "budget_text": later("拟投入资金（原文）"),
    "budget_min_fen": later("拟投入资金下限"),
    "budget_max_fen": later("拟投入资金上限"),
    "period_text": later("时限（原文）"),
    "period_from": later("开始"),
    "period_to": later("截止"),
    "town": later("乡镇（街道）"),
    "wished_partner": later("意向合作单位"),
    "disclosure": later("公开方式"),
    "external_id": later("原编号"),
    "contact_name": later("联系人"),
    "contact_phone": later("联系电话"),
    "contact_email": later("电子邮箱"),
    "owner_text": later("完成单位"),
    "summary": later("简介"),
    "application": later("应用与效益"),
    "authors_text": later("完成人"),
    "maturity": later("成熟度"),
    "tech_level": later("技术水平"),
    "ach_form": later("体现形式"),
    "price_text": later("价格（原文）"),
    "price_min_fen": later("价格下限"),
    "price_max_fen": later("价格上限"),
    "ip_type": later("知识产权类型"),
    "patent_nos": later("专利号"),
    "classification": later("分类号"),
    "completed_on": later("完成时间"),
    "region": later("所在地区"),
    "name": later("姓名"),
    "role": later("身份"),
    "position": later("职务"),
    "phone": later("电话"),
    "email": later("电子邮箱"),
    "expertise": later("研究方向"),
    "kind": later("合同类别"),
    "subtype": later("合同子类"),
    "amount_total_fen": later("合同成交额"),
    "amount_tech_fen": later("技术交易额"),
    "amount_received_fen": later("到账金额"),
    "signed_on": later("签订日期"),
    "registration_no": later("登记编号"),
    "registered_on": later("登记日期"),
    "registration_office": later("登记机构"),
    "status": later("履行状态"),
    "valid_from": later("有效期起"),
    "valid_to": later("有效期止"),
}
_ENUM_OF = {
    "need_type": "need_type",
    "activity_type": "activity_type",
    "coop_modes": "coop_mode",
    "disclosure": "disclosure",
    "maturity": "maturity",
    "tech_level": "tech_level",
    "ach_form": "ach_form",
    "ip_type": "ip_type",
    "kind": "contract_kind",
    "status": "contract_status",
    "role": "person_role",
}
_KINDS = (
    ("need", later("企业技术需求")),
    ("achievement", later("科技成果")),
    ("people", later("人员")),
    ("contract", later("技术合同")),
)
_SKIPPED = {
    "title": later("标题"),
    "header": later("重复的表头"),
    "total": later("合计"),
    "note": later("说明"),
    "blank": later("空行"),
    "group": later("分组"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field that differs: old → new, in words."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditableCell:
    """A cell with a problem that can be put right on the page."""

    name: str
    column: int
    label: str
    value: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """One row of the preview. `id` is its position: what ticks and buttons send."""

    id: int
    place: str
    title: str
    owner: str
    verdict: str
    problems: Sequence[Mapping[str, str]]
    changes: Sequence[Change]
    fields: Sequence[tuple[str, str]]
    cells: Sequence[EditableCell]
    deed: str
    target_id: int | None
    kind: str


def row_view(upload: Upload, row: ListRow, *, has_file: bool) -> RowView:
    """Return a stored row as the page shows it."""
    plain, raw = row.values["plain"], row.values["raw"]
    owner = raw.get("enterprise_name") or raw.get("org") or ""
    return RowView(
        id=row.position,
        place=row.values["where"],
        title=str(plain.get("title") or plain.get("name") or raw.get("title") or _("（没有名称）")),
        owner=str(owner),
        verdict=row.verdict.value,
        problems=row.problems,
        changes=[_change(name, pair) for name, pair in row.changes.items()],
        fields=_fields(row.kind, raw),
        cells=editable_cells(upload, row) if has_file else (),
        deed=deed_of(upload, row).value,
        target_id=row.target_id,
        kind=row.kind,
    )


def _change(name: str, pair: Sequence[object]) -> Change:
    return Change(field=column_words(name), old=value_words(name, pair[0]), new=value_words(name, pair[1]))


def column_words(name: str) -> str:
    """Return the name of a column for people."""
    words = _COLUMN_WORDS.get(name)
    return str(_(words)) if words else name


def value_words(name: str, value: object) -> str:
    """Return the value of a column as people read it."""
    if value in (None, "", []):
        return str(_("（空）"))
    if name.endswith("_fen") and isinstance(value, int):
        return showing.money(value)
    parts = value if isinstance(value, list) else [value]
    if name == "fields":
        return "、".join(field_name(str(part)) for part in parts)
    if name in _ENUM_OF:
        return "、".join(label(_ENUM_OF[name], str(part)) for part in parts)
    return "、".join(str(part) for part in parts)


def _fields(kind: str, raw: Mapping[str, str]) -> list[tuple[str, str]]:
    names = dict(field_choices(RecordKind(kind)))
    return [(str(_(names.get(field, field))), value) for field, value in raw.items()]


def editable_cells(upload: Upload, row: ListRow) -> list[EditableCell]:
    """Return the cells to be put right: one per field that could not be read, if its column is known."""
    if upload.state is not UploadState.PREVIEWED:
        return []
    if not row.values.get("editable") or not row.problems:
        return []
    table = upload.summary["tables"][row.values["table"]]
    column_of = {field: column for column in table["columns"] for field in column["fields"]}
    found: dict[int, EditableCell] = {}
    for problem in row.problems:
        column = column_of.get(problem["field"])
        if problem["severity"] in ("error", "warning") and column is not None:
            found[column["index"]] = EditableCell(
                name=f"cell-{row.position}-{column['index']}",
                column=column["index"],
                label=column["header"],
                value=str(row.values["raw"].get(problem["field"], "")),
                problem=problem["message"],
            )
    return list(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnView:
    """One column of a table: what it is taken for, and what else it could be."""

    index: int
    header: str
    samples: str
    value: str
    choices: Sequence[tuple[str, str]]
    doubt: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """One table of the file as it was understood."""

    number: int
    name: str
    header_place: str
    kind: str
    record_type: str
    records: int
    columns: Sequence[ColumnView]
    doubts: int
    skipped: Sequence[tuple[str, str, str]]
    problems: Sequence[Mapping[str, str]]
    left_out: Sequence[str]


_HOW = {
    "synonym": later("按表头"),
    "values": later("按内容"),
    "similar": later("相近，请核对"),
    "chosen": later("您选的"),
    "none": later("不导入"),
}


def table_view(table: Mapping[str, Any]) -> TableView:
    """Return a table of the summary as the page shows it."""
    columns = [_column(column, table["kind"]) for column in table["columns"]]
    name = "·".join(part for part in (table["sheet"], table["title"]) if part)
    return TableView(
        number=table["number"],
        name=name or _("第 %(n)s 张表", n=table["number"] + 1),
        header_place=table["header_place"],
        kind=table["kind"],
        record_type=table["record_type"],
        records=table["records"],
        columns=columns,
        doubts=sum(bool(column.doubt) for column in columns),
        skipped=[(line["where"], _said(_SKIPPED, line["reason"]), line["text"]) for line in table["skipped"]],
        problems=table["problems"],
        left_out=[
            column["header"]
            for column in table["columns"]
            if not column["fields"] and not column["doubt"] and _says_something(column)
        ],
    )


def _said(words: Mapping[str, str], key: str) -> str:
    found = words.get(key)
    return str(_(found)) if found else ""


def _says_something(column: Mapping[str, Any]) -> bool:
    """Say whether a column that fills no field holds more than serial numbers, and is not one of ours."""
    header = column["header"]
    numbered = all(sample.isdecimal() for sample in column["samples"])
    return bool(header and column["samples"]) and not numbered and header not in RETURNED_COLUMNS


def _column(column: Mapping[str, Any], kind: str) -> ColumnView:
    value = "+".join(column["fields"])
    choices = [(field, str(_(zh))) for field, zh in field_choices(RecordKind(kind))] if kind else []
    names = dict(choices)
    if len(column["fields"]) > 1:
        choices = [(value, "＋".join(names.get(field, field) for field in column["fields"])), *choices]
    liked = [(field, names[field]) for field in column["candidates"] if field in names]
    return ColumnView(
        index=column["index"],
        header=column["header"] or _("（没有表头）"),
        samples=" ｜ ".join(column["samples"]),
        value=value,
        choices=[*liked, *(choice for choice in choices if choice not in liked)],
        doubt=column["doubt"],
        how=_said(_HOW, column["how"]),
    )


def kind_choices(kinds: Collection[str]) -> list[tuple[str, str]]:
    """Return these kinds of lists with their names."""
    return [(kind, _(words)) for kind, words in _KINDS if kind in kinds]


def kind_words(kind: str) -> str:
    """Return the name of a kind of list."""
    words = dict(_KINDS).get(kind, later("多种") if kind == "mixed" else "")
    return str(_(words)) if words else ""


def deed_words(deed: str) -> str:
    """Return what the import does with a row, in a word."""
    words: str = {
        Deed.ADD: _("新增"),
        Deed.UPDATE: _("更新"),
        Deed.NOTHING: _("不变"),
        Deed.PARK: _("不导入"),
    }[Deed(deed)]
    return words
