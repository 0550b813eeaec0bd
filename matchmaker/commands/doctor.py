"""matchmaker doctor: what is wrong, and how to mend it."""

from argparse import Namespace

from matchmaker.commands.arguments import Subcommands
from matchmaker.ops import doctor
from matchmaker.settings import Settings

NAME = "doctor"
HELP = "检查系统是否正常，说明每个问题怎样处理（有故障时退出码为 1）"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    subcommands.add(NAME, HELP, run)


def run(arguments: Namespace, settings: Settings) -> int:
    """Print the list; 1 when something must be mended."""
    checks = doctor.examine(settings)
    print(doctor.as_json(checks) if arguments.json else doctor.as_text(checks))
    return doctor.exit_code(checks)
