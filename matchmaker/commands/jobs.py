"""matchmaker jobs: the background process."""

import threading
from argparse import Namespace

from jobs.runner import Runner
from matchmaker.commands.arguments import Subcommands, database_of
from matchmaker.logs import start_logging
from matchmaker.services.library import desk_for
from matchmaker.services.proposals import keep_up
from matchmaker.settings import Settings

NAME = "jobs"
HELP = "运行后台任务：推荐、通知、提醒、催办（serve 会自动带起，一般不必单独运行）"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser = subcommands.add(NAME, HELP, run)
    parser.add_argument("--once", action="store_true", help="把到期的任务各做一遍后退出")
    parser.add_argument("--parent", type=int, default=0, help="此进程不在时退出（serve 使用）")


def run(arguments: Namespace, settings: Settings) -> int:
    """Run until stopped, or once."""
    start_logging()
    runner = Runner(database_of(settings), settings, parent=arguments.parent)
    if arguments.once:
        runner.run_once()
        return 0
    threading.Thread(target=_warm_up, args=(settings,), name="warm-up", daemon=True).start()
    runner.run()
    return 0


def _warm_up(settings: Settings) -> None:
    database = database_of(settings)
    desk = desk_for(settings)
    with database.reading() as session:
        desk.warm_up(session)
    keep_up(database, desk)
    database.close()
