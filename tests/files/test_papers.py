"""Papers as Word files: what is in them, and the bureau's own letterhead."""

import io
from typing import Any

import pytest

from matchmaker.domain.papers import FILL_IN, Badge, Grid, Heading, Page, Paper, Shape, Tent, Words
from matchmaker.files.papers_docx import write_docx
from matchmaker.files.qr import qr_png
from matchmaker.files.refusals import FileRefused

LETTER = Paper(
    title="邀请函",
    formal=True,
    pages=[
        Page(title="邀 请 函", blocks=[Words(text="甲公司：", plain=True), Words(text="诚邀您参加。")]),
        Page(
            title="签到表",
            sub="会展中心",
            blocks=[
                Heading(text="一、名单"),
                Grid(head=["序号", "单位"], rows=[["1", "=1+1"], ["2", FILL_IN]], widths=[1, 4], tall=True),
            ],
            foot="应到 2 人",
        ),
    ],
    facts=[("活动名称", "模具专场"), ("主办单位", "县科技局")],
)


def opened(content: bytes) -> Any:
    import docx

    return docx.Document(io.BytesIO(content))


def words(document: Any) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text.strip()]


def tables(document: Any) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def template(*paragraphs: str, header: str = "") -> bytes:
    import docx

    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.sections[0].header.paragraphs[0].add_run(header)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def test_a_paper_comes_out_whole_in_word() -> None:
    document = opened(write_docx(LETTER))

    assert words(document) == [
        "邀 请 函",
        "甲公司：",
        "诚邀您参加。",
        "签到表",
        "会展中心",
        "一、名单",
        "应到 2 人",
    ]
    assert tables(document) == [[["序号", "单位"], ["1", "=1+1"], ["2", FILL_IN]]]
    assert document.core_properties.title == "邀请函"
    assert LETTER.missing == 1


def test_wide_papers_lie_on_their_side() -> None:
    wide = Paper(title="清单", pages=[Page(title="清单")], shape=Shape.A3_WIDE)
    section = opened(write_docx(wide)).sections[0]

    assert (round(section.page_width.mm), round(section.page_height.mm)) == (420, 297)


def test_columns_have_the_widths_of_the_paper_in_every_word_processor() -> None:
    (table,) = opened(write_docx(LETTER)).tables

    by_column = [column.width for column in table.columns]
    by_cell = [cell.width for cell in table.rows[0].cells]
    assert by_column == by_cell
    assert round(by_column[1] / by_column[0]) == 4


def test_cards_and_badges_have_their_names() -> None:
    cards = Paper(
        title="席卡", pages=[Page(blocks=[Tent(name="沈知行", number="3", organisation="江州大学")])]
    )
    worn = Paper(
        title="胸牌",
        pages=[
            Page(
                blocks=[
                    Badge(name=name, organisation="甲", role="专家", link=f"http://县/d/{name}")
                    for name in "一二三"
                ]
            )
        ],
    )
    document = opened(write_docx(worn))

    assert words(opened(write_docx(cards))) == ["3", "沈知行", "江州大学"]
    assert tables(document) == [[["一\n甲\n专家", "", "二\n甲\n专家", ""], ["三\n甲\n专家", "", "", ""]]]
    pictures = [
        document.part.related_parts[shape._inline.graphic.graphicData.pic.blipFill.blip.embed].blob
        for shape in document.inline_shapes
    ]
    assert pictures == [qr_png(f"http://县/d/{name}") for name in "一二三"]


def test_the_bureaus_own_template_is_kept_around_the_paper() -> None:
    own = template("关于{{活动名称}}的函", "{{正文}}", "此致", header="{{主办单位}}文件")
    document = opened(write_docx(LETTER, template=own))

    said = words(document)
    assert said[:3] == ["关于模具专场的函", "邀 请 函", "甲公司："]
    assert said[-1] == "此致"
    assert document.sections[0].header.paragraphs[0].text == "县科技局文件"
    assert tables(document) == [[["序号", "单位"], ["1", "=1+1"], ["2", FILL_IN]]]
    body = [child.tag.rpartition("}")[2] for child in document.element.body]
    assert body.index("tbl") < len(body) - 2  # before 此致, not at the end


def test_without_a_mark_the_paper_follows_the_template() -> None:
    said = words(opened(write_docx(LETTER, template=template("抬头"))))

    assert said[:2] == ["抬头", "邀 请 函"]


def test_a_template_that_is_no_word_file_is_refused_with_a_sentence() -> None:
    with pytest.raises(FileRefused, match=r"模板“plan\.docx”打不开"):
        write_docx(LETTER, template=b"PK nothing", called="plan.docx")


@pytest.mark.parametrize("place", ["table", "header"])
def test_a_template_with_the_mark_where_no_paper_fits_is_refused_with_a_sentence(place: str) -> None:
    import docx

    own = docx.Document()
    cell = own.add_table(1, 1).cell(0, 0) if place == "table" else own.sections[0].header
    cell.paragraphs[0].text = "{{正文}}"
    target = io.BytesIO()
    own.save(target)

    with pytest.raises(FileRefused, match=r"“default\.docx”把 \{\{正文\}\} 放在了表格、文本框、页眉或页脚里"):
        write_docx(LETTER, template=target.getvalue(), called="default.docx")


def saved(document: Any) -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def test_words_beside_the_mark_stay_around_the_paper() -> None:
    said = words(
        opened(write_docx(LETTER, template=template("抬头", "各单位：{{ 正文 }}特此函告。", "落款")))
    )

    assert said[:3] == ["抬头", "各单位：", "邀 请 函"]
    assert said[-2:] == ["特此函告。", "落款"]


def test_a_mark_that_word_has_cut_into_runs_is_filled_in_and_pictures_beside_it_stay() -> None:
    import docx

    own = docx.Document()
    line = own.add_paragraph("关于")
    for piece in ("{{活动", "名称", "}}的函"):
        line.add_run(piece).bold = piece == "名称"
    line.add_run().add_picture(io.BytesIO(qr_png("http://县/")))
    inner = own.add_table(1, 1).cell(0, 0).add_table(1, 1)
    inner.cell(0, 0).paragraphs[0].text = "｛｛主办单位｝｝"
    own.sections[0].different_first_page_header_footer = True
    own.sections[0].first_page_header.paragraphs[0].text = "{{主办单位}}文件"

    made = opened(write_docx(LETTER, template=saved(own)))

    assert made.paragraphs[0].text == "关于模具专场的函"
    assert len(made.inline_shapes) == 1
    assert made.tables[0].cell(0, 0).tables[0].cell(0, 0).text == "县科技局"
    assert made.sections[0].first_page_header.paragraphs[0].text == "县科技局文件"


def test_the_section_that_ends_with_the_mark_keeps_its_page() -> None:
    import docx
    from docx.enum.section import WD_ORIENT, WD_SECTION
    from docx.shared import Mm

    own = docx.Document()
    own.add_paragraph("{{正文}}")
    own.sections[0].page_width = Mm(111)
    own.add_section(WD_SECTION.NEW_PAGE).orientation = WD_ORIENT.PORTRAIT
    mark = own.paragraphs[0]._element
    mark.get_or_add_pPr().append(own.paragraphs[1]._element.pPr.sectPr)
    own.paragraphs[1]._element.getparent().remove(own.paragraphs[1]._element)
    own.sections[1].page_width = Mm(222)

    made = opened(write_docx(LETTER, template=saved(own)))

    assert [round(section.page_width.mm) for section in made.sections] == [111, 222]
    assert "{{" not in "".join(words(made))


@pytest.mark.parametrize("around", ["{{正文}}", "各单位：{{正文}}特此函告。"])
def test_a_picture_at_the_mark_stays_and_stays_alone(around: str) -> None:
    import docx

    own = docx.Document()
    own.add_paragraph(around).add_run().add_picture(io.BytesIO(qr_png("http://县/")))

    made = opened(write_docx(LETTER, template=saved(own)))

    assert len(made.inline_shapes) == 1
    assert "{{" not in "".join(words(made))


@pytest.mark.parametrize("maimed", ["{{活动名称}", "活动名称}}", "{活动名称}", "｛活动名称｝"])
def test_a_mark_without_all_its_braces_is_refused(maimed: str) -> None:
    own = template(f"关于 {maimed} 的函", "{{正文}}")

    with pytest.raises(FileRefused, match=r"认不出的记号：正文里的 .*是不是 \{\{活动名称\}\}？"):
        write_docx(LETTER, template=own, called="plan.docx")


def test_single_braces_round_other_words_are_printed() -> None:
    assert words(opened(write_docx(LETTER, template=template("{附件 1}"))))[0] == "{附件 1}"


def test_marks_that_are_none_are_refused_with_their_place_and_the_nearest_one() -> None:
    own = template("{{活动名}}", "{{正文}}", header="{{盖章处}}")

    with pytest.raises(FileRefused) as refused:
        write_docx(LETTER, template=own, called="plan.docx")

    assert refused.value.message == (
        "单位自己的 Word 模板“plan.docx”有认不出的记号：正文里的 {{活动名}}（是不是 {{活动名称}}？）；"
        "页眉里的 {{盖章处}}。能用的是 {{活动名称}}、{{主办单位}}、{{正文}}，请改好再用。"
    )


def test_a_second_place_for_the_paper_is_refused() -> None:
    with pytest.raises(FileRefused, match=r"“plan\.docx”有 2 处 \{\{正文\}\}，请只留一处"):
        write_docx(LETTER, template=template("{{正文}}", "{{正文}}"), called="plan.docx")


def test_characters_that_xml_cannot_hold_do_no_harm() -> None:
    odd = Paper(title="x", pages=[Page(blocks=[Words(text="a\x00b\x1fc")])])

    assert words(opened(write_docx(odd))) == ["a\ufffdb\ufffdc"]
