"""Reasons: quoted sentences, indicators in compatible units, fit and clash, questions; all of it true."""

from dataclasses import dataclass

import pytest

from matchmaker.domain.matching import MatchScore, Signal
from matchmaker.domain.reasons import shown_to
from matchmaker.domain.states import Grade
from matchmaker.resources import folder
from matchmaker.services.reasons import Reason, reasons_for, say
from matchmaker.services.texts import Text
from nlp.embedding import Encoder, load_encoder
from nlp.index import Library, Passage, Query, passage_vectors, query_vectors
from nlp.indicators import indicators
from nlp.scale import read_weights
from nlp.text import Segmenter, segmenter

NEED = Text(
    key=1,
    title="压铸模具表面抗热裂涂层",
    text="模具连续生产两万模次后表面龟裂，停机修模一次要三天。希望涂层耐温不低于200℃，硬度≥3000HV，"
    "厚度3-5μm，孔隙率≤2%。涂层脱落后要能在本厂补涂，不必寄回。",
    wanted="希望涂层耐温不低于200℃，硬度≥3000HV，厚度3-5μm，孔隙率≤2%。起停5万次。",
)
COATING = Text(
    key=7,
    title="多弧离子镀复合涂层制备技术",
    text="在模具钢表面制备硬质涂层，耐温180-220℃，硬度可达3.2万MPa，孔隙率5%，起停6万次。"
    "抗热疲劳性能明显提高，已用于冲压模具，涂层可现场修补。",
)
OTHERS = (
    ("贻贝壳粉土壤调理剂", "利用贻贝壳煅烧制备土壤调理剂，提高酸性土壤的酸碱度，改善蔬菜品质。"),
    ("分布式光伏功率预测", "结合云图与气象数据预测分布式光伏电站的短期发电功率，平均误差百分之八。"),
    ("压铸机锁模力监测", "在压铸机拉杆上布置应变片，实时监测锁模力，提示模具合模不均。"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    encoder: Encoder
    segmenter: Segmenter
    library: Library


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    config = folder("config")
    words = segmenter(config / "dictionary.txt", config / "stopwords.txt")
    encoder = load_encoder(way="direct")
    passages = [Passage(key=COATING.key, title=COATING.title, text=COATING.text)] + [
        Passage(key=number, title=title, text=text) for number, (title, text) in enumerate(OTHERS, start=20)
    ]
    library = Library(
        passages,
        passage_vectors(encoder, passages),
        segmenter=words,
        weights=read_weights(config / "weights.toml"),
    )
    return Shelf(encoder=encoder, segmenter=words, library=library)


def _reasons(shelf: Shelf, *signals: Signal) -> tuple[Reason, ...]:
    score = MatchScore(score=0.8, grade=Grade.FAIR, probability=0.7, signals=signals)
    return reasons_for(shelf.library, shelf.segmenter, need=NEED, achievement=COATING, score=score)


def test_quotes_are_pieces_of_both_texts_with_the_shared_words_marked_and_at_most_a_fifth(
    shelf: Shelf,
) -> None:
    quoted = next(reason for reason in _reasons(shelf) if reason.kind == "quote")

    for whose, text in (("需求", NEED), ("成果", COATING)):
        pieces = [words for who, words in quoted.quotes if who == whose]
        whole = f"{text.title}\n{text.text}"
        assert pieces
        assert all(piece in whole for piece in pieces)
        assert sum(map(len, pieces)) <= (len(text.title) + len(text.text)) / 5
    marked = {
        words[start:end]
        for (_, words), marks in zip(quoted.quotes, quoted.marks, strict=True)
        for start, end in marks
    }
    assert "涂层" in marked
    assert marked <= {*quoted.need_words, *quoted.achievement_words}


def test_indicators_are_compared_in_compatible_units_and_gaps_become_questions(shelf: Shelf) -> None:
    said = {reason.text: reason.kind for reason in _reasons(shelf)}

    kinds = {text.split(" ")[1]: kind for text, kind in said.items() if text.startswith("需要")}
    assert kinds["孔隙率"] == "unmet"
    assert any(kind == "question" and "孔隙率" in text for text, kind in said.items())
    assert any(kind == "unstated" and "厚度" in text for text, kind in said.items())
    assert not any("起停" in text and "未达到" in text for text in said)


def test_only_signals_that_the_score_used_are_mentioned(shelf: Shelf) -> None:
    plain = " ".join(reason.text for reason in _reasons(shelf))
    assert "合作方式" not in plain
    assert "阶段" not in plain

    early = Signal(code="stage_early", points=-0.2, shared=("lab",))
    clash = Signal(code="mode_clashes", points=-0.2)
    reasons = _reasons(shelf, early, clash)

    assert {reason.tone for reason in reasons if reason.kind == "signal"} == {"warn"}
    assert "合作方式不同" in " ".join(reason.text for reason in reasons)


def test_an_outsider_reads_of_the_need_only_what_its_public_edition_says(shelf: Shelf) -> None:
    reasons = [
        {name: getattr(reason, name) for name in Reason.__dataclass_fields__}
        for reason in _reasons(shelf, Signal(code="mode_fits", points=0.2, shared=("joint",)))
    ]

    shown = shown_to(reasons, "某企业需要一种涂层。")

    said = str([(reason["text"], reason["quotes"], reason["need_words"]) for reason in shown])
    assert "涂层" in said
    assert "合作方式相合" in said
    for secret in ("3000", "龟裂", "孔隙率", "压铸"):
        assert secret not in str([reason["text"] for reason in shown])
        assert all(
            secret not in quote[1] for reason in shown for quote in reason["quotes"] if quote[0] == "需求"
        )


def test_taking_the_marked_words_out_costs_more_than_taking_other_words_out(shelf: Shelf) -> None:
    quoted = next(reason for reason in _reasons(shelf) if reason.kind == "quote")
    others = (["停机", "修模", "本厂", "寄回"], ["明显", "提高", "现场", "已用"])

    marked = (quoted.need_words, quoted.achievement_words)
    whole, without, control = (_score(shelf, *taken) for taken in (((), ()), marked, others))

    assert whole - without > whole - control


def _score(shelf: Shelf, ours: list[str] | tuple[()], theirs: list[str] | tuple[()]) -> float:
    query = Query(title=_less(NEED.title, ours), text=_less(NEED.text, ours))
    passage = Passage(key=99, title=_less(COATING.title, theirs), text=_less(COATING.text, theirs))
    encoder = shelf.encoder
    shelf.library.add([passage], passage_vectors(encoder, [passage]))
    return float(shelf.library.score(query, query_vectors(encoder, [query])[0], among=[99]).blended[0])


def _less(content: str, words: list[str] | tuple[()]) -> str:
    for word in words:
        content = content.replace(word, "")
    return content


def test_figures_of_today_are_not_taken_for_what_a_need_asks_for(shelf: Shelf) -> None:
    told = "人工喷涂厚薄不均，返工率8%，想上自动线，希望节拍不超过15秒。"
    need = Text(key=2, title="灯罩自动喷涂", text=told)
    score = MatchScore(score=0.8, grade=Grade.FAIR, probability=0.7, signals=())

    reasons = reasons_for(shelf.library, shelf.segmenter, need=need, achievement=COATING, score=score)

    words = " ".join(reason.text for reason in reasons)
    assert "返工率" not in words
    assert "节拍 ≤15秒" in words


def test_a_figure_is_told_with_the_condition_at_which_it_holds() -> None:
    sentences = ("-20℃下容量保持率≥80%", "28d抗压强度≥50MPa", "压缩永久变形≤25%（150℃×70h）")

    assert [say(indicators(one)[0]) for one in sentences] == [
        "容量保持率 ≥80%（-20℃）",
        "28d抗压强度 ≥50MPa",
        "压缩永久变形 ≤25%（150℃×70h）",
    ]
