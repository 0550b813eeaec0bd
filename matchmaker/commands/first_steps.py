"""What an empty installation is given at its first start."""

from importlib.util import find_spec

from matchmaker.services.accounts import ensure_first_run_token
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def prepare(database: Database, settings: Settings) -> None:
    """Load the sample campaign, or print the address where the first administrator is made.

    Safe to call at every start: a filled sample stays as it is, and where there is an administrator
    nothing is printed.
    """
    if settings.demo:
        _load_sample(database, settings)
    else:
        _print_first_run(database, settings)


def _print_first_run(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        key = ensure_first_run_token(session)
    if key is not None:
        address = f"{settings.public_url}/accounts/first-run?token={key}"
        words = "还没有管理员。请在浏览器打开下面的地址，建好第一个账号（24 小时内有效）："
        print(f"{words}\n{address}", flush=True)


def _load_sample(database: Database, settings: Settings) -> None:
    if find_spec("matchmaker.demo.load") is None:
        return
    from matchmaker.demo.load import load_if_empty

    for login, password in load_if_empty(database, settings).items():
        print(f"示例账号 {login}  密码 {password}", flush=True)
