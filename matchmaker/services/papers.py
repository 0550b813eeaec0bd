"""The papers of an event: which there are, and each as a page, a Word file or a workbook."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from sqlalchemy.orm import Session

from matchmaker.domain.papers import Paper, Sheet
from matchmaker.domain.permissions import Actor
from matchmaker.errors import NotFound
from matchmaker.files.exports import ColumnSpec, SheetSpec, workbook
from matchmaker.files.papers_docx import write_docx
from matchmaker.services import papers_lists, papers_texts
from matchmaker.services.desk_badges import badge_address
from matchmaker.services.pairing_export import internal_lines
from matchmaker.services.papers_read import Dossier, dossier, list_row
from matchmaker.settings import Settings

PAPERS: Mapping[str, Callable[[Dossier], Paper]] = {
    "plan": papers_texts.plan,
    "agenda": papers_texts.agenda,
    "invitations": papers_texts.invitations,
    "handout": papers_lists.handout,
    "schedules": papers_lists.schedules,
    "sign-in": papers_lists.sign_in_sheet,
    "badges": papers_lists.badges,
    "name-cards": papers_lists.name_cards,
    "table-cards": papers_lists.table_cards,
}
INTERNAL = "internal"
# with these a bundle for the day is printed at once; the plan and the letters are needed weeks before
FOR_THE_DAY = ("agenda", "handout", "schedules", "sign-in", "badges", "name-cards", "table-cards")
# of these nothing can be said before a list was drawn
FROM_THE_LIST = frozenset({"handout", "schedules"})
TABULAR = frozenset({"agenda", "schedules", "sign-in", "badges"})


def make_paper(session: Session, actor: Actor, settings: Settings, *, event_id: int, kind: str) -> Paper:
    """Return one paper of an event. Raises NotFound for another kind, or while there is no list."""
    return _made(dossier(session, actor, settings, event_id=event_id), settings, kind)


def day_papers(session: Session, actor: Actor, settings: Settings, *, event_id: int) -> list[Paper]:
    """Return everything that is printed for the day; without a list, what does without one."""
    found = dossier(session, actor, settings, event_id=event_id)
    kinds = [kind for kind in FOR_THE_DAY if found.row or kind not in FROM_THE_LIST]
    return [paper for paper in (_made(found, settings, kind) for kind in kinds) if paper.pages]


def internal_paper(
    session: Session, actor: Actor, settings: Settings, *, event_id: int, purpose: str
) -> Paper:
    """Return the pairing list with full contacts, logged and marked; needs a writing session.

    Raises InvalidInput without a purpose.
    """
    found = dossier(session, actor, settings, event_id=event_id)
    logged = internal_lines(session, actor, list_id=list_row(found).id, purpose=purpose)
    return _told(found, papers_lists.internal(found, mark=logged.mark))


def _made(found: Dossier, settings: Settings, kind: str) -> Paper:
    if kind not in PAPERS:
        raise NotFound()
    if kind in FROM_THE_LIST:
        list_row(found)
    if kind == "badges":
        found = replace(found, codes=_codes(found, settings))
    return _told(found, PAPERS[kind](found))


def _codes(found: Dossier, settings: Settings) -> dict[int, str]:
    """Return for each guest the address that the desk's telephone reads off the badge."""
    return {guest.id: badge_address(settings, guest.id) for guest in found.coming}


def _told(found: Dossier, paper: Paper) -> Paper:
    """Return a paper with the facts that a template of the bureau's own may name."""
    facts = (
        ("材料名称", paper.title),
        ("活动名称", found.event.title),
        ("时间", found.when),
        ("日期", found.day),
        ("地点", found.place),
        ("主办单位", found.bureau),
        ("系列活动", found.campaign.name),
    )
    return Paper(
        title=paper.title,
        pages=paper.pages,
        shape=paper.shape,
        formal=paper.formal,
        sheet=paper.sheet,
        facts=facts,
    )


def as_docx(paper: Paper, settings: Settings, *, kind: str) -> bytes:
    """Return a paper as a Word file, on the bureau's own template if it has put one there.

    `templates/<kind>.docx` under the data folder counts before `templates/default.docx`.
    """
    own = own_template(settings, kind)
    return write_docx(paper, template=own.read_bytes() if own else None, called=own.name if own else "")


def own_template(settings: Settings, kind: str) -> Path | None:
    """Return the bureau's own template for a kind of paper, or None."""
    place = settings.data.folder.expanduser() / "templates"
    found = (place / f"{name}.docx" for name in (kind, "default"))
    return next((path for path in found if path.is_file()), None)


def as_workbook(paper: Paper) -> bytes:
    """Return the table of a paper as a workbook. Raises NotFound for a paper that is no table."""
    if paper.sheet is None:
        raise NotFound()
    return workbook([_sheet_spec(paper.sheet)])


def _sheet_spec(sheet: Sheet) -> SheetSpec:
    columns = [
        ColumnSpec(key=str(place), header=title, width=sheet.widths[place] if sheet.widths else 16)
        for place, title in enumerate(sheet.head)
    ]
    rows = [{str(place): value for place, value in enumerate(row)} for row in sheet.rows]
    return SheetSpec(name=sheet.name, columns=columns, rows=rows, printed=True)
