"""matchmaker backup: everything of an instance in one file, while people work."""

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from matchmaker.commands.arguments import Subcommands, print_result
from matchmaker.ops.backup import back_up
from matchmaker.settings import Settings

NAME = "backup"
HELP = "备份数据库和文件（系统运行时也可以做）"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser = subcommands.add(NAME, HELP, run)
    parser.add_argument(
        "target",
        nargs="?",
        type=Path,
        metavar="文件或文件夹",
        help="备份存到哪里，默认存到数据文件夹的 backups 中",
    )
    parser.add_argument("--keep", type=int, metavar="份数", help="存到默认位置时只保留最近几份，更早的删除")


def run(arguments: Namespace, settings: Settings) -> int:
    """Back up and say where the file is."""
    backup = back_up(settings, target=arguments.target, keep=arguments.keep)
    print_result(asdict(backup), words=backup.sentence(), json_wanted=arguments.json)
    return 0
