"""What every subcommand shares: which instance, --json, and how results are printed."""

import json
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable
from typing import Any

from matchmaker.settings import Settings, load_settings
from matchmaker.store.engine import Database

Run = Callable[[Namespace, Settings], int]


class Subcommands:
    """Declares subcommands; each gets --demo/--own and --json."""

    def __init__(self, group: "_SubParsersAction[ArgumentParser]") -> None:
        self._group = group

    def add(self, name: str, help_text: str, run: Run) -> ArgumentParser:
        """Return the parser of a new subcommand, for its own words."""
        parser = self._group.add_parser(name, help=help_text, description=help_text)
        instance = parser.add_mutually_exclusive_group()
        instance.add_argument(
            "--demo", dest="instance", action="store_const", const="demo", help="示例数据（独立的数据库文件）"
        )
        instance.add_argument(
            "--own", dest="instance", action="store_const", const="own", help="本单位自己的数据库"
        )
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")
        parser.set_defaults(run=run, instance=None)
        return parser


def settings_for(arguments: Namespace) -> Settings:
    """Return the settings for the instance that was asked for."""
    given = {"instance": arguments.instance} if arguments.instance else {}
    return load_settings(**given)


_OPENED: list[Database] = []


def database_of(settings: Settings) -> Database:
    """Open the instance's database; `close_databases` closes it when the command has ended."""
    database = Database(settings.database_url)
    _OPENED.append(database)
    return database


def close_databases() -> None:
    """Close what this process's commands have opened."""
    while _OPENED:
        _OPENED.pop().close()


def print_result(result: Any, *, words: str, json_wanted: bool) -> None:
    """Print a result for a person, or as JSON for a program."""
    print(json.dumps(result, ensure_ascii=False, indent=1, default=str) if json_wanted else words)
