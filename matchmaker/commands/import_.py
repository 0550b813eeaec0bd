"""matchmaker import: preview lists of needs, achievements, people or contracts, and import them."""

import time
from argparse import Namespace
from pathlib import Path
from typing import Any

from matchmaker.commands.arguments import Subcommands, database_of, print_result
from matchmaker.domain.achievements import owner_kind
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import UPLOADS_AT_WORK, UploadState
from matchmaker.settings import Settings
from matchmaker.store import schema
from matchmaker.store.engine import Database
from matchmaker.store.tables import Upload

NAME = "import"
HELP = "读取需求、成果、人员或技术合同清单，先看结果，加 --confirm 才写入"
_SOURCE = "组织单位通过命令行导入"
_LOOK_AGAIN_SECONDS = 5  # longer than a batch of rows takes
_COUNTS = (
    ("new", "新增"),
    ("changed", "有变化"),
    ("same", "未变"),
    ("duplicate", "疑似重复"),
    ("problem", "有问题"),
)
_DEEDS = (("add", "已新增"), ("update", "已更新"), ("nothing", "未变"), ("park", "留待处理"))


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser = subcommands.add(NAME, HELP, run)
    parser.add_argument("files", type=Path, nargs="+", metavar="文件", help=".xlsx .xls .ods .csv .docx 等")
    parser.add_argument(
        "--kind", choices=("need", "achievement", "people", "contract"), help="清单列的是什么；不写则自动识别"
    )
    parser.add_argument(
        "--organisation", default="", metavar="单位名称", help="表中没有写单位时，算作哪个单位的"
    )
    parser.add_argument("--source", default=_SOURCE, metavar="说明", help="清单里的联系方式从何而来")
    parser.add_argument("--encoding", default="", help="文本文件的编码，如 utf-8、gb18030")
    parser.add_argument("--delimiter", default="", help="文本文件的分隔符")
    parser.add_argument("--confirm", action="store_true", help="写入资料库；不写则只看结果")


def run(arguments: Namespace, settings: Settings) -> int:
    """Read every file, tell what was found, import when asked; 1 when a file could not be read."""
    database = database_of(settings)
    schema.migrate(database)
    results = [_one(database, place, arguments) for place in arguments.files]
    print_result(results, words="\n".join(map(_words, results)), json_wanted=arguments.json)
    done = {UploadState.PREVIEWED.value, UploadState.IMPORTED.value}
    return 0 if all(result["state"] in done for result in results) else 1


def _one(database: Database, place: Path, arguments: Namespace) -> dict[str, Any]:
    from matchmaker.services.upload_import import confirm_upload
    from matchmaker.services.uploads import receive_upload

    answers = {
        key: value
        for key in ("kind", "encoding", "delimiter")
        if (value := getattr(arguments, key)) not in (None, "")
    }
    with database.writing() as session:
        upload_id = receive_upload(
            session,
            SYSTEM,
            filename=place.name,
            content=place.read_bytes(),
            reading=None,
            organisation_id=_organisation(session, arguments.organisation),
            consent_source=arguments.source,
            answers=answers,
        ).id
    _work_off(database, upload_id)
    with database.writing() as session:
        previewed = session.get_one(Upload, upload_id).state is UploadState.PREVIEWED
        if arguments.confirm and previewed:
            confirm_upload(session, SYSTEM, upload_id=upload_id)
    _work_off(database, upload_id)
    with database.reading() as session:
        return _result(place, session.get_one(Upload, upload_id))


def _work_off(database: Database, upload_id: int) -> None:
    """Have a list read or imported; where a running service got hold of it first, wait until it is done."""
    from matchmaker.services.upload_steps import advance

    advance(database, upload_id)
    seen: int | None = None
    while (done := _rows_done(database, upload_id)) is not None:
        if done == seen:  # nobody has moved it on since the last look
            advance(database, upload_id)
            seen = None
        else:
            seen = done
            time.sleep(_LOOK_AGAIN_SECONDS)


def _rows_done(database: Database, upload_id: int) -> int | None:
    """Return how far the work on a list is; None when there is none left."""
    with database.reading() as session:
        upload = session.get_one(Upload, upload_id)
        return upload.rows_done if upload.state in UPLOADS_AT_WORK else None


def _result(place: Path, upload: Upload) -> dict[str, Any]:
    question = upload.question or {}
    return {
        "file": str(place),
        "upload_id": upload.id,
        "state": upload.state.value,
        "kind": upload.kind,
        "counts": upload.summary.get("counts", {}),
        "done": upload.summary.get("done", {}),
        "refusal": upload.refusal,
        "question": question.get("text", ""),
        "choices": [choice["value"] for choice in question.get("choices", [])],
        "notices": upload.summary.get("notices", []),
    }


def _organisation(session: Any, name: str) -> int | None:
    from matchmaker.services.organisations import find_or_create_organisation

    if not name:
        return None
    row = find_or_create_organisation(
        session, SYSTEM, name=name, kind=owner_kind(name), source="import", source_note="命令行"
    )
    return row.id


def _words(result: dict[str, Any]) -> str:
    head = f"{result['file']}："
    if result["refusal"]:
        return f"{head}{result['refusal']}"
    if result["question"]:
        choices = "、".join(result["choices"])
        return f"{head}{result['question']}（可选：{choices}；用 --encoding、--delimiter 或 --kind 指定）"
    counts = "，".join(f"{zh} {result['counts'].get(key, 0)}" for key, zh in _COUNTS)
    if not result["done"]:
        way = f"加 --confirm 写入，或在网页“上传清单”打开第 {result['upload_id']} 号确认"
        return f"{head}{counts}。还没有写入：{way}。"
    done = "，".join(f"{zh} {result['done'].get(key, 0)}" for key, zh in _DEEDS)
    return f"{head}{counts}。{done}。"
