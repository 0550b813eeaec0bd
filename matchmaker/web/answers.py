"""Answers by link, without signing in. Opening changes nothing; only sending does, once."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from matchmaker.domain.problems import Problem
from matchmaker.errors import InvalidInput
from matchmaker.services.answers import answering_for, take_answer, told_again
from matchmaker.services.links import Link, open_link
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import session_here, settings_here

blueprint = Blueprint("answers", __name__)


@blueprint.get("/a/<token>")
@allow(Audience.ANYONE)
def show(token: str) -> ResponseReturnValue:
    """Show what is asked, or that it is answered already."""
    link = open_link(session_here(), settings_here(), token)
    if link.used:
        return _spent(link)
    return _page(link, note="", choice="", texts={}, problems=[])


@blueprint.post("/a/<token>")
@allow(Audience.ANYONE)
def reply(token: str) -> ResponseReturnValue:
    """Record the answer and spend the link."""
    session, settings, form = session_here(), settings_here(), request.form
    link = open_link(session, settings, token)
    if link.used:
        return _spent(link)
    choice, note = form.get("choice", ""), form.get("note", "")[:500]
    texts = {name: form[name].replace("\r\n", "\n") for name in form if name.startswith("answer_")}
    try:
        thanks = take_answer(session, settings, link, choice=choice, note=note, texts=texts)
    except InvalidInput as refused:
        session.rollback()
        return _page(link, note=note, choice=choice, texts=texts, problems=list(refused.problems)), 422
    return render_template("answers/done.html", thanks=thanks, page=None, bureau="")


def _spent(link: Link) -> str:
    """Say what was answered by a link that is spent, and whom to turn to."""
    site = settings_here().site
    page = told_again(session_here(), link)
    return render_template("answers/done.html", thanks="", page=page, bureau=site.bureau or site.name)


def _page(link: Link, *, note: str, choice: str, texts: dict[str, str], problems: list[Problem]) -> str:
    page = answering_for(link.purpose).describe(session_here(), link)
    return render_template(
        "answers/show.html", page=page, note=note, choice=choice, texts=texts, problems=problems
    )
