"""matchmaker match: compute what is due, and print a need's proposals."""

from argparse import Namespace
from typing import Any

from sqlalchemy import update

from matchmaker import wording
from matchmaker.bus import outbox
from matchmaker.bus.deliver import deliver_due
from matchmaker.commands.arguments import Subcommands, database_of, print_result
from matchmaker.domain.messages import ProposalsDue
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import NEEDS_OPEN_FOR_MATCHING
from matchmaker.errors import NotFound
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.queries.matches import MatchLine, grade_counts, matches_of_need
from matchmaker.store.tables import Need

NAME = "match"
HELP = "计算到期的推荐；给出需求编号时列出它的推荐和理由"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser = subcommands.add(NAME, HELP, run)
    parser.add_argument("need", nargs="?", type=int, help="需求的内部编号（网址中的数字）")
    parser.add_argument("--all", action="store_true", help="把所有开放的需求重新计算一遍")


def run(arguments: Namespace, settings: Settings) -> int:
    """Compute, then print. Raises NotFound for an unknown need."""
    database = database_of(settings)
    _mark(database, arguments)
    deliver_due(database, settings, most=100_000)
    with database.reading() as session:
        if arguments.need is None:
            counts = grade_counts(session)
            words = "、".join(f"{wording.label('grade', grade)} {number}" for grade, number in counts.items())
            print_result(counts, words=f"现有推荐：{words}", json_wanted=arguments.json)
            return 0
        if session.get(Need, arguments.need) is None:
            raise NotFound(f"没有编号为 {arguments.need} 的需求。")
        lines = matches_of_need(session, arguments.need)
    print_result(
        [_plain(line) for line in lines],
        words="\n".join(_sentence(line) for line in lines) or "暂无合适成果。",
        json_wanted=arguments.json,
    )
    return 0


def _mark(database: Database, arguments: Namespace) -> None:
    with database.writing() as session:
        if arguments.all:
            due = update(Need).where(Need.status.in_(NEEDS_OPEN_FOR_MATCHING))
            session.execute(due.values(proposed_version=None))
        outbox.record(session, SYSTEM, ProposalsDue())


def _plain(line: MatchLine) -> dict[str, Any]:
    match = line.match
    return {
        "achievement_id": match.achievement_id,
        "title": line.achievement.title,
        "owner": line.owner,
        "score": match.score,
        "grade": match.grade,
        "computed_grade": match.computed_grade or match.grade,
        "grade_reason": match.grade_reason,
        "status": match.status,
        "parts": match.parts,
        "reasons": [reason["text"] for reason in match.reasons],
    }


def _sentence(line: MatchLine) -> str:
    match = line.match
    reasons = "；".join(reason["text"] for reason in match.reasons[:3])
    grade = wording.label("grade", match.grade) + ("（主办方评定）" if match.graded_at else "")
    return f"{match.score * 100:5.1f} {grade}  {line.achievement.title}（{line.owner}）\n        {reasons}"
