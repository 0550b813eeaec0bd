"""需求清单: what editions there are, one edition, its workbook, and the public page of the newest ones."""

from io import BytesIO

from flask import flash, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from matchmaker.files.exports import CellKind, ColumnSpec, SheetSpec, workbook
from matchmaker.services import need_lists as service
from matchmaker.services.need_lists import EditionPage
from matchmaker.store.tables import NeedListEdition
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.need_view import back
from matchmaker.web.needs import blueprint

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_EDITIONS = 200


@blueprint.get("/needs/list")
@allow(Audience.ANYONE)
def newest_editions() -> ResponseReturnValue:
    """Show everybody the newest edition of each list."""
    editions = service.latest_editions(session_here()).values()
    return render_template("needs/newest_editions.html", editions=list(editions))


@blueprint.get("/needs/editions")
@allow(Audience.ORGANISER)
def editions() -> ResponseReturnValue:
    """Show what may be issued now, with what would change, and every edition there was."""
    session = session_here()
    every = session.scalars(
        select(NeedListEdition).order_by(NeedListEdition.id.desc()).limit(_MOST_EDITIONS)
    ).all()
    return render_template("needs/editions.html", states=service.scope_states(session), editions=every)


@blueprint.post("/needs/editions")
@allow(Audience.ORGANISER)
def issue_edition() -> ResponseReturnValue:
    """Freeze the next edition of a list."""
    edition = service.issue_edition(session_here(), actor_here(), scope_key=request.form.get("scope", ""))
    flash(_("已出第 %(n)s 期，公众可以看到", n=edition.number), "success")
    return back(url_for("needs.edition", edition_id=edition.id))


@blueprint.get("/needs/editions/<int:edition_id>")
@allow(Audience.ANYONE)
def edition(edition_id: int) -> ResponseReturnValue:
    """Show one edition; an older one only to the organiser."""
    page = service.edition_page(session_here(), actor_here(), edition_id)
    return render_template("needs/edition.html", page=page, edition=page.edition)


@blueprint.get("/needs/editions/<int:edition_id>/export")
@allow(Audience.ANYONE)
def export_edition(edition_id: int) -> ResponseReturnValue:
    """Send one edition as a workbook: the list, and what differs from the edition before."""
    page = service.edition_page(session_here(), actor_here(), edition_id)
    name = f"{page.edition.scope_name}技术需求清单-第{page.edition.number}期.xlsx"
    content = BytesIO(workbook([_list_sheet(page), _difference_sheet(page)]))
    return send_file(content, mimetype=_XLSX, as_attachment=True, download_name=name)


def _list_sheet(page: EditionPage) -> SheetSpec:
    columns = (
        ColumnSpec(key="place", header="序号", width=6, kind=CellKind.INTEGER),
        ColumnSpec(key="code", header="需求编号", width=18),
        ColumnSpec(key="title", header="技术需求名称", width=36),
        ColumnSpec(key="text", header="需求内容", width=70),
        ColumnSpec(key="firm", header="企业", width=26),
        ColumnSpec(key="town", header="乡镇（街道）", width=14),
        ColumnSpec(key="fields", header="技术领域", width=22),
        ColumnSpec(key="budget", header="拟投入", width=16),
        ColumnSpec(key="period", header="时限", width=16),
    )
    edition = page.edition
    notes = [f"第 {edition.number} 期，{edition.issued_on:%Y-%m-%d} 出刊，共 {len(edition.entries)} 条。"]
    if page.hidden:
        notes.append(f"出刊以后有 {page.hidden} 条不再公开，本文件没有列出。")
    return SheetSpec(
        name="需求清单",
        title=f"{edition.scope_name}技术需求清单（第 {edition.number} 期）",
        columns=columns,
        rows=[{"place": place, **entry} for place, entry in enumerate(page.entries, 1)],
        notes=notes,
    )


def _difference_sheet(page: EditionPage) -> SheetSpec:
    differences = page.differences
    rows = [{"kind": "新增", **entry} for entry in differences["added"]]
    rows += [{"kind": "撤下", **entry, "what": entry["why"]} for entry in differences["withdrawn"]]
    rows += [
        {"kind": "修改", **entry, "what": _changed_words(entry["fields"])} for entry in differences["changed"]
    ]
    return SheetSpec(
        name="与上一期比较",
        columns=(
            ColumnSpec(key="kind", header="变化", width=8),
            ColumnSpec(key="title", header="技术需求名称", width=40),
            ColumnSpec(key="what", header="说明", width=60),
        ),
        rows=rows,
    )


NAMES = {
    "title": "名称",
    "text": "内容",
    "firm": "企业",
    "town": "乡镇",
    "fields": "领域",
    "budget": "拟投入",
    "period": "时限",
}


def _changed_words(fields: list[dict[str, str]]) -> str:
    return "、".join(NAMES[one["field"]] for one in fields)
