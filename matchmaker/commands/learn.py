"""matchmaker learn: re-fit the score to what people did with proposals, and say what came of it."""

from argparse import Namespace

from matchmaker.bus.deliver import deliver_due
from matchmaker.commands.arguments import Subcommands, database_of, print_result
from matchmaker.domain.permissions import SYSTEM
from matchmaker.services.learning import Report, Verdict, return_to_shipped
from matchmaker.services.proposals import learn_here
from matchmaker.settings import Settings

NAME = "learn"
HELP = "按本单位的答复、洽谈和签约情况重新校准推荐；不变差才启用"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser = subcommands.add(NAME, HELP, run)
    parser.add_argument("--shipped", action="store_true", help="恢复出厂权重")


def run(arguments: Namespace, settings: Settings) -> int:
    """Learn, or go back, and compute proposals anew where that changed something."""
    database = database_of(settings)
    if arguments.shipped:
        with database.writing() as session:
            return_to_shipped(session, SYSTEM)
        deliver_due(database, settings, most=100_000)
        print_result(
            {"verdict": "shipped"}, words="已恢复出厂权重，推荐已重新计算。", json_wanted=arguments.json
        )
        return 0
    report = learn_here(database, settings)
    if report.verdict is Verdict.KEPT:
        deliver_due(database, settings, most=100_000)
    print_result(_plain(report), words=_words(report), json_wanted=arguments.json)
    return 0


def _plain(report: Report) -> dict[str, object]:
    evidence = report.evidence
    return {
        "verdict": report.verdict.value,
        "fit_id": report.fit_id,
        "observations": evidence.observations,
        "needs": evidence.needs,
        "levels": evidence.levels,
        "stages": evidence.stages,
        "missing": list(evidence.missing),
        "measures": report.measures,
    }


def _words(report: Report) -> str:
    evidence = report.evidence
    counted = f"现有 {evidence.observations} 条意见，涉及 {evidence.needs} 条需求。"
    if report.verdict is Verdict.TOO_FEW:
        return f"{counted}还不够学习，还差 {'、'.join(evidence.missing)}。"
    said = {
        Verdict.KNOWN: "这些意见已经学过，结果不变。",
        Verdict.KEPT: "在留出的需求上没有变差，已经采用。",
        Verdict.REFUSED: "在留出的需求上变差了，没有采用，仍用原来的权重。",
    }[report.verdict]
    measures = report.measures or {}
    lines = [counted + said]
    for name, words in (("before", "出厂"), ("after", "学习后")):
        quality = measures[name]
        order = "—" if quality["ndcg10"] is None else f"{quality['ndcg10']:.3f}"
        lines.append(f"{words}：nDCG@10 {order}，对数损失 {quality['log_loss']:.3f}")
    return "\n".join(lines)
