"""What an .ods says beside its values."""

import io
import zipfile
from datetime import date

import pytest

from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records
from matchmaker.files.refusals import FileRefused

NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)

MANIFEST = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'


def cell(text: str = "", *, attributes: str = "") -> str:
    value = f'office:value-type="string"><text:p>{text}</text:p>' if text else ">"
    return f"<table:table-cell {attributes} {value}</table:table-cell>"


def ods(
    *rows: str, mimetype: str = "application/vnd.oasis.opendocument.spreadsheet", prologue: str = ""
) -> bytes:
    content = (
        f'<?xml version="1.0"?>{prologue}<office:document-content {NAMES} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="汇总表">{"".join(rows)}</table:table>'
        "</office:spreadsheet>"
        "</office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", mimetype)
        archive.writestr("META-INF/manifest.xml", f"<manifest:manifest {MANIFEST}></manifest:manifest>")
        archive.writestr("content.xml", content)
    return target.getvalue()


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


HEADER = row(cell("企业名称"), cell("需求名称"))


def test_merged_cells_are_filled_down_and_hidden_rows_reported() -> None:
    content = ods(
        HEADER,
        row(cell("青禾公司", attributes='table:number-rows-spanned="2"'), cell("涂层")),
        row("<table:covered-table-cell/>", cell("节能")),
        row(cell("海雀公司"), cell("检测"), attributes='table:visibility="collapse"'),
    )

    findings = find_records(read_file(content, "表.ods"))

    assert [record.values for record in findings.records] == [
        {"enterprise_name": "青禾公司", "title": "涂层"},
        {"enterprise_name": "青禾公司", "title": "节能"},
        {"enterprise_name": "海雀公司", "title": "检测"},
    ]
    assert [(problem.where, problem.code) for problem in findings.problems] == [
        ("汇总表 第 4 行", "hidden_row")
    ]


def test_a_million_repeated_rows_are_refused_in_time() -> None:
    repeated = row(
        cell("x", attributes='table:number-columns-repeated="1000"'),
        attributes='table:number-rows-repeated="1000000"',
    )

    with pytest.raises(FileRefused):
        read_file(ods(HEADER, repeated), "表.ods")


def test_an_archive_of_another_kind_is_refused() -> None:
    with pytest.raises(FileRefused, match="却不是 ODS 表格"):
        read_file(ods(HEADER, mimetype="application/vnd.oasis.opendocument.text"), "表.ods")


def test_declared_entities_are_refused() -> None:
    with pytest.raises(FileRefused, match="实体定义"):
        read_file(ods(HEADER, prologue='<!DOCTYPE x [<!ENTITY a "b">]>'), "表.ods")


def test_an_ods_whose_xml_is_indented_is_read() -> None:
    rows = [["企业名称", "需求名称"], ["青禾模具有限公司", "涂层"]]
    indented = (
        "\n  <table:table-row>\n    "
        + "\n    ".join(cell(text) for text in row).replace("><text:p", ">\n      <text:p")
        + "\n  </table:table-row>\n"
        for row in rows
    )

    assert read_file(ods(*indented), "表.ods").sheets[0].rows == rows


def test_numbers_are_read_as_their_cells_show_them() -> None:
    numbers = row(
        cell("青禾公司"),
        cell("槽满率"),
        '<table:table-cell office:value-type="percentage" office:value="0.625"><office:annotation>'
        "<text:p>估计</text:p></office:annotation><text:p>62.5%</text:p></table:table-cell>",
        '<table:table-cell office:value-type="float" office:value="50"><text:p>50万元</text:p>'
        "</table:table-cell>",
    )
    header = row(cell("企业名称"), cell("需求名称"), cell("技术指标"), cell("拟投入（元）"))

    book = read_file(ods(header, numbers), "清单.ods")

    assert book.sheets[0].rows[1] == ["青禾公司", "槽满率", "62.5%", "50万元"]


def test_a_number_that_its_cell_shows_in_thousands_stays_itself() -> None:
    numbers = row(
        cell("青禾公司"),
        cell("槽满率"),
        '<table:table-cell office:value-type="float" office:value="50000"><text:p>50千元</text:p>'
        "</table:table-cell>",
        '<table:table-cell office:value-type="float" office:value="1234.56"><text:p>1,234.6万元</text:p>'
        "</table:table-cell>",
    )
    header = row(cell("企业名称"), cell("需求名称"), cell("拟投入（元）"), cell("自筹"))

    book = read_file(ods(header, numbers), "清单.ods")

    assert book.sheets[0].rows[1] == ["青禾公司", "槽满率", 50000, "1234.56万元"]


def test_a_day_that_shows_only_its_month_is_the_month() -> None:
    days = (("2026-06-01", "2026年6月"), ("2026-06-01", "2026年6月1日"), ("2026-06-15", "2026年6月"))
    content = ods(
        row(cell("需求名称"), cell("完成时间")),
        *(
            row(
                cell("涂层"),
                f'<table:table-cell office:value-type="date" office:date-value="{day}">'
                f"<text:p>{shown}</text:p></table:table-cell>",
            )
            for day, shown in days
        ),
    )

    rows = read_file(content, "表.ods").sheets[0].rows
    assert [found[1] for found in rows[1:]] == ["2026年6月", date(2026, 6, 1), date(2026, 6, 15)]
