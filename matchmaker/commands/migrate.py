"""matchmaker migrate: bring the database to the newest schema."""

from argparse import Namespace

from matchmaker.commands.arguments import Subcommands, database_of, print_result
from matchmaker.settings import Settings
from matchmaker.store import schema

NAME = "migrate"
HELP = "把数据库升级到本程序需要的结构"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    subcommands.add(NAME, HELP, run)


def run(_arguments: Namespace, settings: Settings) -> int:
    """Migrate and say from where to where."""
    database = database_of(settings)
    before = schema.current_revision(database)
    schema.migrate(database)
    after = schema.current_revision(database)
    print_result(
        {"before": before, "after": after},
        words=f"数据库结构：{before or '空'} → {after}",
        json_wanted=_arguments.json,
    )
    return 0
