"""Chinese by default, English when asked, and the choice is kept."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask, render_template_string
from flask_babel import force_locale, gettext

from matchmaker.web import i18n


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    i18n.register(app)
    app.add_url_rule("/", view_func=lambda: render_template_string("{{ _('退出登录') }}"))
    return app


def test_a_page_speaks_chinese_unless_asked_otherwise(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/", headers={"Accept-Language": "en"}).text == "退出登录"
    assert client.get("/?lang=fr").text == "退出登录"


def test_a_chosen_language_is_kept(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/?lang=en").text == "Sign out"
    assert client.get("/").text == "Sign out"
    assert client.get("/?lang=zh").text == "退出登录"
    assert client.get("/").text == "退出登录"


def test_the_installation_may_speak_english_first() -> None:
    app = Flask(__name__)
    i18n.register(app, default="en")
    app.add_url_rule("/", view_func=lambda: gettext("退出登录"))

    assert app.test_client().get("/").text == "Sign out"


def test_words_without_a_translation_stay_chinese(app: Flask) -> None:
    app.add_url_rule("/other", "other", view_func=lambda: gettext("没有译文的一句话"))

    assert app.test_client().get("/other?lang=en").text == "没有译文的一句话"


def test_notices_outside_a_request_speak_chinese_or_what_is_forced(app: Flask) -> None:
    with app.app_context():
        plain = gettext("退出登录")
        with force_locale("en"):
            forced = gettext("退出登录")

    assert (plain, forced) == ("退出登录", "Sign out")


def test_english_words_have_the_places_of_the_chinese_ones() -> None:
    file = Path(__file__).resolve().parents[2] / "config" / "locale" / "en.po"
    place = re.compile(r"%\(\w+\)s|\{\w+\}|%%|%")
    with file.open("rb") as source:
        entries = [(str(entry.id), str(entry.string)) for entry in read_po(source, locale="en") if entry.id]

    wrong = {
        words: english
        for words, english in entries
        if sorted(place.findall(words)) != sorted(place.findall(english)) or not english
    }
    assert wrong == {}
    assert len(entries) > 300
