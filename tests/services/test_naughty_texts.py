"""Every awkward string goes through every text column of a list and comes back as it was, or is refused."""

import io
import json
from pathlib import Path

import pytest
from factories import People
from sqlalchemy import select

from matchmaker.domain.permissions import SYSTEM
from matchmaker.services.upload_import import confirm_upload
from matchmaker.services.upload_reading import read_list
from matchmaker.services.uploads import receive_upload
from matchmaker.store.engine import Database
from matchmaker.store.tables import Achievement, Need, UploadRow

# header → column of the library
NEED_TEXTS = {
    "需求名称": "title",
    "需求描述": "problem",
    "技术指标": "key_points",
    "预期目标": "goal",
    "现有基础": "background",
    "所在地域": "town",
}
ACHIEVEMENT_TEXTS = {"成果名称": "title", "成果简介": "summary", "应用情况": "application"}
LIMITS = {"title": 200, "town": 60}
_NOTHING = {"", "-", "--", "—", "——", "/", "无", "暂无"}


def listed(headers: list[str], strings: list[str], fixed: dict[str, str]) -> bytes:
    """Return an .xlsx in which each row holds one string in every text column."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("清单")
    for column, header in enumerate([*fixed, *headers]):
        sheet.write_string(0, column, header)
    for row, text in enumerate(strings, 1):
        for column, value in enumerate(fixed.values()):
            sheet.write_string(row, column, value.format(n=row))
        for column, _ in enumerate(headers, len(fixed)):
            sheet.write_string(row, column, text)
    book.close()
    return target.getvalue()


def as_read(text: str, *, one_line: bool) -> str:
    """Return what a cell may become: outer blanks go, line ends are one kind, titles are one line."""
    lines = text.strip().replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    return " ".join(lines.split()) if one_line and ("\n" in lines or "\t" in lines) else lines


def strings_of(shared: Path) -> list[str]:
    known = json.loads((shared / "badinput" / "blns" / "blns.json").read_text(encoding="utf-8"))
    return [text for text in known if text.strip()]


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("kind", ["need", "achievement"])
def test_every_string_comes_back_or_is_refused(
    shared: Path, people: People, database: Database, kind: str, half: int
) -> None:
    table, texts, fixed = (
        (Need, NEED_TEXTS, {"企业名称": "第{n}模具有限公司"})
        if kind == "need"
        else (Achievement, ACHIEVEMENT_TEXTS, {"完成单位": "第{n}大学"})
    )
    strings = strings_of(shared)[half::2]
    content = listed(list(texts), strings, fixed)
    with database.writing() as session:
        upload = receive_upload(
            session,
            SYSTEM,
            filename="清单.xlsx",
            content=content,
            reading=read_list(content, "清单.xlsx", answers={"kind": kind}),
        )
        assert not confirm_upload(session, SYSTEM, upload_id=upload.id).begun
    with database.reading() as session:
        rows = {row.row_number: row for row in session.scalars(select(UploadRow))}
        things = {row.id: row for row in session.scalars(select(table))}
        wrong = []
        for place, text in enumerate(strings, 2):
            row = rows.get(place)
            if row is None or row.target_id is None:
                if row is None or not row.problems:
                    wrong.append((text, "gone without a word"))
                continue
            for column in texts.values():
                wanted = as_read(text, one_line=column in LIMITS)
                found = getattr(things[row.target_id], column)
                if wanted not in _NOTHING and wanted[: LIMITS.get(column)] not in found:
                    wrong.append((text, column, found))
        assert wrong == []
