"""matchmaker bundle: a folder from which an offline PC can be installed."""

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from matchmaker.commands.arguments import Subcommands, print_result
from matchmaker.ops.bundle import TARGETS, write_bundle
from matchmaker.settings import Settings

NAME = "bundle"
HELP = "制作离线安装包（要联网，在源代码文件夹里运行）"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser = subcommands.add(NAME, HELP, run)
    parser.add_argument("out", type=Path, metavar="文件夹", help="写到哪个新文件夹")
    parser.add_argument("--platform", choices=sorted(TARGETS), help="目标电脑的系统，默认与这台相同")
    parser.add_argument("--python", metavar="版本", help="目标电脑的 Python 版本，如 3.12，默认与这台相同")


def run(arguments: Namespace, _settings: Settings) -> int:
    """Write the parcel and say where it is."""
    bundle = write_bundle(arguments.out, target=arguments.platform, python=arguments.python)
    print_result(asdict(bundle), words=bundle.sentence(), json_wanted=arguments.json)
    return 0
