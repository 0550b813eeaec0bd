"""What is kept about a person as a workbook that the person can read: a sheet per kind of thing, in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock, wording
from matchmaker.domain.mail_choices import OPTIONAL
from matchmaker.domain.permissions import Actor
from matchmaker.files.exports import ColumnSpec, SheetSpec
from matchmaker.services.own_data import everything_about_me
from matchmaker.services.pairing_answers import ANSWERS
from matchmaker.store.tables import Event

_LONGEST = 32_000  # of what a cell can hold
_MAILS = {group.key: group.words for group in OPTIONAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """A table as a sheet; `columns` are (column, header, list of words or "")."""

    table: str
    name: str
    columns: Sequence[tuple[str, str, str]]


_ABOUT_ME = (
    ("person", "name", "姓名", ""),
    ("person", "role", "身份", "person_role"),
    ("person", "title", "职称", ""),
    ("person", "position", "职务", ""),
    ("person", "phone", "联系电话", ""),
    ("person", "email", "电子邮箱", ""),
    ("person", "expertise", "研究方向", ""),
    ("person", "fields", "技术领域", "fields"),
    ("person", "source_note", "来源说明", ""),
    ("user_account", "name", "账号姓名", ""),
    ("user_account", "email", "登录邮箱", ""),
    ("user_account", "phone", "账号电话", ""),
    ("user_account", "status", "账号状态", "approval_status"),
    ("user_account", "created_at", "注册时间", ""),
    ("user_account", "last_sign_in_at", "最近登录", ""),
)
_SHEETS = (
    _Sheet(
        table="consent",
        name="同意记录",
        columns=(
            ("scope", "事项", "consent_scope"),
            ("granted", "同意", ""),
            ("notice_version", "告知书版本", ""),
            ("at", "答复时间", ""),
            ("withdrawn_at", "被后来的答复取代", ""),
        ),
    ),
    _Sheet(
        table="contact_access",
        name="联系方式查看记录",
        columns=(("by_me", "谁看谁的", ""), ("purpose", "用途", ""), ("at", "时间", "")),
    ),
    _Sheet(table="mail_off", name="关闭的邮件", columns=(("mail_group", "不再发邮件的通知", "mails"),)),
    _Sheet(
        table="invitation",
        name="活动邀请",
        columns=(
            ("event_id", "活动", "events"),
            ("status", "状态", "invitation_status"),
            ("invited_at", "邀请时间", ""),
            ("answered_at", "答复时间", ""),
            ("checked_in_at", "签到时间", ""),
        ),
    ),
    _Sheet(
        table="pairing",
        name="洽谈安排",
        columns=(
            ("event_id", "活动", "events"),
            ("status", "状态", "pairing_status"),
            ("need_answer", "企业答复", "answers"),
            ("achievement_answer", "院校答复", "answers"),
            ("outcome", "结果", "meeting_outcome"),
            ("outcome_at", "记录时间", ""),
        ),
    ),
    _Sheet(
        table="need",
        name="需求",
        columns=(
            ("code", "编号", ""),
            ("title", "名称", ""),
            ("status", "状态", "need_status"),
            ("disclosure", "公开方式", "disclosure"),
            ("problem", "需求描述", ""),
            ("key_points", "技术指标", ""),
            ("created_at", "填报时间", ""),
        ),
    ),
    _Sheet(
        table="achievement",
        name="成果",
        columns=(
            ("title", "名称", ""),
            ("status", "状态", "achievement_status"),
            ("disclosure", "公开方式", "disclosure"),
            ("authors_text", "完成人", ""),
            ("summary", "简介", ""),
            ("created_at", "填报时间", ""),
        ),
    ),
    _Sheet(
        table="need_claim",
        name="揭榜",
        columns=(("plan", "方案", ""), ("status", "状态", "claim_status"), ("created_at", "提交时间", "")),
    ),
    _Sheet(
        table="notice",
        name="通知",
        columns=(
            ("channel", "渠道", "channel"),
            ("subject", "标题", ""),
            ("body", "内容", ""),
            ("created_at", "时间", ""),
            ("read_at", "阅读时间", ""),
        ),
    ),
)


def my_data_sheets(session: Session, actor: Actor) -> list[SheetSpec]:
    """Return the sheets of all that is kept about the actor; what is no reading matter is only counted.

    Raises NotAllowed without an account.
    """
    found = everything_about_me(session, actor)
    words = _words_of(session, found)
    sheets = [_listed(sheet, found[sheet.table], words, actor) for sheet in _SHEETS if found.get(sheet.table)]
    return [_about_me(found, words), *sheets]


def _about_me(found: Mapping[str, Any], words: Mapping[str, Callable[[str], str]]) -> SheetSpec:
    rows = [{"what": "单位", "said": found["organisation"] or ""}]
    rows += [
        {"what": header, "said": said}
        for table, column, header, kind in _ABOUT_ME
        for row in found.get(table, ())
        if (said := _said(column, row[column], words.get(kind) or _labels(kind)))
    ]
    shown = {"person", "user_account", *(sheet.table for sheet in _SHEETS)}
    others = sum(len(rows) for table, rows in found.items() if isinstance(rows, list) and table not in shown)
    return SheetSpec(
        name="基本信息",
        columns=[
            ColumnSpec(key="what", header="项目", width=16),
            ColumnSpec(key="said", header="内容", width=60),
        ],
        rows=rows,
        notes=[f"另有 {others} 条操作和技术记录，在“全部数据（JSON）”里。"] if others else [],
    )


def _listed(
    sheet: _Sheet,
    rows: Sequence[Mapping[str, Any]],
    words: Mapping[str, Callable[[str], str]],
    actor: Actor,
) -> SheetSpec:
    def value(row: Mapping[str, Any], column: str, kind: str) -> str:
        if column == "by_me":
            return "我看别人的" if row["user_id"] == actor.user_id else "别人看我的"
        return _said(column, row[column], words.get(kind) or _labels(kind))

    return SheetSpec(
        name=sheet.name,
        columns=[
            ColumnSpec(key=column, header=header, width=24 if kind or column.endswith("at") else 40)
            for column, header, kind in sheet.columns
        ],
        rows=[{column: value(row, column, kind) for column, _header, kind in sheet.columns} for row in rows],
    )


def _words_of(session: Session, found: Mapping[str, Any]) -> dict[str, Callable[[str], str]]:
    """Return how values of the columns that no list of words tells are said."""
    ids = {row["event_id"] for table in ("invitation", "pairing") for row in found.get(table, ())}
    titles = {
        str(key): title
        for key, title in session.execute(select(Event.id, Event.title).where(Event.id.in_(ids)))
    }
    fields = wording.field_names()
    return {
        "events": lambda key: titles.get(key, key),
        "fields": lambda key: fields.get(key, key),
        "answers": lambda key: ANSWERS.get(key, key),
        "mails": lambda key: str(_MAILS.get(key, key)),
    }


def _labels(kind: str) -> Callable[[str], str]:
    return (lambda key: wording.label(kind, key)) if kind else str


def _said(column: str, value: Any, words: Callable[[str], str]) -> str:
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.endswith("_at") or column == "at":
        return f"{clock.local(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    parts = value if isinstance(value, list) else [value]
    return "、".join(words(str(part)) for part in parts)[:_LONGEST]
