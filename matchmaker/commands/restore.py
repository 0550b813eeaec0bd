"""matchmaker restore: give a backup back."""

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from matchmaker.commands.arguments import Subcommands, print_result
from matchmaker.ops.restore import restore
from matchmaker.settings import Settings

NAME = "restore"
HELP = "用一份备份恢复数据（先停止系统）"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser = subcommands.add(NAME, HELP, run)
    parser.add_argument("source", type=Path, metavar="备份文件")
    parser.add_argument("--force", action="store_true", help="替换掉另一套系统的数据（原数据移到一边保留）")


def run(arguments: Namespace, settings: Settings) -> int:
    """Restore and say what is there now."""
    restored = restore(settings, source=arguments.source, force=arguments.force)
    print_result(asdict(restored), words=restored.sentence(), json_wanted=arguments.json)
    return 0
