"""The papers of an event: the page of materials, previews that print, Word files and workbooks."""

from dataclasses import dataclass
from urllib.parse import quote

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.papers import Paper
from matchmaker.services import papers as service
from matchmaker.store.queries.pairings import Version, published_list, versions_of
from matchmaker.web.access import Audience, allow
from matchmaker.web.events import blueprint, line_of, tabs_of
from matchmaker.web.frame import actor_here, session_here, settings_here

_MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_KINDS = f"any({', '.join(repr(kind) for kind in service.PAPERS)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One paper on the page of materials; `files` are (what it is called, address)."""

    title: str
    text: str
    icon: str
    preview: str
    files: list[tuple[str, str]]


@blueprint.get("/events/<int:event_id>/materials")
@allow(Audience.ORGANISER)
def materials(event_id: int) -> ResponseReturnValue:
    """Show the papers of an event."""
    line = line_of(event_id)
    chosen = _chosen(event_id)
    return render_template(
        "events/materials.html",
        line=line,
        event=line.event,
        tabs=tabs_of(line, "materials"),
        chosen=chosen,
        before=[_card(event_id, kind, chosen) for kind in ("plan", "agenda", "invitations")],
        listed=[_card(event_id, kind, chosen) for kind in ("handout", "schedules")] if chosen else [],
        for_the_day=[
            _card(event_id, kind, chosen) for kind in ("sign-in", "badges", "name-cards", "table-cards")
        ],
        own_template=_own_template(),
    )


def _chosen(event_id: int) -> Version | None:
    versions = versions_of(session_here(), event_id)
    standing = published_list(session_here(), event_id)
    if standing is None:
        return versions[0] if versions else None
    return next(version for version in versions if version.list_id == standing.id)


def _own_template() -> bool:
    return any(service.own_template(settings_here(), kind) for kind in service.PAPERS)


def _card(event_id: int, kind: str, chosen: Version | None) -> Card:
    title, text, icon = _words()[kind]
    files = [("Word", url_for("events.paper_file", event_id=event_id, paper=kind, form="docx"))]
    if kind in service.TABULAR:
        files.append(("Excel", url_for("events.paper_file", event_id=event_id, paper=kind, form="xlsx")))
    if kind == "handout" and chosen is not None:
        sheet = url_for("events.export_handout", event_id=event_id, list_id=chosen.list_id)
        files.append(("Excel", sheet))
    return Card(
        title=title,
        text=text,
        icon=icon,
        preview=url_for("events.paper", event_id=event_id, paper=kind),
        files=files,
    )


def _words() -> dict[str, tuple[str, str, str]]:
    return {
        "plan": (_("活动方案"), _("目的、时间地点、对象、议程、分工，附需求和成果清单"), "file-text"),
        "agenda": (_("议程"), _("从签到到企业走访，按活动时间推算"), "calendar"),
        "invitations": (_("邀请函"), _("每位受邀人一页，附参会回执"), "mail"),
        "handout": (_("对接清单（发放版）"), _("企业名称按公开范围，联系方式已遮盖"), "file-spreadsheet"),
        "schedules": (_("个人日程"), _("每家企业、每位专家一页"), "clock"),
        "sign-in": (_("签到表"), _("手机号已遮盖，留有空行"), "check"),
        "badges": (_("胸牌"), _("每页十张，剪开即用"), "users"),
        "name-cards": (_("席卡"), _("每人一张，对折立在桌上"), "users"),
        "table-cards": (_("桌牌"), _("用到的桌各一张，写明各时段谁来谈"), "table"),
    }


@blueprint.get(f"/events/<int:event_id>/papers/<{_KINDS}:paper>")
@allow(Audience.ORGANISER)
def paper(event_id: int, paper: str) -> ResponseReturnValue:
    """Show one paper as pages that print."""
    made = service.make_paper(session_here(), actor_here(), settings_here(), event_id=event_id, kind=paper)
    return _pages([made], made.title)


@blueprint.get("/events/<int:event_id>/papers/all")
@allow(Audience.ORGANISER)
def all_papers(event_id: int) -> ResponseReturnValue:
    """Show everything for the day behind each other, to be printed at once."""
    made = service.day_papers(session_here(), actor_here(), settings_here(), event_id=event_id)
    return _pages(made, _("活动当天全部材料"))


@blueprint.get(f"/events/<int:event_id>/papers/<{_KINDS}:paper>.<any('docx', 'xlsx'):form>")
@allow(Audience.ORGANISER)
def paper_file(event_id: int, paper: str, form: str) -> ResponseReturnValue:
    """Hand one paper out as a Word file or a workbook."""
    settings = settings_here()
    made = service.make_paper(session_here(), actor_here(), settings, event_id=event_id, kind=paper)
    content = service.as_docx(made, settings, kind=paper) if form == "docx" else service.as_workbook(made)
    return _download(content, _named(event_id, made), form)


@blueprint.post("/events/<int:event_id>/papers/internal")
@allow(Audience.ORGANISER)
def internal_paper(event_id: int) -> ResponseReturnValue:
    """Hand out the pairing list with full contacts, for a purpose that is logged."""
    settings = settings_here()
    made = service.internal_paper(
        session_here(),
        actor_here(),
        settings,
        event_id=event_id,
        purpose=request.form.get("purpose", "") or request.form.get("note", ""),
    )
    if request.form.get("form") == "docx":
        content = service.as_docx(made, settings, kind=service.INTERNAL)
        return _download(content, _named(event_id, made), "docx")
    return _pages([made], made.title)


def _pages(papers: list[Paper], title: str) -> str:
    return render_template("papers/sheets.html", papers=papers, title=title)


def _named(event_id: int, made: Paper) -> str:
    event = line_of(event_id).event
    return f"{made.title}-{event.title}-{event.held_on:%Y%m%d}"


def _download(content: bytes, name: str, form: str) -> Response:
    answer = Response(content, mimetype=_MEDIA[form])
    full = quote(f"{name}.{form}")
    answer.headers["Content-Disposition"] = f"attachment; filename=\"paper.{form}\"; filename*=UTF-8''{full}"
    return answer
