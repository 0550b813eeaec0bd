"""The coach: what is missing, what to ask, with an example of the trade, and what was understood."""

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

    assert themes | {"general"} == set(coach["examples"])
    asked = {"problem", "indicators", "tried", "vague", "conditions", "title"}
    assert {slug: asked - set(given) for slug, given in coach["examples"].items() if asked - set(given)} == {}
