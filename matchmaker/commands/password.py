"""matchmaker password: a way back in when nobody can sign in to help."""

from argparse import Namespace

from sqlalchemy import select

from matchmaker.commands.arguments import Subcommands, database_of, print_result
from matchmaker.domain.accounts import normal_email
from matchmaker.errors import NotFound
from matchmaker.services.accounts import make_reset_link
from matchmaker.settings import Settings
from matchmaker.store.tables import User

NAME = "password"
HELP = "为一个账号生成重设密码的地址（管理员忘记密码时用）"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser = subcommands.add(NAME, HELP, run)
    parser.add_argument("email", help="账号的登录邮箱")


def run(arguments: Namespace, settings: Settings) -> int:
    """Print a link that works once within two hours. Whoever may run this owns the database anyway."""
    database = database_of(settings)
    with database.writing() as session:
        user = session.scalar(select(User).where(User.email == normal_email(arguments.email)))
        if user is None:
            raise NotFound(f"没有登录邮箱为 {arguments.email} 的账号，请核对后再试。")
        address = settings.public_url + make_reset_link(session, user.id)
    print_result(
        {"address": address},
        words=f"请在浏览器打开（2 小时内有效，只能用一次）：\n{address}",
        json_wanted=arguments.json,
    )
    return 0
