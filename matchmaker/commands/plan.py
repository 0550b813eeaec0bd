"""matchmaker plan: make a plan of the campaign's events, and write it into the calendar when asked to."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from matchmaker.commands.arguments import Subcommands, database_of, print_result
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.plan_state import PlanMode, PlanState
from matchmaker.errors import Refused
from matchmaker.settings import Settings
from matchmaker.store import schema
from matchmaker.store.engine import Database

NAME = "plan"
HELP = "规划系列活动：需求归组、排日期和场地、请专家；默认沿用上次的设置"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser: ArgumentParser = subcommands.add(NAME, HELP, run)
    parser.add_argument("--from", dest="from_day", type=date.fromisoformat, metavar="日期", help="开始日期")
    parser.add_argument("--until", type=date.fromisoformat, metavar="日期", help="结束日期")
    parser.add_argument("--events", type=int, metavar="N", help="最多几场")
    parser.add_argument("--per-day", type=int, metavar="N", help="每天最多几场")
    parser.add_argument("--replan", action="store_true", help="在已采用的规划上重排日期，变动最少")
    parser.add_argument("--keep", action="store_true", help="采用算好的这一版")
    parser.add_argument("--apply", action="store_true", help="采用并写入活动日程（生成草稿）")


def run(arguments: Namespace, settings: Settings) -> int:
    """Ask for a plan, make it here, then keep and apply it as asked."""
    from matchmaker.services.planning_run import work_on_plans

    database = database_of(settings)
    schema.migrate(database)
    plan_id = _ask(database, arguments)
    work_on_plans(database, settings)
    result = _finish(database, plan_id, arguments)
    print_result(result, words=_words(result), json_wanted=arguments.json)
    return 0 if result["status"] in ("ready", "kept", "applied") else 1


def _ask(database: Database, arguments: Namespace) -> int:
    from matchmaker.services import planning
    from matchmaker.services.campaigns import current_campaign
    from matchmaker.store.queries.plans import standing_plan

    given = {
        "from_day": arguments.from_day,
        "to_day": arguments.until,
        "events": arguments.events,
        "per_day": arguments.per_day,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    with database.writing() as session:
        campaign = current_campaign(session)
        wanted = replace(planning.usual_settings(session, campaign), **changes)
        standing = standing_plan(session, campaign.id) if campaign else None
        if arguments.replan:
            if standing is None:
                raise Refused("还没有已采用的规划，不能重排。请先不带 --replan 运行一次。")
            return planning.replan(session, SYSTEM, plan_id=standing.id, settings=wanted).id
        base_id = standing.id if standing else None
        return planning.ask_for_plan(session, SYSTEM, wanted, mode=PlanMode.WHOLE, base_id=base_id).id


def _finish(database: Database, plan_id: int, arguments: Namespace) -> dict[str, Any]:
    from matchmaker.services import planning, planning_apply
    from matchmaker.store.queries.plans import plan_events
    from matchmaker.store.tables import Plan

    with database.writing() as session:
        row = session.get_one(Plan, plan_id)
        if row.status is PlanState.READY and (arguments.keep or arguments.apply):
            planning.keep_plan(session, SYSTEM, plan_id=plan_id)
        applied = None
        if row.status is PlanState.KEPT and arguments.apply:
            applied = planning_apply.apply_plan(session, SYSTEM, plan_id=plan_id)
        changed = planning.changes_of(session, row) if row.status not in (PlanState.FAILED,) else []
        return {
            "plan_id": row.id,
            "number": row.number,
            "status": row.status.value,
            "note": row.note,
            "figures": row.result,
            "changes": len(changed),
            "applied": asdict(applied) if applied else None,
            "events": [
                {
                    "number": event.number,
                    "day": event.held_on.isoformat(),
                    "title": event.title,
                    "town": event.town,
                    "venue": event.venue,
                    "partner": event.city,
                    "event_id": event.event_id,
                }
                for event in sorted(plan_events(session, plan_id), key=lambda one: (one.held_on, one.number))
            ],
        }


def _words(result: dict[str, Any]) -> str:
    figures = result["figures"]
    if not figures:
        return f"没有排出规划：{result['note']}"
    lines = [
        f"第 {result['number']} 版规划：{figures['events']} 场，排入需求 {figures['needs']} 条"
        f"（未排入 {figures['left_out']} 条），请专家 {figures['experts']} 位、{figures['seats']} 人次，"
        f"高校出行 {figures['journeys']} 趟。",
        f"归组离理论上界最多还差 {figures['gap']:.2%}；"
        + (
            f"核验发现 {len(figures['broken'])} 处违反"
            if figures["broken"]
            else "逐条核验，没有违反任何一条规定"
        ),
    ]
    lines += [f"{event['day']}  {event['title']}  {event['venue']}" for event in result["events"]]
    lines += [f"注意：{remark}" for remark in figures["remarks"]]
    if result["applied"]:
        lines.append(
            f"已写入活动日程：新建草稿 {result['applied']['made']} 场，改期 {result['applied']['moved']} 场。"
        )
    return "\n".join(lines)
