"""matchmaker pairing: draw the pairing list of an event, publish it, write it to a workbook."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from matchmaker.commands.arguments import Subcommands, database_of, print_result
from matchmaker.domain.permissions import SYSTEM
from matchmaker.settings import Settings
from matchmaker.store import schema
from matchmaker.store.engine import Database

NAME = "pairing"
HELP = "为一场活动生成配对清单（新的一版），可发布、可导出"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser: ArgumentParser = subcommands.add(NAME, HELP, run)
    parser.add_argument("event", type=int, metavar="活动编号", help="活动页地址里的数字")
    parser.add_argument("--per-enterprise", type=int, metavar="N", help="每家企业最多几场；不写则按活动设置")
    parser.add_argument("--per-expert", type=int, metavar="N", help="每位专家最多几场；不写则按活动设置")
    parser.add_argument("--publish", action="store_true", help="发布这一版并通知双方")
    parser.add_argument(
        "--export", type=Path, metavar="文件.xlsx", help="把会场发放版（联系方式已遮盖）写到文件"
    )


def run(arguments: Namespace, settings: Settings) -> int:
    """Draw, then publish and export as asked."""
    from matchmaker.services.pairing_lists import draw

    database = database_of(settings)
    schema.migrate(database)
    limits = {"per_enterprise": arguments.per_enterprise, "per_expert": arguments.per_expert}
    list_id = draw(database, SYSTEM, event_id=arguments.event, limits=limits)
    result = _finish(database, list_id, arguments)
    print_result(result, words=_words(result), json_wanted=arguments.json)
    return 0


def _finish(database: Database, list_id: int, arguments: Namespace) -> dict[str, Any]:
    from matchmaker.services.pairing_export import handout_edition
    from matchmaker.services.pairing_lists import publish_list
    from matchmaker.store.tables import PairingList

    with database.writing() as session:
        if arguments.publish:
            publish_list(session, SYSTEM, list_id=list_id)
        row = session.get_one(PairingList, list_id)
        content = handout_edition(session, SYSTEM, list_id=list_id) if arguments.export else b""
        result = {
            "event_id": row.event_id,
            "list_id": row.id,
            "number": row.number,
            "published": row.published_at is not None,
            "settings": row.settings,
            "file": str(arguments.export) if arguments.export else "",
            **{
                key: row.result[key]
                for key in (
                    "served",
                    "enterprises",
                    "meetings",
                    "total_value",
                    "unserved",
                    "price",
                    "certificate",
                )
            },
        }
    if arguments.export:
        arguments.export.write_bytes(content)
    return result


def _words(result: dict[str, Any]) -> str:
    proof = "已核验为最优" if result["certificate"]["checked"] else "核验未通过，请勿发布"
    lines = [
        f"第 {result['number']} 版：{result['meetings']} 场洽谈，"
        f"{result['enterprises']} 家企业中 {result['served']} 家有洽谈（{proof}）。"
    ]
    lines += [f"没有安排：{entry['name']}。{entry['reason']}" for entry in result["unserved"]]
    if result["published"]:
        lines.append("已发布，通知会由后台任务发出。")
    if result["file"]:
        lines.append(f"会场发放版已写到 {result['file']}")
    return "\n".join(lines)
