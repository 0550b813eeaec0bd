"""Delimited text: encodings, delimiters, quotes and what cannot be read."""

import pytest
from messy import NEED_HEADER, delimited, need

from matchmaker.files.book import LIMITS, Limits
from matchmaker.files.delimited import read_delimited
from matchmaker.files.encodings import detect
from matchmaker.files.refusals import FileRefused

ROWS = [NEED_HEADER, need(1), need(2, "海雀文具股份有限公司")]
AS_TEXT = [[str(cell) for cell in row] for row in ROWS]
TRADITIONAL = [["序號", "單位名稱", "技術需求"], ["1", "國立青禾大學", "影像辨識與機器視覺檢測"]]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
        ("utf-32-be", "utf-32-be"),
    ],
)
def test_each_encoding_is_found_and_read(written: str, read: str) -> None:
    text = read_delimited(delimited(ROWS, encoding=written), encoding=None, delimiter=None, limits=LIMITS)

    assert (text.encoding, text.rows, text.faults, text.questions) == (read, AS_TEXT, (), ())


def test_big5_is_told_from_gb18030() -> None:
    text = read_delimited(
        delimited(TRADITIONAL, encoding="big5"), encoding=None, delimiter=None, limits=LIMITS
    )

    assert (text.encoding, text.rows) == ("big5hkscs", TRADITIONAL)


@pytest.mark.parametrize("text", ["姓名\n张三\n", "单位\n甲\n"])
def test_too_little_text_to_tell_is_asked(text: str) -> None:
    found = detect(text.encode("gbk"))

    assert (found.encoding, found.certain) == ("gb18030", False)
    assert "big5hkscs" in found.candidates


def test_western_text_is_never_taken_for_chinese_silently() -> None:
    found = detect("Año,Descripción,Niño\n2011,Administración pública,señal\n".encode("cp1252"))

    assert (found.encoding, found.certain) == ("cp1252", False)


def test_the_answer_to_the_question_is_used() -> None:
    content = "姓名\n张三\n".encode("gbk")

    text = read_delimited(content, encoding="gb18030", delimiter=",", limits=LIMITS)

    assert (text.rows, text.questions) == ([["姓名"], ["张三"]], ())


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(FileRefused, match="没有“klingon”这种文字编码"):
        read_delimited("姓名".encode("gbk"), encoding="klingon", delimiter=None, limits=LIMITS)


def test_a_line_in_another_encoding_spoils_only_itself() -> None:
    content = delimited(ROWS[:2]) + delimited([need(2)], encoding="gbk") + delimited([need(3)])

    text = read_delimited(content, encoding=None, delimiter=None, limits=LIMITS)

    assert [(fault.row, fault.code) for fault in text.faults] == [(2, "mixed_encoding")]
    assert len(text.rows) == 4


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_is_found(delimiter: str) -> None:
    text = read_delimited(delimited(ROWS, delimiter=delimiter), encoding=None, delimiter=None, limits=LIMITS)

    assert (text.delimiter, text.rows, text.questions) == (delimiter, AS_TEXT, ())


def test_full_width_commas_are_asked_about() -> None:
    text = read_delimited(
        "序号，企业名称，需求名称\n1，甲公司，涂层\n".encode(), encoding=None, delimiter=None, limits=LIMITS
    )

    assert [question.code for question in text.questions] == ["delimiter"]
    assert text.questions[0].choices[0].value == "，"
    assert text.rows == [["序号", "企业名称", "需求名称"], ["1", "甲公司", "涂层"]]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_each_line_end_is_read(line_end: str) -> None:
    content = line_end.join(["单位,需求", '甲,"第一行\n第二行"', "乙,b"]).encode()

    text = read_delimited(content, encoding=None, delimiter=None, limits=LIMITS)

    assert text.rows == [["单位", "需求"], ["甲", "第一行\n第二行"], ["乙", "b"]]


def test_an_unclosed_quote_costs_one_row() -> None:
    content = '单位,需求\n甲,"没有结束\n乙,b\n丙,c\n'.encode()

    text = read_delimited(content, encoding=None, delimiter=None, limits=LIMITS)

    assert text.rows == [["单位", "需求"], ["甲", "没有结束"], ["乙", "b"], ["丙", "c"]]
    assert [(fault.row, fault.code) for fault in text.faults] == [(1, "unclosed_quote")]


def test_an_inch_mark_is_no_unclosed_quote() -> None:
    text = read_delimited('单位,规格\n甲,5" 管\n'.encode(), encoding=None, delimiter=None, limits=LIMITS)

    assert (text.rows[1], text.faults) == (["甲", '5" 管'], ())


def test_more_rows_or_columns_than_allowed_are_refused() -> None:
    with pytest.raises(FileRefused, match="超过 2 行"):
        read_delimited(delimited(ROWS), encoding=None, delimiter=None, limits=Limits(rows=2))
    with pytest.raises(FileRefused, match="超过 3 列"):
        read_delimited(delimited(ROWS), encoding=None, delimiter=None, limits=Limits(columns=3))


def test_the_line_excel_writes_for_its_delimiter_is_obeyed() -> None:
    text = read_delimited("sep=;\n单位;需求\n甲;b,c\n".encode(), encoding=None, delimiter=None, limits=LIMITS)

    assert text.rows == [[], ["单位", "需求"], ["甲", "b,c"]]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("转录,1\n", "gb18030"),  # happens to be valid UTF-8
        ("기업명,테스트,금형\n금형,담당자,기술수요\n", "euc_kr"),
        ("企業名,テスト会社,技術ニーズ,連絡先モールド\n", "shift_jis"),
        ("Название,Организация,Потребность\n", "cp1251"),
    ],
)
def test_what_could_be_another_encoding_is_asked_and_offers_it(text: str, written: str) -> None:
    found = detect(text.encode(written))

    assert (found.certain, written in found.candidates) == (False, True)


def test_full_width_commas_between_the_words_of_a_header_part_columns_whatever_stands_in_cells() -> None:
    header, last = "企业名称，需求名称，需求描述", "白溪文具厂，墨水防干，断墨"
    text = f'{header}\n青禾模具厂，压铸模寿命，"1、龟裂；\n2、粘模"\n{last}\n'
    found = read_delimited(text.encode(), encoding=None, delimiter=None, limits=LIMITS)

    assert found.rows == [
        ["企业名称", "需求名称", "需求描述"],
        ["青禾模具厂", "压铸模寿命", "1、龟裂；\n2、粘模"],
        ["白溪文具厂", "墨水防干", "断墨"],
    ]
    assert [question.code for question in found.questions] == ["delimiter"]
