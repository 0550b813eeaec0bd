"""What every template may use: names of ids, ways of writing values, the menu."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app, flash, g, url_for
from flask_babel import gettext as _
from werkzeug.routing import BuildError

from matchmaker import __version__, clock, wording
from matchmaker.domain import showing
from matchmaker.domain.permissions import Actor
from matchmaker.domain.saying import filled
from matchmaker.domain.written_contacts import contacts_in, without_contacts
from matchmaker.web import amounts
from matchmaker.web.access import audiences_of, may_call
from matchmaker.web.frame import actor_here, settings_here
from matchmaker.web.i18n import chosen_language
from matchmaker.web.navigation import menu_for
from matchmaker.web.parts import Links, Viewer

_WEEKDAYS = "一二三四五六日"
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def register(app: Flask) -> None:
    """Hang filters and the shared names on the application's templates."""
    app.jinja_env.filters.update(
        day=day,
        moment=moment,
        amount=amounts.amount,
        money=amounts.money,
        percent=showing.percent,
        tr=_,
        word=word,
        after_name=after_name,
        listed=listed,
        colon=colon,
        field_name_of=field_name,
        in_words=in_words,
        worded=worded,
        label_of=lambda value, name: label(name, value),
        mask_name=showing.masked_name,
        mask_phone=showing.masked_phone,
        mask_email=showing.masked_email,
        without_contacts=without_contacts,
    )
    app.jinja_env.globals.update(
        label=label,
        choices=choices,
        field_name=field_name,
        money_range=amounts.money_range,
        link=link,
        opens=opens,
    )
    app.context_processor(_shared)


def _shared() -> dict[str, Any]:
    settings = settings_here()
    actor = actor_here()
    return {
        "actor": actor,
        "campaign_name": settings.site.name,
        "demo": settings.demo,
        "lang": chosen_language(),
        "links": _links(),
        "nav": menu_for(actor),
        "site": settings.site,
        "stamp": _stamp(),
        "version": __version__,
        "viewer": _viewer(actor),
    }


@lru_cache(maxsize=1)
def _stamp() -> str:
    """Return what changes with the styles and scripts, so that no browser keeps old ones after an upgrade."""
    found = sha256()
    for path in sorted(Path(__file__).with_name("static").glob("[cj]s*/*")):
        found.update(path.read_bytes())
    return found.hexdigest()[:10]


def _links() -> Links:
    return Links(
        home=url_for("public.home"),
        privacy=link("public.privacy"),
        sign_in=link("accounts.sign_in"),
        sign_out=link("accounts.sign_out"),
        account=link("accounts.mine"),
        inbox=link("notices.inbox"),
        bell=link("notices.unread"),
        help=link("public.help"),
    )


def _viewer(actor: Actor) -> Viewer | None:
    if actor.user_id is None:
        return None
    role = listed(label("role", role) for role in sorted(actor.roles))
    return Viewer(name=actor.name, role=role, key=str(actor.user_id), unread=getattr(g, "unread", 0))


def label(name: str, value: object) -> str:
    """Return the name of an enum id in the reader's language."""
    return _(wording.label(name, None if value is None else str(value))) if value not in (None, "") else ""


def word(value: str | None) -> str:
    """Say a word of a fixed vocabulary that stands in the data as it was written: 教授, 模具; others stay."""
    return str(_(value)) if value else ""


def after_name(title: str) -> str:
    """Return a person's rank as it follows the name: 沈知行教授, in English 沈知行, professor."""
    said = word(title)
    return f", {said[0].lower()}{said[1:]}" if said != title else said


def masked_owner(kind: object) -> str:
    """Describe whose an achievement is without a name: 某高校."""
    return str(_("某%(kind)s", kind=label("organisation_kind", kind) or _("单位")))


def choices(name: str) -> list[tuple[str, str]]:
    """Return (id, name) of an enum list in the reader's language, for select fields."""
    return [(value, _(zh)) for value, zh in wording.choices(name)]


def field_name(code: str) -> str:
    """Return the name of a high-tech field code in the reader's language; an unknown code as it is."""
    return str(_(wording.field_names().get(code, code)))


def first_fields() -> list[tuple[str, str]]:
    """Return (code, name) of the fields of the first level, in the reader's language."""
    return [(code, str(_(name))) for code, name, parent in wording.fields() if not parent]


def in_words(one: Any) -> str:
    """Say in the reader's language what was made of `pattern` and `given`; without them, its `text`.

    Takes a mapping as it is stored, or a value with these attributes.
    """
    pattern = _kept(one, "pattern")
    if not pattern:
        text = _kept(one, "text")
        return str(_(text)) if text else ""
    given = _kept(one, "given") or {}
    return filled(pattern, given, translated=_translated, joined=listed, bracketed=_bracketed)


def worded(reasons: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the reasons of a proposal as a page shows them, in the reader's language; quotes stay."""
    return [
        {
            **reason,
            "text": in_words(reason),
            "quotes": [(_translated(whose), words) for whose, words in reason["quotes"]],
        }
        for reason in reasons
    ]


def _kept(one: Any, name: str) -> Any:
    return one.get(name) if isinstance(one, Mapping) else getattr(one, name, None)


def _translated(words: str) -> str:
    return str(_(words))


def _bracketed(words: str, remark: str) -> str:
    return f"{words} ({remark})" if chosen_language() == "en" else f"{words}（{remark}）"


def listed(parts: Iterable[object], between: str = "、") -> str:
    """Join words as the reader's language does: 、 (or another mark) in Chinese, a comma in English."""
    return (", " if chosen_language() == "en" else between).join(str(part) for part in parts)


def colon(words: object) -> str:
    """Put a colon before what explains: "：原因", in English ": reason"; nothing before nothing."""
    if not words:
        return ""
    return f"{': ' if chosen_language() == 'en' else '：'}{words}"


def day(value: date | datetime | None) -> str:
    """Write a day: 2026-11-23（周一）, in English 2026-11-23 (Mon)."""
    if value is None:
        return "—"
    local = clock.local(value).date() if isinstance(value, datetime) else value
    if chosen_language() == "en":
        return f"{local:%Y-%m-%d} ({_DAYS_EN[local.weekday()]})"
    return f"{local:%Y-%m-%d}（周{_WEEKDAYS[local.weekday()]}）"


def moment(value: datetime | None) -> str:
    """Write a moment on the local wall clock: 2026-11-23 14:05."""
    return "—" if value is None else f"{clock.local(value):%Y-%m-%d %H:%M}"


def remark_on_contacts(*texts: str) -> None:
    """Say that contacts written in texts stay hidden until both sides accept."""
    held = "、".join(dict.fromkeys(one for text in texts for one in contacts_in(text)))
    if held:
        words = _("文字里写了联系方式（%(held)s）：双方都同意之前，别人看到的是“联系方式已隐去”。", held=held)
        flash(words, "warning")


def offer_undo(words: str, url: str) -> None:
    """Say what was done, with a button to take it back (the layout draws it from a mapping)."""
    flash(cast(str, {"text": words, "url": url}), "undo")


def link(endpoint: str, **values: Any) -> str:
    """Return the address of a page, or "" when this installation has no such page."""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return ""


def opens(endpoint: str) -> bool:
    """Say whether a button leads somewhere: visitors are asked to sign in, others must be allowed."""
    actor = actor_here()
    return actor.user_id is None or may_call(actor, audiences_of(current_app, endpoint))
