"""The coach: what is missing, what to ask, with an example of the trade, and what was understood."""

import pytest
from factories import People, make_need
from sqlalchemy.orm import Session

from matchmaker.domain.needs import NeedDraft
from matchmaker.resources import config_json
from matchmaker.services.coach import (
    ASKED_BY_LINK,
    TradeWords,
    Understood,
    advise,
    questions_for,
)
from matchmaker.store.engine import Database

MOULDS = TradeWords(slug="mold", name="模具", words=("模具", "压铸"), fields=("804",))
MARINE = TradeWords(slug="marine_agri", name="海洋种业", words=("育苗", "青蟹"), fields=("207",))
THEMES = (MOULDS, MARINE)
POOR = NeedDraft(title="模具坏得快", problem="压铸模具容易坏。", key_points="寿命越长越好")
GOOD = NeedDraft(
    title="大型压铸模浇口热裂的延寿",
    problem="压铸模打到四万模次左右浇口附近出现网状裂纹，补焊后只能再撑几千模，一年补模要几十万元。",
    key_points="抗冲击韧性≥67%；型面温差不超过15℃；硬度46~48HRC",
    background="做过渗氮，三万模次后成片剥落。",
    conditions="压铸机不换，可提供两副在产模具。",
    fields=("804",),
    budget_text="30-50万元",
    period_text="12个月",
)


def test_a_one_line_complaint_is_asked_three_questions_with_examples_of_its_trade() -> None:
    advice = advise(POOR, THEMES)

    mould_examples = config_json("coach")["examples"]["mold"]
    assert [one.code for one in advice.questions] == ["problem", "indicators", "tried"]
    assert [one.example for one in advice.questions] == [
        mould_examples[code] for code in ("problem", "indicators", "tried")
    ]
    assert advice.theme == "模具"
    assert advice.clarity.share < 0.4


def test_a_clear_need_is_asked_nothing_and_read_into_structure() -> None:
    advice = advise(GOOD, THEMES)

    assert (advice.clarity.share, advice.questions) == (1.0, ())
    assert advice.understood == (
        Understood(quantity="抗冲击韧性", relation="不低于", value="67", unit="%"),
        Understood(quantity="型面温差", relation="不高于", value="15", unit="℃"),
        Understood(quantity="硬度", relation="介于", value="46–48", unit="HRC"),
    )


def test_vague_words_are_named_in_the_advice() -> None:
    vague = {part.code: part for part in advise(POOR, THEMES).clarity.parts}["vague"]

    assert (vague.share, vague.advice) == (0.0, "把“越长越好”改成能判断的说法，例如具体的数值")


def test_money_left_open_is_half_an_answer_and_no_words_are_none() -> None:
    shares = [
        {part.code: part.share for part in advise(draft, ()).clarity.parts}["budget"]
        for draft in (
            NeedDraft(title="密封", budget_text="面议"),
            NeedDraft(title="密封"),
            NeedDraft(title="密封", budget_text="30万"),
        )
    ]

    assert shares == [0.5, 0.0, 1.0]


def test_a_stored_need_is_read_like_a_draft(database: Database, people: People) -> None:
    with database.writing() as session:
        need = _poor_need(session, people)
        assert [one.code for one in advise(need, THEMES).questions] == [
            one.code for one in advise(POOR, THEMES).questions
        ]


def _poor_need(session: Session, people: People) -> object:
    return make_need(
        session,
        organisation_id=people.huaxing,
        title=POOR.title,
        problem=POOR.problem,
        key_points=POOR.key_points,
        background="",
    )


def test_questions_for_a_firm_begin_with_what_is_missing_and_can_all_be_answered_in_words() -> None:
    codes = [one.code for one in questions_for(POOR, THEMES)]

    assert codes[:3] == ["problem", "indicators", "tried"]
    assert set(codes) == ASKED_BY_LINK


def test_every_theme_of_the_county_has_its_examples_and_every_question_one() -> None:
    coach = config_json("coach")
    themes = {theme["id"] for theme in config_json("themes")["themes"]}

    assert themes | set(coach["trades"]) | {"general"} == set(coach["examples"])
    asked = {"problem", "indicators", "tried", "vague", "conditions", "title"}
    assert {slug: asked - set(given) for slug, given in coach["examples"].items() if asked - set(given)} == {}


@pytest.mark.parametrize(
    ("title", "problem", "trade"),
    [
        ("鱼丸保质期短", "冷藏只能放15天，超市要求45天。", "食品加工"),
        ("深色布染色不匀", "涤纶针织布一缸里有缸差，复染多。", "纺织印染"),
        ("中间体硝化副产物多", "间歇釜转化率低，溶剂回收难。", "精细化工"),
        ("高盐废水结垢", "COD高，氨氮排放不稳。", "节能环保"),
        ("排产软件", "订单插单多，想上数字化。", "软件与数字化"),
        ("地下室墙板裂缝", "混凝土早期开裂渗水。", "建材与建筑"),
        ("草莓连作死苗", "大棚土壤病害重，亩产下降。", "种植与养殖"),
        ("导管涂层脱落", "医用导管推拉后微粒超标。", "医疗器械"),
        ("Shelf life of chilled noodles", "The food spoils within a week.", "食品加工"),
    ],
)
def test_trades_that_are_no_theme_of_the_county_get_examples_of_their_own(
    title: str, problem: str, trade: str
) -> None:
    advice = advise(NeedDraft(title=title, problem=problem), THEMES)

    general = set(config_json("coach")["examples"]["general"].values())
    assert advice.theme == trade
    assert advice.questions
    assert not general & {one.example for one in advice.questions if one.code not in ("period", "budget")}


@pytest.mark.parametrize(
    ("problem", "key_points", "understood"),
    [
        # what is so today is no indicator, what is asked for is
        ("镜头分辨率40万像素，加热时温度最高43度，超过标准41度。", "", []),
        ("噪音大，75分贝，要求降低到60分贝以下。", "", ["噪音 不高于 60 分贝"]),
        ("冷藏只能放15天，超市要求45天。", "", ["冷藏 为 45 天"]),
        ("去年死苗率35%，亩产只有1400公斤。", "", []),
        ("壁厚1.2mm的零件平面度超差，一般0.15~0.2mm，客户要求0.05mm，现在废品率8%。", "", []),
        ("现在浓缩温度60℃，活性值从12降到6。希望温度不高于40℃。", "", ["温度 不高于 40 ℃"]),
        ("产水量由50m³/d降到35m³/d，希望清洗周期延长到3个月。", "", ["清洗周期 为 3 个月"]),
        ("同批次水分2%~9%，要控制在3%～5%。", "", ["同批次水分 介于 3–5 %"]),
        ("批间色差大，要求ΔE≤1.0。", "", ["ΔE 不高于 1 "]),
        # the same indicator in other words and units is read once
        ("", "模具寿命≥9万模次；寿命不少于90000模次；寿命达到9万模次", ["模具寿命 不低于 9 万模次"]),
        ("要求纯度≥99.5%。", "纯度不低于99.5％", ["纯度 不低于 99.5 %"]),
        ("", "纯度≥95%且不高于98%", ["纯度 不低于 95 %", "纯度 不高于 98 %"]),
    ],
)
def test_indicators_are_what_is_asked_for_each_once(
    problem: str, key_points: str, understood: list[str]
) -> None:
    found = advise(NeedDraft(title="", problem=problem, key_points=key_points), ()).understood

    assert [f"{one.quantity} {one.relation} {one.value} {one.unit}" for one in found] == understood


def test_a_list_with_one_cell_for_everything_is_not_asked_what_the_cell_says() -> None:
    problem = (
        "再生骨料掺量超过三成后强度掉到26MPa，试过裹浆强化，成本每方加18元。搅拌站不能改，"
        "要求28d抗压强度≥38MPa，坍落度1h损失≤30mm，氯离子含量≤0.06%，预算50万元左右，明年底前用上。"
    )
    advice = advise(NeedDraft(title="再生骨料混凝土强度不稳定", problem=problem, fields=("07",)), ())

    assert [(part.code, part.share) for part in advice.clarity.parts if part.share < 1] == []
    assert [f"{one.quantity}{one.value}{one.unit}" for one in advice.understood] == [
        "28d抗压强度38MPa",
        "坍落度1h损失30mm",
        "氯离子含量0.06%",
    ]


def test_words_that_any_need_might_use_are_no_problem_told() -> None:
    empty = "目前加工精度与国外先进水平有较大差距，希望进一步提高精度，达到国际先进水平，越精越好。"

    advice = advise(NeedDraft(title="希望提升加工精度", problem=empty, key_points="精度≥1级、≥2级、≥3级"), ())

    assert advice.questions[0].code == "problem"
    vague = [
        one.text for one in questions_for(NeedDraft(title="x", problem=empty), ()) if one.code == "vague"
    ]
    assert vague == ["“先进水平”、“进一步提高”、“国际先进水平”这样的说法别人没法判断，能否换成具体的数值？"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("碎米率高，之前调整过碾米机转速没有效果", "tried"),
        ("误识率高，试用了三种模组都不行", "tried"),
        ("铝灰每年不少，现交给外单位处理", "tried"),
        ("续航太短，电池重量不能增加", "conditions"),
        ("漏检多，人工不允许再增加", "conditions"),
    ],
)
def test_what_a_text_says_is_not_asked(text: str, said: str) -> None:
    asked = {part.code for part in advise(NeedDraft(title="提升", problem=text), ()).clarity.missing}

    assert said not in asked


@pytest.mark.parametrize(
    "problem",
    [
        "钯炭催化剂套用八次后活性掉一半。",
        "热轧后表面起毛，摩擦五百次就起球。",
        "人工目检每件20秒，漏检占百分之三。",
    ],
)
def test_a_short_problem_with_figures_is_not_asked_for_again(problem: str) -> None:
    need = NeedDraft(title="某产品的改进", problem=problem)

    assert "problem" not in [one.code for one in advise(need, (), most=9).questions]


def test_of_two_trades_the_one_at_the_end_of_the_title_gives_the_examples() -> None:
    moulds = TradeWords(slug="mold", name="模具", words=("注塑",), fields=())

    assert advise(NeedDraft(title="注塑车间自动排产"), (moulds,)).theme == "软件与数字化"
    assert advise(NeedDraft(title="排产用的注塑工装"), (moulds,)).theme == "模具"


@pytest.mark.parametrize(
    "problem",
    [
        "铝合金壳体气孔率高，报废率9%，抽真空后仍有5%。",
        "真空加压循环过5次，还有12%要补液。",
        "成活率只有18%，投过隐蔽网，效果不大。",
        "镉含量0.5mg/kg，清洗过三遍。",
    ],
)
def test_what_was_tried_in_passing_is_not_asked_for(problem: str) -> None:
    draft = NeedDraft(title="报废率高", problem=problem, key_points="报废率≤2%")

    assert "tried" not in [one.code for one in advise(draft, THEMES, most=9).questions]


def test_too_much_of_something_is_nothing_that_was_tried() -> None:
    draft = NeedDraft(title="洗毛", problem="水洗过程中缩水，处理过量时发黄。", key_points="缩率≤3%")

    assert "tried" in [one.code for one in advise(draft, THEMES, most=9).questions]


@pytest.mark.parametrize(("target", "asked"), [("明年六月前完成样机", True), ("已完成样机两台", False)])
def test_a_prototype_that_is_to_be_made_is_nothing_that_was_tried(target: str, asked: bool) -> None:
    draft = NeedDraft(
        title="屏幕驱动", problem="高温下亮度衰减快，客户退货多。", key_points=f"亮度≥500nit；{target}"
    )

    assert ("tried" in [one.code for one in advise(draft, THEMES, most=9).questions]) is asked
