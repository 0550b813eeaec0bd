"""matchmaker demo: the sample campaign."""

from argparse import Namespace

from matchmaker.commands.arguments import Subcommands, database_of, print_result
from matchmaker.demo.load import load_if_empty
from matchmaker.errors import Misconfigured
from matchmaker.settings import Settings, load_settings
from matchmaker.store import schema

NAME = "demo"
HELP = "建立示例数据（独立的数据库文件，不影响本单位数据），或重新开始"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser = subcommands.add(NAME, HELP, run)
    parser.add_argument("--reset", action="store_true", help="删除现有的示例数据，重新建立")


def run(arguments: Namespace, settings: Settings) -> int:
    """Fill the sample's database and print its accounts. Raises Misconfigured for --own."""
    if arguments.instance == "own":
        raise Misconfigured("示例数据不能装进本单位的数据库。请去掉 --own。")
    settings = load_settings(instance="demo")
    if arguments.reset:
        _remove(settings)
    database = database_of(settings)
    schema.migrate(database)
    accounts = load_if_empty(database, settings)
    words = "\n".join(f"{login}  密码 {password}" for login, password in accounts.items())
    known = f"示例数据已经在了，账号见 {settings.home / 'accounts.txt'}。要重来请加 --reset。"
    print_result(accounts, words=words or known, json_wanted=arguments.json)
    return 0


def _remove(settings: Settings) -> None:
    for suffix in ("", "-wal", "-shm"):
        place = settings.home / f"matchmaker.db{suffix}"
        place.unlink(missing_ok=True)
