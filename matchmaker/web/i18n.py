"""Two languages: Chinese, in which the program is written, and English from config/locale/en.po.

The catalogue is read from its text form at first use; there is no compiled file to forget.
"""

import io
import re
from functools import lru_cache
from typing import cast

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, current_app, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from matchmaker.resources import folder

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
LANGUAGE_COOKIE = "lang"
_PLACE = re.compile(r"%\((\w+)\)s")
_ENDS_OF_SEVERAL = re.compile(r"(?<=。)；")
_YEAR_SECONDS = 365 * 24 * 3600


class TextCatalogues(Domain):  # type: ignore[misc]  # flask-babel has no types
    """A flask-babel domain whose catalogues are text files, one per language that is not Chinese."""

    def get_translations(self) -> NullTranslations:
        return catalogue(chosen_language())


class TwoLanguages(Babel):  # type: ignore[misc]  # flask-babel has no types
    """flask-babel, looking words up in the text catalogues."""

    domain_instance = TextCatalogues()


def register(app: Flask, *, default: str = "zh") -> None:
    """Give the application its languages. `?lang=en` chooses one, and a cookie keeps it."""
    app.config["LANGUAGE_DEFAULT"] = _language(default) or "zh"
    TwoLanguages(
        app, default_locale=LANGUAGES["zh"], default_timezone="Asia/Shanghai", locale_selector=_locale
    )
    app.jinja_env.globals["_"] = _said
    app.jinja_env.filters["told"] = told
    app.after_request(_keep_choice)


def chosen_language() -> str:
    """Return "en" or "zh": what this request, or the code in `force_locale`, speaks."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


@pass_eval_context
def _said(context: EvalContext, words: str, /, **values: object) -> str:
    """Say words in a template, which the largest pages do some hundred times."""
    pattern = _pattern(chosen_language(), str(words), safe=bool(context.autoescape))
    return pattern % values


@lru_cache(maxsize=4000)
def _pattern(language: str, words: str, *, safe: bool) -> str:
    found = catalogue(language).ugettext(words)
    return Markup(found) if safe else found  # noqa: S704 -- our own words; what is put into them is escaped


def told(words: str) -> str:
    """Say in the reader's language a whole sentence that was worded in Chinese, with its values in place.

    What refuses a request words it where the values are at hand. Here the sentence is found again among the
    patterns of the catalogue; one that none of them fits stays as it is.
    """
    return words if chosen_language() == "zh" else _retold(chosen_language(), words)


@lru_cache(maxsize=1000)
def _retold(language: str, words: str) -> str:
    same = catalogue(language).ugettext(words)
    if same != words:
        return str(same)
    whole = _ENDS_OF_SEVERAL.split(words)
    if len(whole) > 1:  # before the patterns, whose values may stretch over all of them
        return "; ".join(_retold(language, one) for one in whole)
    for pattern, translation in _sentences(language):
        if found := pattern.fullmatch(words):
            return translation % {name: _named(language, value) for name, value in found.groupdict().items()}
    parts = words.split("；")
    return "; ".join(_retold(language, part) for part in parts) if len(parts) > 1 else words


def _named(language: str, value: str) -> str:
    """Translate a value that is a word of our lists, such as a state; others were written by people."""
    return str(catalogue(language).ugettext(value)) if value else value


@lru_cache
def _sentences(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the sentences with values, those that say most first, each with its translation."""
    file = folder("config") / "locale" / f"{language}.po"
    if not file.is_file():
        return ()
    with file.open("rb") as source:
        found = [(str(entry.id), str(entry.string)) for entry in read_po(source) if entry.python_format]
    whole = [(words, said) for words, said in found if words.endswith("。") and said]
    whole.sort(key=lambda pair: (-len(_PLACE.sub("", pair[0])), pair[0]))
    return tuple((_as_pattern(words), said) for words, said in whole)


def _as_pattern(words: str) -> re.Pattern[str]:
    parts = _PLACE.split(words.replace("%%", "%"))
    seen: set[str] = set()
    built = re.escape(parts[0])
    for name, rest in zip(parts[1::2], parts[2::2], strict=True):
        built += (f"(?P={name})" if name in seen else f"(?P<{name}>.+?)") + re.escape(rest)
        seen.add(name)
    return re.compile(built, re.DOTALL)


@lru_cache
def catalogue(language: str) -> NullTranslations:
    """Return the words of a language; a language without a file speaks Chinese."""
    file = folder("config") / "locale" / f"{language}.po"
    if not file.is_file():
        return NullTranslations()
    with file.open("rb") as source:
        words = read_po(source, locale=LANGUAGES[language])
    compiled = io.BytesIO()
    write_mo(compiled, words)
    compiled.seek(0)
    return cast(NullTranslations, Translations(compiled))


def _language(text: str | None) -> str | None:
    """Return the language a tag like zh_CN or en-GB means, None for one we do not speak."""
    language = (text or "").replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else None


def _locale() -> str:
    if not has_request_context():
        return LANGUAGES["zh"]
    asked = _language(request.args.get("lang")) or _language(request.cookies.get(LANGUAGE_COOKIE))
    return LANGUAGES[asked or current_app.config["LANGUAGE_DEFAULT"]]


def _keep_choice(response: Response) -> Response:
    asked = _language(request.args.get("lang"))
    if asked:
        response.set_cookie(
            LANGUAGE_COOKIE,
            asked,
            max_age=_YEAR_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    return response
