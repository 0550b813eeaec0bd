"""Names and titles as lists have them: which are one by rule, which are shown to a person, which are two."""

import pytest

from matchmaker.domain.achievements import patent_keys
from matchmaker.domain.characters import simplified
from matchmaker.domain.duplicates import (
    Entry,
    Pair,
    same_achievements,
    same_needs,
    same_organisations,
    same_people,
)
from matchmaker.domain.identifiers import clean_org_name

ONE = """
宁波海瑞模具有限公司 | 宁波海瑞模具 有限公司（盖章）
宁海得力(集团)文具有限公司 | 宁海得力（集团）文具有限公司
ＡＢＢ（宁波）电气有限公司 | ABB(宁波)电气有限公司
寧海縣東方模具有限公司 | 宁海县东方模具有限公司
無錫飛騰無人機有限公司 | 无锡飞腾无人机有限公司
浙江工業大學 | 浙江工业大学
宁波·海创智能科技有限公司 | 宁波海创智能科技有限公司
"""
ASKED = """
宁波海瑞模具有限公司 | 宁海海瑞模具有限公司
宁波海瑞模具有限公司 | 海瑞模具
宁波海瑞模具有限公司 | 宁波海瑞模具有限责任公司
宁波市海瑞模具有限公司 | 宁波海瑞模具有限公司
浙江海瑞模具科技有限公司 | 浙江海瑞模具有限公司
宁波海瑞模具有限公司 | 宁波海锐模具有限公司
宁海县宏图五金厂 | 宁海县宏图五金有限公司
宁波远航汽车零部件有限公司 | 宁波远航汽车部件有限公司
宁波海瑞集团股份有限公司 | 宁波海瑞集团有限公司
宁波海瑞（集团）有限公司 | 宁波海瑞有限公司
宁波海瑞模具有限公司（原宁波江北五金厂） | 宁波江北五金厂
中科院宁波材料所 | 中国科学院宁波材料技术与工程研究所
浙江省农科院 | 浙江省农业科学院
中科院化学所 | 中国科学院化学研究所
宁波市农科院 | 宁波市农业科学研究院
浙江大学紫金港校区 | 浙江大学
浙大 | 浙江大学
上海交大 | 上海交通大学
浙大宁波理工学院 | 浙江大学宁波理工学院
江城省石桥市农业科学院 | 石桥市农业科学院
江城省化工研究院（原石桥市化工研究院） | 石桥市化工研究院
江城恒达塑料厂 | 江城恒达塑胶厂
江城市东方机械有限公司 | 江城市青溪县东方机械有限公司
江城市东方机械有限公司 | 青溪县东方机械有限公司
"""
TWO = """
浙江大学 | 浙江大学宁波理工学院
浙江大学 | 浙大宁波理工学院
宁波大学 | 宁波大学科学技术学院
浙江大学 | 浙江大学医学院附属第一医院
中国科学院大学 | 中国科学院
浙江工业大学 | 浙江工商大学
西安交通大学 | 上海交通大学
北京大学 | 北京大学深圳研究生院
东北大学 | 东北大学秦皇岛分校
中国石油大学（华东） | 中国石油大学（北京）
中国科学院自动化研究所 | 中国科学院沈阳自动化研究所
中国科学院化学研究所 | 中国科学院长春应用化学研究所
中国科学院宁波材料技术与工程研究所慈溪生物医学工程研究所 | 中国科学院宁波材料技术与工程研究所
东海水产研究所 | 南海水产研究所
宁波第一机床厂 | 宁波第二机床厂
得力集团有限公司 | 宁波得力文具销售有限公司
宁波得力文具有限公司 | 宁波得力文具有限公司宁海分公司
宁波海瑞模具有限公司象山分公司 | 宁波海瑞模具有限公司宁海分公司
宁波海瑞模具有限公司一分厂 | 宁波海瑞模具有限公司
浙江华星集团有限公司 | 浙江华星集团宁海模具有限公司
中国银行宁海支行 | 中国银行
浙江万里学院 | 浙江万里学院宁海海洋生物种业研究院
华中科技大学 | 华中农业大学
江城省农业科学院 | 云岭省农业科学院
江城省农业科学院 | 石桥市农业科学院
江城省畜牧兽医研究所 | 云岭省农业科学院畜牧兽医研究所
中国茶叶研究所 | 云岭省茶叶研究所
中国科学院植物研究所 | 中国科学院动物研究所
江城东方机械有限公司 | 江城东方机电有限公司
江城恒达电子有限公司 | 江城恒达电器有限公司
青溪县东方机械有限公司 | 石浦县东方机械有限公司
"""


def pairs_of(table: str) -> list[list[str]]:
    return [line.split(" | ") for line in table.strip().splitlines()]


def verdict(pairs: list[Pair]) -> str:
    return "two" if not pairs else "one" if pairs[0].certain else "asked"


@pytest.mark.parametrize(
    ("first", "second", "truth"),
    [
        (*pair, truth)
        for table, truth in ((ONE, "one"), (ASKED, "asked"), (TWO, "two"))
        for pair in pairs_of(table)
    ],
)
def test_organisations_are_told_apart_as_a_clerk_would(first: str, second: str, truth: str) -> None:
    entries = [Entry(id=key, name=clean_org_name(name)) for key, name in enumerate((first, second))]

    assert verdict(same_organisations(entries)) == truth


@pytest.mark.parametrize(
    ("first", "second", "truth"),
    [
        ("材料学院", "材料科学与工程学院", "asked"),
        ("计算机学院", "计算机科学与技术学院", "asked"),
        ("机械学院", "机电学院", "two"),
        ("医学院", "药学院", "two"),
    ],
)
def test_colleges_of_one_school_are_compared_by_what_their_names_leave_out(
    first: str, second: str, truth: str
) -> None:
    entries = [Entry(id=key, name=f"江州大学{name}", owner=9) for key, name in enumerate((first, second))]

    assert verdict(same_organisations(entries)) == truth


SUMMARY = "采用多弧离子镀在压铸模表面制备氮铝铬复合涂层，抗热裂寿命提高一倍，已在三家企业的产线上试用半年。"


@pytest.mark.parametrize(
    ("first", "second", "truth"),
    [
        (("一种压铸模涂层", {"p1"}, ""), ("压铸模涂层及其制备方法", {"p1"}, ""), "asked"),
        (("一种压铸模涂层", {"p1"}, ""), ("一种压铸模涂层", {"p1"}, ""), "one"),
        (("一种压铸模涂层", {"p1"}, ""), ("一种压铸模涂层", {"p2"}, ""), "asked"),
        (("一种压铸模涂层及其制备方法", set(), ""), ("压铸模涂层", set(), ""), "two"),
        (("一种压铸模离子镀涂层及其制备方法", set(), ""), ("压铸模离子镀涂层", set(), ""), "asked"),
        (("压铸模延寿技术", set(), SUMMARY), ("Long-life die coating", set(), SUMMARY), "asked"),
        (("叶片加工方法", {"p1"}, SUMMARY), ("叶片加工装置", {"p2"}, SUMMARY), "two"),
    ],
)
def test_achievements_of_one_owner(
    first: tuple[str, set[str], str], second: tuple[str, set[str], str], truth: str
) -> None:
    entries = [
        Entry(id=key, name=title, owner=1, marks=frozenset(marks), text=text)
        for key, (title, marks, text) in enumerate((first, second))
    ]

    assert verdict(same_achievements(entries)) == truth


@pytest.mark.parametrize(
    ("first", "second", "truth"),
    [
        ("10kV配电柜温升过高的改进", "35kV配电柜温升过高的改进", "two"),
        ("公称直径5mm球阀密封寿命提升", "公称直径50mm球阀密封寿命提升", "two"),
        ("厂区污水处理一期工程除磷技术", "厂区污水处理二期工程除磷技术", "two"),
        ("左旋门铰链自动装配设备", "右旋门铰链自动装配设备", "two"),
        ("高温密封胶粘接强度提升", "低温密封胶粘接强度提升", "two"),
        ("A型减速机噪声控制技术研究", "B型减速机噪声控制技术研究", "two"),
        ("Q235钢板焊接变形控制技术", "Q345钢板焊接变形控制技术", "two"),
        ("2025年数字化车间改造", "2026年数字化车间改造", "asked"),
        ("配电柜温升过高的改进", "10kV配电柜温升过高的改进", "asked"),
        ("纯棉针织面料活性染色缸差控制", "涤棉针织面料活性染色缸差控制", "asked"),
        ("城镇污水厂污泥减量技术", "城镇污水厂污泥减量化技术", "asked"),
        ("PBS降解膜耐撕裂性能提升", "PBT降解膜耐撕裂性能提升", "asked"),
    ],
)
def test_needs_of_opposite_things_or_other_figures_are_two(first: str, second: str, truth: str) -> None:
    entries = [Entry(id=key, name=title, owner=1) for key, title in enumerate((first, second))]

    assert verdict(same_needs(entries)) == truth


def test_firms_of_other_towns_with_one_contact_are_shown() -> None:
    entries = [
        Entry(id=key, name=name, hints=frozenset({"王建国:13800000000"}))
        for key, name in enumerate(("青溪县东方机械有限公司", "石浦县东方机械有限公司"))
    ]

    assert verdict(same_organisations(entries)) == "asked"


def test_a_need_in_traditional_characters_is_the_same_need() -> None:
    text = "主轴连续运转四小时后热伸长超过四十微米，加工尺寸漂移，靠人工补偿，废品率百分之三。"
    written = (("高速主軸熱變形控制", text), ("高速主轴热变形控制", text))
    entries = [Entry(id=key, name=title, text=words, owner=1) for key, (title, words) in enumerate(written)]

    assert (verdict(same_needs(entries)), simplified("寧海縣機械廠")) == ("one", "宁海县机械厂")


@pytest.mark.parametrize(
    ("colleges", "phones", "truth"),
    [
        (("机械", "材料"), ("", ""), "asked"),
        (("机械", "材料"), ("0571-87950001", "0571-87950001"), "asked"),  # the transfer office's number
        (("机械", "材料"), ("13900000001", "13900000001"), "one"),
        (("机械", "机械"), ("0571-87950001", "0571-87950001"), "one"),
        (("机械", "机械"), ("13900000001", "13900000002"), "asked"),
    ],
)
def test_namesakes_of_one_university_are_two_until_a_number_of_their_own_says_otherwise(
    colleges: tuple[str, str], phones: tuple[str, str], truth: str
) -> None:
    entries = [
        Entry(
            id=key,
            name="王伟",
            owner=1,
            marks=frozenset({phone.replace("-", "")} - {""}),
            hints=frozenset({college}),
        )
        for key, (college, phone) in enumerate(zip(colleges, phones, strict=True))
    ]

    assert verdict(same_people(entries)) == truth


def test_one_patent_has_one_key_however_it_is_written() -> None:
    written = ("201910123456", "ZL201910123456.X", "CN 2019 1 0123456.X", "专利号：ZL 201910123456.X")

    assert {patent_keys([one]) for one in written} == {("201910123456.X",)}
    assert patent_keys(["CN110123456A"]) == patent_keys(["CN110123456B"]) == ("CN110123456",)
    assert patent_keys(["201910123456.7"]) == ()  # a wrong check digit proves nothing
