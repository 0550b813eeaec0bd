"""Uploaded lists: many files in, what was recognised, rows by verdict, import, undo."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from matchmaker.domain.achievements import owner_kind
from matchmaker.domain.imports import Decision
from matchmaker.domain.problems import Problem
from matchmaker.domain.saying import later
from matchmaker.domain.states import UPLOADS_AT_WORK, UploadState, Verdict
from matchmaker.errors import InvalidInput, NotFound, WrongState
from matchmaker.files.headers import RecordKind
from matchmaker.files.refusals import FileRefused
from matchmaker.services import list_export, list_jobs
from matchmaker.services import uploads as service
from matchmaker.services.organisations import find_or_create_organisation
from matchmaker.services.upload_import import confirm_upload
from matchmaker.services.upload_kinds import allowed_kinds
from matchmaker.services.upload_reading import Reading, parked_list, read_list
from matchmaker.services.upload_steps import is_stuck
from matchmaker.services.upload_undo import cancel_upload, undo_upload
from matchmaker.store.queries import uploads as queries
from matchmaker.store.queries.list_rows import rows_at, rows_of_upload
from matchmaker.store.tables import Upload
from matchmaker.web.access import Audience, allow
from matchmaker.web.exports import list_response
from matchmaker.web.frame import actor_here, database_here, reads, session_here
from matchmaker.web.parts import EXCEL, Column, ListState
from matchmaker.web.presentation import choices
from matchmaker.web.upload_view import (
    deed_words,
    editable_cells,
    kind_choices,
    kind_words,
    row_view,
    table_view,
)

blueprint = Blueprint("uploads", __name__)
_PEOPLE = (Audience.ENTERPRISE, Audience.UNIVERSITY, Audience.ORGANISER)
_PER_PAGE = 50
_FILES_AT_MOST = 20
_ACCEPT = ".xlsx,.xls,.xlsb,.ods,.csv,.tsv,.txt,.docx"


@blueprint.get("/uploads")
@allow(*_PEOPLE)
def index() -> ResponseReturnValue:
    """Show where to drop files, and the lists that came before."""
    return _index_page([], 200)


def _index_page(problems: list[Problem], status: int) -> ResponseReturnValue:
    page = render_template(
        "uploads/index.html",
        uploads=queries.uploads_for(session_here(), actor_here()),
        problems=problems,
        form=request.form,
        accept=_ACCEPT,
        kinds=kind_choices(allowed_kinds(actor_here())),
        kind_words=kind_words,
        columns=_index_columns(),
    )
    return page, status


def _index_columns() -> list[Column]:
    return [
        Column(key="file", title=_("文件")),
        Column(key="state", title=_("状态")),
        Column(key="kind", title=_("内容"), optional=True),
        Column(key="counts", title=_("各行结果")),
        Column(key="at", title=_("上传时间"), optional=True),
    ]


@blueprint.post("/uploads")
@allow(*_PEOPLE)
@reads
def create() -> ResponseReturnValue:
    """Read every file outside any transaction, then keep each with its verdicts."""
    files = [file for file in request.files.getlist("files") if file.filename]
    if not files:
        return _index_page([Problem(field="files", code="missing", message=_("请先选择要上传的文件。"))], 422)
    if len(files) > _FILES_AT_MOST:
        message = _("一次最多上传 %(n)s 个文件，请分批上传。", n=_FILES_AT_MOST)
        return _index_page([Problem(field="files", code="too_many", message=message)], 422)
    uploads = [_receive(file) for file in files]
    if len(uploads) == 1:
        return redirect(url_for("uploads.detail", upload_id=uploads[0].id), 303)
    refused = sum(upload.state is UploadState.REFUSED for upload in uploads)
    flash(
        _("收到 %(n)s 个文件，其中 %(r)s 个未能读取。请逐个核对后导入。", n=len(uploads), r=refused)
        if refused
        else _("收到 %(n)s 个文件，请核对后导入。", n=len(uploads)),
        "info",
    )
    return redirect(url_for("uploads.index"), 303)


def _receive(file: FileStorage) -> Upload:
    actor = actor_here()
    filename = (file.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    with file.stream:  # a large file lies in a temporary one, which goes when closed
        content = file.stream.read()
    answers = {"kind": request.form["kind"]} if request.form.get("kind") in list(RecordKind) else {}
    reading = _read(content, filename, answers)
    with database_here().writing() as session:
        return service.receive_upload(
            session,
            actor,
            filename=filename,
            content=content,
            reading=reading,
            organisation_id=_default_owner(session),
            consent_source=request.form.get("consent_source", ""),
            answers=answers,
        )


def _read(content: bytes, filename: str, answers: Mapping[str, Any]) -> Reading | None:
    """Read a list while its sender waits; None for a large one, which the background process reads."""
    if len(content) > service.SMALL_BYTES:
        return None
    remembered = service.memories(session_here(), actor_here())
    return read_list(content, filename, answers=answers, remembered=remembered)


def _default_owner(session: Session) -> int | None:
    """Return the organisation the bureau named for rows that name none, adding it when it is new."""
    name, actor = request.form.get("organisation", "").strip()[:200], actor_here()
    if not name or not actor.organises:
        return None
    row = find_or_create_organisation(session, actor, name=name, kind=owner_kind(name), source="import")
    return row.id


@blueprint.get("/uploads/export/<any(needs, achievements, people, contracts):kind>.<any(xlsx, csv):form>")
@allow(*_PEOPLE)
def export(kind: str, form: str) -> ResponseReturnValue:
    """Give the actor's own things of one kind as a list; the organiser all of them, without contacts."""
    return _list_file(kind, form, "")


@blueprint.post("/uploads/export/<any(needs, achievements, people):kind>.<any(xlsx, csv):form>")
@allow(Audience.ORGANISER)
@reads
def export_with_contacts(kind: str, form: str) -> ResponseReturnValue:
    """Give the organiser the list with contacts, for a purpose that is logged."""
    purpose = request.form.get("purpose", "").strip()[:200]
    try:
        list_export.check_purpose(purpose)
    except InvalidInput as refused:
        return _index_page(list(refused.problems), 422)
    return _list_file(kind, form, purpose)


def _list_file(kind: str, form: str, purpose: str) -> ResponseReturnValue:
    wanted = list_export.Format(form)
    if list_jobs.is_long(session_here(), actor_here(), kind):
        return _long_list(kind, wanted, purpose)
    made = list_export.LISTS[kind](session_here(), actor_here(), contacts=bool(purpose), form=wanted)
    if purpose:  # noted before the file leaves, and after it is made: that takes a while, and others write
        with database_here().writing() as session:
            list_export.log_list(session, actor_here(), made, purpose=purpose)
    return list_response(made.content, kind, wanted)


def _long_list(kind: str, form: list_export.Format, purpose: str) -> ResponseReturnValue:
    """Offer to make a long list in the background, or begin it where its contacts were asked for."""
    if not purpose:
        rows = list_export.listed_count(session_here(), actor_here(), kind)
        return render_template("exports/ask.html", kind=kind, form=form, rows=rows)
    with database_here().writing() as session:
        export = list_jobs.ask_for_list(session, actor_here(), kind=kind, form=form, purpose=purpose)
    return redirect(url_for("exports.detail", export_id=export.id), 303)


@blueprint.get("/uploads/<int:upload_id>")
@allow(*_PEOPLE)
def detail(upload_id: int) -> ResponseReturnValue:
    """Show what was recognised and what the import will do, or what it did."""
    return _detail_page(service.find_upload(session_here(), actor_here(), upload_id), [], 200)


def _detail_page(upload: Upload, problems: list[Problem], status: int) -> ResponseReturnValue:
    counts = upload.summary.get("counts", {})
    chosen = request.args.get("verdict", "")
    verdict = Verdict(chosen) if chosen in list(Verdict) else None
    total = counts.get(chosen, 0) if verdict else sum(counts.values())
    state = ListState.read(request.path, request.args.items(multi=True), total=total, per_page=_PER_PAGE)
    rows = rows_of_upload(
        session_here(), upload.id, verdict=verdict, most=_PER_PAGE, offset=(state.page - 1) * _PER_PAGE
    )
    has_file = queries.has_file(session_here(), upload.id)
    page = render_template(
        "uploads/detail.html",
        has_file=has_file,
        upload=upload,
        stuck=is_stuck(upload),
        question=upload.question,
        tables=[table_view(table) for table in upload.summary.get("tables", [])],
        rows=[row_view(upload, row, has_file=has_file) for row in rows],
        state=state,
        counts=[(key, words, counts.get(key, 0)) for key, words in choices("verdict")],
        columns=[Column(key=key, title=_(title)) for key, title in _ROW_COLUMNS],
        earlier=queries.earlier_import(session_here(), actor_here(), upload),
        may_decide=service.may_decide(upload, actor_here()),
        kinds=kind_choices(allowed_kinds(actor_here())),
        kind_words=kind_words,
        deed_words=deed_words,
        problems=problems,
        good=service.rows_to_import(session_here(), upload),
    )
    return page, status


_ROW_COLUMNS = (
    ("row", later("名称与出处")),
    ("verdict", later("结果")),
    ("what", later("说明")),
    ("acts", later("处理")),
)


@blueprint.post("/uploads/<int:upload_id>/answer")
@allow(*_PEOPLE)
@reads
def answer(upload_id: int) -> ResponseReturnValue:
    """Take the answer to the open question and read the file again."""
    service.find_upload(session_here(), actor_here(), upload_id)  # others' uploads are not there
    code, value = request.form.get("code", ""), request.form.get("value", "")
    if code not in ("encoding", "delimiter", "kind", "hidden") or not value:
        flash(_("请先选择一项。"), "warning")
        return redirect(url_for("uploads.detail", upload_id=upload_id), 303)
    return _read_again(upload_id, {code: value})


@blueprint.post("/uploads/<int:upload_id>/columns")
@allow(*_PEOPLE)
@reads
def columns(upload_id: int) -> ResponseReturnValue:
    """Take what the columns of one table are, and read the file again."""
    upload = service.find_upload(session_here(), actor_here(), upload_id)
    number = request.form.get("table", "")
    tables = upload.summary.get("tables", [])
    if not number.isdecimal() or int(number) >= len(tables):
        raise NotFound()
    table = tables[int(number)]
    answers = _column_answers(upload, table)
    return _read_again(upload_id, answers)


def _column_answers(upload: Upload, table: Mapping[str, Any]) -> dict[str, Any]:
    kind = request.form.get("kind", "")
    kind = kind if kind in list(RecordKind) else table["kind"]
    record_type = request.form.get("record_type", "")
    answers: dict[str, Any] = {
        "record_types": {**upload.answers.get("record_types", {}), table["fingerprint"]: record_type}
    }
    if kind != table["kind"]:  # other fields then: let the columns be guessed again
        mappings = {
            key: entry
            for key, entry in upload.answers.get("mappings", {}).items()
            if key != table["fingerprint"]
        }
        kinds = {**upload.answers.get("kinds", {}), table["fingerprint"]: kind}
        return {**answers, "kinds": kinds, "mappings": mappings}
    fields = [
        [name for name in request.form.get(f"column-{column['index']}", "").split("+") if name]
        for column in table["columns"]
    ]
    mapping = {"kind": kind, "fingerprint": table["fingerprint"], "fields": fields}
    return {
        **answers,
        "mappings": {**upload.answers.get("mappings", {}), table["fingerprint"]: mapping},
    }


@blueprint.post("/uploads/<int:upload_id>/rows")
@allow(*_PEOPLE)
@reads
def correct(upload_id: int) -> ResponseReturnValue:
    """Take the corrected cells of all rows on the page, and read the file again with them."""
    upload = service.find_upload(session_here(), actor_here(), upload_id)
    fresh = list(_corrected_cells(upload))
    places = {(cell["sheet"], cell["row"], cell["column"]) for cell in fresh}
    kept = [
        cell
        for cell in upload.answers.get("cells", [])
        if (cell["sheet"], cell["row"], cell["column"]) not in places
    ]
    return _read_again(upload_id, {"cells": [*kept, *fresh]}, verdict=request.form.get("verdict", ""))


def _corrected_cells(upload: Upload) -> Iterator[dict[str, Any]]:
    """Yield the cells that say something else than the page showed: one button sends those of every row."""
    typed: dict[int, dict[str, str]] = {}
    for name, value in request.form.items():
        position = name.removeprefix("cell-").partition("-")[0]
        if name.startswith("cell-") and position.isdecimal() and len(position) < 10:
            typed.setdefault(int(position), {})[name] = value.strip()
    for row in rows_at(session_here(), upload.id, typed):
        for cell in editable_cells(upload, row):
            value = typed[row.position].get(cell.name, cell.value)
            if value != cell.value.strip():
                yield {"sheet": row.sheet, "row": row.row_number, "column": cell.column, "value": value}


def _read_again(upload_id: int, answers: Mapping[str, Any], *, verdict: str = "") -> ResponseReturnValue:
    actor = actor_here()
    upload = service.find_upload(session_here(), actor, upload_id)
    version = request.form.get("version", str(upload.version))
    content = queries.file_of(session_here(), upload.id) or b""
    reading = _read(content, upload.filename, {**upload.answers, **answers})
    with database_here().writing() as session:
        service.answer_upload(
            session,
            actor,
            upload_id=upload_id,
            reading=reading,
            answers=answers,
            version=int(version) if version.isdecimal() else -1,
        )
    flash(_("已按您的选择重新读取"), "success")
    return redirect(url_for("uploads.detail", upload_id=upload_id, verdict=verdict or None), 303)


@blueprint.post("/uploads/<int:upload_id>/decide")
@allow(*_PEOPLE)
def decide(upload_id: int) -> ResponseReturnValue:
    """Keep what is wanted for the ticked rows: as new, as an update, or not at all."""
    wanted = request.form.get("decision", "")
    positions = [int(value) for value in request.form.getlist("ids") if value.isdecimal()]
    count = service.decide_rows(
        session_here(),
        actor_here(),
        upload_id=upload_id,
        positions=positions,
        decision=Decision(wanted) if wanted in list(Decision) else None,
    )
    flash(_("已记下对 %(n)s 行的处理，导入时生效", n=count), "success")
    back = request.form.get("verdict", "")
    return redirect(url_for("uploads.detail", upload_id=upload_id, verdict=back or None), 303)


@blueprint.post("/uploads/<int:upload_id>/confirm")
@allow(*_PEOPLE)
def confirm(upload_id: int) -> ResponseReturnValue:
    """Import the good rows; when the library has changed since the preview, show it again first."""
    try:
        done = confirm_upload(
            session_here(),
            actor_here(),
            upload_id=upload_id,
            consent_source=request.form.get("consent_source", ""),
        )
    except InvalidInput as refused:
        session_here().rollback()
        upload = service.find_upload(session_here(), actor_here(), upload_id)
        return _detail_page(upload, list(refused.problems), 422)
    if done.outdated:
        flash(_("预览之后库里的数据有变化，结果已更新。请核对后再点一次导入。"), "warning")
    elif done.again:
        flash(_("这份清单已经导入过，没有重复导入。"), "info")
    elif not done.begun:
        flash(_("导入完成"), "success")
    return redirect(url_for("uploads.detail", upload_id=upload_id), 303)


@blueprint.get("/uploads/<int:upload_id>/progress")
@allow(*_PEOPLE)
def progress(upload_id: int) -> ResponseReturnValue:
    """Say how far the background process is; when it has ended, have the page shown anew."""
    upload = service.find_upload(session_here(), actor_here(), upload_id)
    if upload.state in UPLOADS_AT_WORK:
        return render_template("uploads/_progress.html", upload=upload, stuck=is_stuck(upload))
    return Response(headers={"HX-Refresh": "true"})


@blueprint.post("/uploads/<int:upload_id>/cancel")
@allow(*_PEOPLE)
def cancel(upload_id: int) -> ResponseReturnValue:
    """Stop the reading or the import; nothing of it stays in the library."""
    upload = cancel_upload(session_here(), actor_here(), upload_id=upload_id)
    if upload.state is UploadState.CANCELLED:
        flash(_("已停止读取，资料库没有任何变化。"), "success")
    return redirect(url_for("uploads.detail", upload_id=upload_id), 303)


@blueprint.post("/uploads/<int:upload_id>/undo")
@allow(*_PEOPLE)
def undo(upload_id: int) -> ResponseReturnValue:
    """Take the import back."""
    upload = undo_upload(session_here(), actor_here(), upload_id=upload_id)
    if upload.state is UploadState.UNDONE:
        flash(_("已撤销这次导入，资料库恢复到导入之前"), "success")
    return redirect(url_for("uploads.detail", upload_id=upload_id), 303)


@blueprint.get("/uploads/<int:upload_id>/problems.xlsx")
@allow(*_PEOPLE)
def problem_rows(upload_id: int) -> ResponseReturnValue:
    """Give the rows with problems as a workbook, each problem a comment in its cell."""
    upload = service.find_upload(session_here(), actor_here(), upload_id)
    if not queries.has_file(session_here(), upload.id):
        raise NotFound(_("原文件已过保存期，请重新上传。"))
    try:
        content = _left_behind(upload)
    except FileRefused as refusal:
        raise NotFound(refusal.message) from refusal
    headers = {"Content-Disposition": f"attachment; filename=problems-{upload.id}.xlsx"}
    return Response(content, mimetype=EXCEL, headers=headers)


def _left_behind(upload: Upload) -> bytes:
    """Return the rows that are not imported, as a workbook; read with the columns as they were taken."""
    return parked_list(
        queries.file_of(session_here(), upload.id) or b"",
        upload.filename,
        answers={**upload.answers, **service.answers_of(upload)},
        said=service.problems_of_parked(session_here(), upload),
    )


@blueprint.post("/uploads/<int:upload_id>/parked")
@allow(*_PEOPLE)
@reads
def take_parked(upload_id: int) -> ResponseReturnValue:
    """Open the rows that an import left behind as a list of their own, to be corrected and imported."""
    upload = service.upload_to_decide(session_here(), actor_here(), upload_id)
    if upload.state is not UploadState.IMPORTED:
        raise WrongState(_("这份清单还没有导入，请在预览中直接修改。"))
    if not queries.has_file(session_here(), upload.id):
        raise NotFound(_("原文件已过保存期，请重新上传。"))
    content, answers = _left_behind(upload), service.answers_of(upload)
    filename = f"{upload.filename.rpartition('.')[0]}_{_('待改')}.xlsx"
    reading = read_list(content, filename, answers=answers)
    with database_here().writing() as session:
        child = service.receive_upload(
            session,
            actor_here(),
            filename=filename,
            content=content,
            reading=reading,
            organisation_id=upload.organisation_id,
            consent_source=upload.consent_source,
            answers=answers,
        )
    broken = child.summary.get("counts", {}).get(Verdict.PROBLEM, 0)
    shown = Verdict.PROBLEM.value if broken else None
    return redirect(url_for("uploads.detail", upload_id=child.id, verdict=shown), 303)
