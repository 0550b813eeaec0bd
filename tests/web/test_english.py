"""Pages in English show no Chinese of ours: what stands in Chinese is what people wrote."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from reading import CHEAP_HASH
from sqlalchemy import JSON, String, Text, select
from world import World, make_world

from matchmaker.app import create_app
from matchmaker.domain.matching import MatchScore, Signal
from matchmaker.domain.states import Grade
from matchmaker.resources import config_json, folder
from matchmaker.services.reasons import Reason, reasons_for
from matchmaker.services.texts import Text as Words
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Match, Need, Row, User
from matchmaker.web.amounts import amount
from matchmaker.web.frame import MatchmakerApp
from matchmaker.web.i18n import told
from matchmaker.web.presentation import after_name, word
from nlp.index import Library, Passage
from nlp.scale import read_weights
from nlp.text import segmenter

HAN = re.compile(r"[㐀-鿿]+")
SHOWN = ("title", "aria-label", "placeholder", "alt", "data-confirm")
OURS = (
    "多弧离子镀复合涂层",
    "耐温180-220℃，硬度可达3.2万MPa，孔隙率5%。",
    "要求耐温不低于200℃，孔隙率≤2%，起停5万次。",
    "离子渗氮",
    "激光熔覆",
)
# These are Chinese by intent: the notice that people consent to, and papers that are printed and signed.
CHINESE_PAGES = frozenset({"public.privacy", "registration.register", "registration.register_now"})
CHINESE_PAPERS = re.compile(r"events\.(paper|all_papers)|desk\.(sheets|badges|tables)")
LEAST = {"anonymous": 8, "enterprise_user": 25, "university_user": 20, "admin": 80}
SWITCH = "中文"
# how a period is written in the form, a name put together of two columns, and a message about a rule
ALSO_WRITTEN = ("面议", "2027年底前", "沈知行教授", "这一对是必须配对的")
AMOUNTS = re.compile(r"某[㐀-鿿]*?(企业|院校|高校|机构|单位)|号桌")


class Seen(HTMLParser):
    """Gathers what a reader of a page sees or is read to; form values are what people wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "textarea"):
            self._inside.append(tag)
        self.words += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.words.append(data)


@pytest.fixture
def english(
    settings: Settings, database: Database, compiled_templates: FileSystemBytecodeCache
) -> tuple[MatchmakerApp, World, str]:
    """The application over the test world with reasons of every kind, and all that people wrote in it."""
    with database.writing() as session:
        world = make_world(session)
        session.flush()
        session.get_one(Match, world.ids["match_id"]).reasons = [asdict(one) for one in _reasons()]
        session.get_one(Need, world.ids["need_id"]).fields = ["801", "403"]
    app = create_app(settings, database, TESTING=True, WTF_CSRF_ENABLED=False, **CHEAP_HASH)
    app.jinja_env.bytecode_cache = compiled_templates
    return (
        app,
        world,
        "\n".join([*ALSO_WRITTEN, *OURS, *_strings(settings.model_dump(mode="json")), *_written(database)]),
    )


def _reasons() -> tuple[Reason, ...]:
    config = folder("config")
    words = segmenter(config / "dictionary.txt", config / "stopwords.txt")
    passage = Passage(key=1, title=OURS[0], text=OURS[1])
    vectors = np.zeros((1, 8), dtype=np.float32)
    library = Library([passage], vectors, segmenter=words, weights=read_weights(config / "weights.toml"))
    signals = (
        Signal(code="field_same", points=0.4, shared=("801",)),
        Signal(code="field_other", points=-0.1),
        Signal(code="mode_clashes", points=-0.1),
        Signal(code="mode_fits", points=0.1, shared=("joint_dev",)),
        Signal(code="stage_early", points=-0.1, shared=("lab",)),
        Signal(code="stage_ready", points=0.1, shared=("pilot",)),
    )
    need = Words(key=1, title="压铸模具涂层", text=OURS[2], wanted="")
    found = MatchScore(score=0.8, grade=Grade.FAIR, probability=0.7, signals=signals)
    achievement = Words(key=1, title=passage.title, text=passage.text)
    told = [(OURS[3], 4), (OURS[4], 1)]
    both = [
        reasons_for(
            library,
            words,
            need=need,
            achievement=achievement,
            score=found,
            meaning_known=known,
            told=told,
            moved=moved,
        )
        for known, moved in ((True, 0.5), (False, -0.5))
    ]
    return (*both[0], *both[1])


def _written(database: Database) -> Iterator[str]:
    """Yield every text of the database but the reasons, which the program words; and the coach's examples."""
    yield from _strings(config_json("coach")["examples"])
    with database.reading() as session:
        for table in Row.metadata.sorted_tables:
            columns = [
                column
                for column in table.columns
                if isinstance(column.type, String | Text | JSON)
                and f"{table.name}.{column.name}" != "match.reasons"
            ]
            for row in session.execute(select(*columns)) if columns else ():
                yield from (text for value in row for text in _strings(value))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)


def _browser(app: MatchmakerApp, database: Database, world: World, role: str) -> FlaskClient:
    client = app.test_client()
    if role != "anonymous":
        with database.reading() as session, client.session_transaction() as kept:
            kept["_user_id"] = session.get_one(User, getattr(world.people, role)).fs_uniquifier
            kept["_fresh"] = True
    client.get("/?lang=en")
    return client


def _pages(app: MatchmakerApp, world: World) -> Iterator[tuple[str, str]]:
    """Yield (endpoint, address) of every page that can be read."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" in (rule.methods or ()) and rule.endpoint != "static" and not _is_chinese(rule.endpoint):
            yield rule.endpoint, world.address(app, rule)


def _is_chinese(endpoint: str) -> bool:
    return endpoint in CHINESE_PAGES or bool(CHINESE_PAPERS.fullmatch(endpoint))


def _ours(words: Iterable[str], written: str) -> list[str]:
    """Return the Chinese among these words that nobody wrote."""
    found = []
    for text in words:
        if text.strip() != SWITCH:
            found += [run for run in HAN.findall(AMOUNTS.sub(" ", text)) if run not in written]
    return found


@pytest.mark.parametrize("role", LEAST)
def test_no_page_in_english_shows_chinese_of_the_program(
    english: tuple[MatchmakerApp, World, str], database: Database, role: str
) -> None:
    app, world, written = english
    client = _browser(app, database, world, role)
    wrong: dict[str, list[str]] = {}
    read = 0
    for endpoint, address in _pages(app, world):
        answer = client.get(address)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        read += 1
        seen = Seen()
        seen.feed(answer.text)
        if found := _ours(seen.words, written):
            wrong[endpoint] = sorted(set(found))
    assert wrong == {}
    assert read >= LEAST[role]


def _refusals(app: MatchmakerApp, world: World) -> Iterator[tuple[str, str]]:
    """Yield (endpoint, address) of every form, and of what is not there."""
    yield "nothing", "/no/such/page"
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "POST" in (rule.methods or ()) and rule.endpoint not in ("accounts.leave", "public.language"):
            yield rule.endpoint, world.address(app, rule)


@pytest.mark.parametrize("role", ["enterprise_user", "university_user", "admin"])
def test_what_is_refused_is_said_in_english(
    english: tuple[MatchmakerApp, World, str], database: Database, role: str
) -> None:
    """Every form is sent empty, by who may send it and by who may not."""
    app, world, written = english
    shown: dict[str, list[str]] = {}
    for endpoint, address in _refusals(app, world):
        answer = _browser(app, database, world, role).post(address, data={"note": "", "lang": "en"})
        if answer.status_code < 400 or _is_chinese(endpoint) or answer.mimetype != "text/html":
            continue
        seen = Seen()
        seen.feed(answer.text)
        shown[f"{endpoint} {answer.status_code}"] = seen.words
    written = "\n".join([written, *_written(database)])  # the forms wrote as well
    wrong = {at: found for at, words in shown.items() if (found := _ours(words, written))}
    assert wrong == {}
    assert len(shown) >= 30


@pytest.mark.parametrize(
    ("chinese", "english_words"),
    [
        ("请填写姓名。", "Please give the name."),
        ("没有 7 号桌，请选 1–5 号。", "There is no table 7: choose 1–5."),
        ("请填写公开标题。；请填写公开文本。", "Please give the public title.; Please give the public text."),
        ("“百分之 50%（暂定）”读得懂吗", "“百分之 50%（暂定）”读得懂吗"),
        ("“100%棉”还没有受理入库或已经办结，不能列入活动。",
         '"100%棉" is not accepted yet or is closed: it cannot be put on an event.'),
    ],
)  # fmt: skip
def test_a_sentence_with_its_values_is_found_again_in_the_catalogue(
    english: tuple[MatchmakerApp, World, str], chinese: str, english_words: str
) -> None:
    app = english[0]
    with app.test_request_context("/?lang=en"):
        assert told(chinese) == english_words
    with app.test_request_context("/"):
        assert told(chinese) == chinese


@pytest.mark.parametrize(
    ("chinese", "english_words"),
    [
        ("面议", "negotiable"),
        ("7 万元", "70,000 yuan"),
        ("1,250.5 万元", "12.505 million yuan"),
        ("-2.3 亿元", "-230 million yuan"),
        ("12 亿元", "1.2 billion yuan"),
        ("不超过 80 万元", "up to 800,000 yuan"),
        ("80 万元以上", "800,000 yuan or more"),
        ("50 万元以下", "under 500,000 yuan"),
        ("100–300 万元", "1 million to 3 million yuan"),
        ("80 万元 — 1.2 亿元", "800,000 yuan to 120 million yuan"),
        ("按国家标准，不超过 80 万元", "按国家标准，不超过 80 万元"),
    ],
)
def test_amounts_are_said_in_yuan(
    english: tuple[MatchmakerApp, World, str], chinese: str, english_words: str
) -> None:
    with english[0].test_request_context("/?lang=en"):
        assert amount(chinese) == english_words
    with english[0].test_request_context("/"):
        assert amount(chinese) == chinese


def test_ranks_and_themes_are_words_of_lists_and_what_people_wrote_stays(app: MatchmakerApp) -> None:
    written = ("副教授", "首席科学家", "汽车零部件", "", None)
    with app.test_request_context("/?lang=en"):
        assert [word(one) for one in written] == ["Associate professor", "首席科学家", "Car parts", "", ""]
        assert [after_name(one) for one in ("副教授", "首席科学家", "")] == [
            ", associate professor", "首席科学家", ""
        ]  # fmt: skip
    with app.test_request_context("/"):
        assert [after_name("副教授"), word("副教授")] == ["副教授", "副教授"]
