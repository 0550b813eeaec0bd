"""What is refused before it is opened, and what the person reads."""

import io
import zipfile

import pytest
from messy import NEED_HEADER, delimited, document, need, with_members, workbook

from matchmaker.files.book import LIMITS, Limits
from matchmaker.files.gate import Format, admit, clean_filename
from matchmaker.files.refusals import FileRefused

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def refusal(content: bytes, filename: str, limits: Limits = LIMITS) -> FileRefused:
    with pytest.raises(FileRefused) as raised:
        admit(content, filename, limits)
    return raised.value


@pytest.fixture(scope="module")
def honest() -> bytes:
    return workbook([NEED_HEADER, need(1)])


def test_an_honest_file_of_each_kind_is_admitted(honest: bytes) -> None:
    assert admit(honest, "需求.xlsx", LIMITS) is Format.XLSX
    assert admit(honest, "需求.XLSX ", LIMITS) is Format.XLSX
    assert admit(document([["企业名称", "甲"]]), "表.docx", LIMITS) is Format.DOCX
    assert admit(delimited([NEED_HEADER]), "表.csv", LIMITS) is Format.TEXT
    assert admit(delimited([NEED_HEADER]), "表.tsv", LIMITS) is Format.TEXT
    assert admit(OLE + "Workbook".encode("utf-16-le"), "旧表.xls", LIMITS) is Format.XLS


@pytest.mark.parametrize(
    ("filename", "words"),
    [
        ("名单.et", "另存为”.xlsx"),
        ("名单.doc", "另存为”.docx"),
        ("名单.xlsm", "不带宏"),
        ("名单.zip", "先解压"),
        ("名单.pdf", "可编辑"),
        ("名单.exe", "可以上传的类型"),
        ("名单", "可以上传的类型"),
        ("名单.csv.exe", "可以上传的类型"),
    ],
)
def test_other_types_are_refused_with_the_way_out(filename: str, words: str) -> None:
    refused = refusal(b"x", filename)

    assert refused.problem.code == "file_type"
    assert words in refused.message


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        (b"", "a.csv", "empty_file"),
        (b"\xef\xbb\xbf \n", "a.csv", "empty_file"),
        (b"<html><table></table></html>", "a.xls", "content_mismatch"),
        ("序号,单位".encode(), "a.xlsx", "content_mismatch"),
        (b"\x89PNG\r\n\x1a\n", "a.xlsx", "content_mismatch"),
        (b"PK\x03\x04rest", "a.csv", "content_mismatch"),
        (b"PK\x03\x04" + bytes(400), "a.xlsx", "broken_file"),
        (OLE, "a.xls", "content_mismatch"),
        (OLE + "WordDocument".encode("utf-16-le"), "a.xls", "content_mismatch"),
        (OLE + "Workbook_VBA_PROJECT".encode("utf-16-le"), "a.xls", "macro"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "password"),
        (OLE, "a.xlsx", "content_mismatch"),
    ],
)
def test_name_and_content_must_agree(content: bytes, filename: str, code: str) -> None:
    assert refusal(content, filename).problem.code == code


def test_a_workbook_under_another_name_is_refused(honest: bytes) -> None:
    assert refusal(honest, "a.xls").problem.code == "content_mismatch"
    assert refusal(honest, "a.docx").problem.code == "content_mismatch"
    assert refusal(honest, "a.ods").problem.code in {"content_mismatch", "broken_file"}


def test_an_archive_that_hides_something_is_refused(honest: bytes) -> None:
    assert refusal(with_members(honest, xl__vbaProject_DOT_bin=b"x"), "a.xlsx").problem.code == "macro"
    assert refusal(with_members(honest, **{"..__..__evil": b"x"}), "a.xlsx").problem.code == "unsafe_member"
    assert refusal(with_members(honest, **{"x\\..\\evil": b"x"}), "a.xlsx").problem.code == "unsafe_member"
    assert refusal(honest + b"junk", "a.xlsx").problem.code == "polyglot"
    assert refusal(honest[:-300], "a.xlsx").problem.code == "broken_file"


def test_a_part_that_does_not_unpack_is_refused(honest: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        about = archive.getinfo("[Content_Types].xml")
    start = about.header_offset + 30 + len(about.filename)
    damaged = honest[:start] + b"\xff" * 20 + honest[start + 20 :]

    assert refusal(damaged, "a.xlsx").problem.code == "broken_file"


def test_sizes_are_read_from_the_directory_before_anything_is_unpacked(honest: bytes) -> None:
    heavy = with_members(honest, xl__media__x=bytes(3_000_000))

    assert refusal(heavy, "a.xlsx", Limits(unpacked_bytes=2_000_000)).problem.code == "unpacked_too_big"
    assert refusal(honest, "a.xlsx", Limits(members=5)).problem.code == "too_many_members"
    assert refusal(honest, "a.xlsx", Limits(file_bytes=1_000)).problem.code == "file_too_big"


def test_every_refusal_is_one_chinese_sentence(honest: bytes) -> None:
    refusals = [
        refusal(b"", "a.csv"),
        refusal(b"x", "a.et"),
        refusal(honest + b"junk", "a.xlsx"),
        refusal(honest, "a.docx"),
    ]

    for refused in refusals:
        assert refused.message.endswith("。")
        assert refused.message.count("。") <= 2
        assert not set("{}%") & set(refused.message)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("..\\..\\boot.ini.csv", "boot.ini.csv"),
        ("a\r\nSet-Cookie: x=1.csv", "aSet-Cookie: x=1.csv"),
        ("需求\u202ecsv.exe", "需求csv.exe"),
        ("file.csv.", "file.csv"),
        ("。。/x.csv", "x.csv"),
        ("x" * 300 + ".csv", "x" * 110 + ".csv"),
        ("", "未命名"),
    ],
)
def test_names_are_cleaned_for_showing(sent: str, shown: str) -> None:
    assert clean_filename(sent) == shown
