"""What a person goes through when something seems wrong: what was found, and how to mend it."""

import json
import os
import shutil
import stat
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.channels.mail import connect
from matchmaker.domain.states import DeliveryState, NoticeState
from matchmaker.errors import ChannelError
from matchmaker.ops.backup import BACKUPS, sqlite_path
from matchmaker.ops.manifest import PRODUCT, sqlite_damage
from matchmaker.settings import Settings
from matchmaker.store import schema
from matchmaker.store.engine import Database
from matchmaker.store.tables import Delivery, Heartbeat, Notice
from nlp.embedding import available_way
from nlp.weights import fingerprint

MIB = 1024**2
_LATE = timedelta(minutes=10)
_SILENT = timedelta(minutes=2)
_BACKUP_AGE = timedelta(days=7)
_WAIT_SECONDS = 3


class State(StrEnum):
    """How a point is; only FAIL makes the whole list fail."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One point: what was looked at, what was found, and (unless OK) what to do about it."""

    name: str
    state: State
    found: str
    mend: str = ""


def examine(settings: Settings) -> list[Check]:
    """Return every point, in the order in which they should be mended. Changes nothing."""
    checks = [check for part in _PARTS for check in part(settings)]
    return checks + list(_database_checks(settings))


def exit_code(checks: Iterable[Check]) -> int:
    """Return 0 when the service can work, 1 when something must be mended."""
    return 1 if any(check.state is State.FAIL for check in checks) else 0


def as_text(checks: Iterable[Check]) -> str:
    """Return the list for a person."""
    signs = {State.OK: "[正常]", State.WARN: "[注意]", State.FAIL: "[故障]"}
    lines = [
        f"{signs[check.state]} {check.name}：{check.found}"
        + (f"\n       → {check.mend}" if check.mend else "")
        for check in checks
    ]
    return "\n".join(lines)


def as_json(checks: Iterable[Check]) -> str:
    """Return the list for a program."""
    points = [asdict(check) for check in checks]
    worst = max((list(State).index(point["state"]) for point in points), default=0)
    return json.dumps({"state": list(State)[worst], "checks": points}, ensure_ascii=False, indent=1)


# ---- the machine and the installation ----------------------------------------------------------------


def _python(_settings: Settings) -> Iterator[Check]:
    words = f"{sys.version.split()[0]}（{sys.executable}）"
    good = sys.version_info >= (3, 11)
    yield _judge("Python", words, good=good, mend="请安装 Python 3.11 或更新的版本。")


def _import_names(_settings: Settings) -> Iterator[Check]:
    """Other projects use these names too; installed together they overwrite each other."""
    owners = packages_distributions()
    here = Path(__file__).resolve().parents[2]
    foreign = {
        name: ", ".join(owners.get(name, ())) or str(origin)
        for name in ("matchmaker", "nlp", "jobs")
        if (origin := _origin(name)) != here / name or set(owners.get(name, ())) - {PRODUCT}
    }
    words = "matchmaker、nlp、jobs 都来自本系统" if not foreign else f"名称被别的软件包占用：{foreign}"
    yield _judge(
        "程序包", words, good=not foreign, mend="请在单独的虚拟环境中重新安装本系统（docs/deploy.md）。"
    )


def _origin(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).resolve().parent if spec and spec.origin else None


def _folder(settings: Settings) -> Iterator[Check]:
    home = settings.home
    nearest = next(place for place in (home, *home.parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        yield Check(
            name="数据文件夹",
            state=State.FAIL,
            found=f"{nearest} 不能写入（{error.strerror}）",
            mend="请给运行本系统的用户写权限，或在配置里把 data.folder 改到别处。",
        )
        return
    yield Check(name="数据文件夹", state=State.OK, found=str(home))
    free = shutil.disk_usage(nearest).free
    state = State.FAIL if free < 200 * MIB else State.WARN if free < 1024 * MIB else State.OK
    mend = "" if state is State.OK else "请清理磁盘，或把 data.folder 移到更大的磁盘。"
    yield Check(name="磁盘空间", state=state, found=f"剩余 {free / MIB / 1024:.1f} GB", mend=mend)


def _secret(settings: Settings) -> Iterator[Check]:
    place = settings.home / "secret.key"
    if not place.is_file():
        yield Check(name="密钥文件", state=State.OK, found="尚未生成，首次启动时自动生成")
        return
    mode = stat.S_IMODE(place.stat().st_mode)
    private = os.name == "nt" or not mode & 0o077
    yield _judge(
        "密钥文件",
        f"{place}（权限 {mode:o}）",
        good=private,
        mend=f"其他用户能读到密钥，请运行 chmod 600 {place}。",
    )


def _encoder(settings: Settings) -> Iterator[Check]:
    way, reason = available_way(settings.matching.way)
    named = settings.matching.encoder
    try:
        words = f"{reason}模型 {named or fingerprint()}。"
    except OSError as error:
        yield Check(
            name="语义编码",
            state=State.FAIL,
            found=f"内置模型文件读不到（{error.strerror}：{error.filename}）",
            mend="请重新安装本系统。",
        )
        return
    usable = way == "sentence-transformers" or not (named or settings.matching.way == "sentence-transformers")
    yield _judge(
        "语义编码",
        words,
        good=usable,
        mend="请安装 sentence-transformers，或清空 matching.encoder、把 way 改为 auto。",
    )


def _mail(settings: Settings) -> Iterator[Check]:
    host, port = settings.mail.host, settings.mail.port
    if not host:
        yield Check(name="邮件", state=State.OK, found="未配置邮件服务器，通知只发到系统内的消息中心")
        return
    try:
        with connect(settings.mail.model_copy(update={"timeout_seconds": _WAIT_SECONDS})):
            signed_in = "，账号可以登录" if settings.mail.user else ""
    except ChannelError as error:
        words, good = str(error), False
    else:
        words, good = f"邮件服务器 {host}:{port} 可以连接{signed_in}", True
    yield _judge(
        "邮件",
        words,
        good=good,
        mend="请核对配置文件 [mail] 一节和网络；恢复后积压的邮件会自动补发。",
        worse=State.WARN,
    )


def _address(settings: Settings) -> Iterator[Check]:
    web = settings.web
    answer = _answer(f"http://{_reachable(web.host)}:{web.port}/healthz")
    if answer is None:
        yield Check(
            name="网页服务",
            state=State.WARN,
            found=f"{web.host}:{web.port} 没有应答，服务未启动",
            mend="需要使用时请启动。",
        )
    else:
        ours = f'"instance": "{settings.instance}"' in json.dumps(answer)
        words = f"{web.host}:{web.port} " + ("正在服务" if ours else "被别的程序占用，或正在服务另一套数据")
        yield _judge(
            "网页服务",
            words,
            good=ours,
            mend="请关掉占用端口的程序，或用 --port 换一个端口。",
            worse=State.WARN,
        )
    if not web.https and web.host not in ("127.0.0.1", "::1", "localhost"):
        yield Check(
            name="访问安全",
            state=State.WARN,
            found="网页对其他电脑开放，但没有使用 HTTPS，密码会明文传输",
            mend="请按 docs/deploy.md 在前面加一个 HTTPS 代理，并设置 web.https = true。",
        )


def _reachable(host: str) -> str:
    """Return an address at which a server bound to `host` can be asked from this machine."""
    if host == "::":
        return "[::1]"
    if ":" in host:
        return f"[{host}]"
    return "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 -- compared, not bound


def _answer(address: str) -> object | None:
    """Return what a web server answers there ({} for nonsense), None when nobody listens."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=_WAIT_SECONDS) as answer:
            return _json_or_nothing(answer.read(10_000))
    except urllib.error.HTTPError as error:
        return _json_or_nothing(error.read(10_000))
    except urllib.error.URLError:
        return None
    except OSError:
        return {}


def _json_or_nothing(content: bytes) -> object:
    try:
        found: object = json.loads(content)
    except ValueError:
        return {}
    return found


def _backups(settings: Settings) -> Iterator[Check]:
    if settings.demo:
        return
    made = [path.stat().st_mtime for path in (settings.home / BACKUPS).glob("*.zip")]
    newest = datetime.fromtimestamp(max(made), UTC) if made else None
    words = f"最近一次备份：{clock.local(newest):%Y-%m-%d %H:%M}" if newest else "还没有做过备份"
    fresh = newest is not None and clock.now() - newest < _BACKUP_AGE
    yield _judge(
        "备份",
        words,
        good=fresh,
        mend="请运行 python -m matchmaker backup --own，并把文件复制到别的磁盘。",
        worse=State.WARN,
    )


_PARTS: tuple[Callable[[Settings], Iterator[Check]], ...] = (
    _python,
    _import_names,
    _folder,
    _secret,
    _encoder,
    _mail,
    _address,
    _backups,
)


# ---- the database and what waits in it ---------------------------------------------------------------


def _database_checks(settings: Settings) -> Iterator[Check]:
    file = sqlite_path(settings)
    if file is not None and not file.is_file():
        yield Check(
            name="数据库",
            state=State.WARN,
            found=f"{file} 还不存在",
            mend="首次启动时会自动建立；如果本应有数据，请从备份恢复。",
        )
        return
    if file is not None and (damage := sqlite_damage(file)):
        yield Check(
            name="数据库",
            state=State.FAIL,
            found=f"文件损坏：{damage}",
            mend="请停止系统，用最近的备份恢复（restore）。",
        )
        return
    database = Database(settings.database_url)
    try:
        yield from _schema(database)
        with database.reading() as session:
            yield from _work(session)
    except SQLAlchemyError as error:
        yield Check(
            name="数据库",
            state=State.FAIL,
            found=f"读取失败：{type(error).__name__}",
            mend="请核对 data.url，先运行 python -m matchmaker migrate。",
        )
    finally:
        database.close()


def _schema(database: Database) -> Iterator[Check]:
    found, wanted = schema.current_revision(database), schema.newest_revision()
    kind = "SQLite，完整性检查通过" if database.sqlite else "PostgreSQL，连接正常"
    words = f"{kind}，结构版本 {found or '空'}" + ("" if found == wanted else f"，程序需要 {wanted}")
    yield _judge(
        "数据库", words, good=found == wanted, mend="请停止系统后运行 python -m matchmaker migrate。"
    )


def _work(session: Session) -> Iterator[Check]:
    now = clock.now()
    yield from _pulse(session, now)
    yield from _waiting(
        "事件处理",
        oldest=session.scalar(
            select(func.min(Delivery.due_at)).where(Delivery.state == DeliveryState.WAITING)
        ),
        given_up=_count(session, Delivery.state == DeliveryState.GIVEN_UP),
        now=now,
    )
    owed = (NoticeState.NEW, NoticeState.RETRY)
    yield from _waiting(
        "通知发送",
        oldest=session.scalar(select(func.min(Notice.due_at)).where(Notice.state.in_(owed))),
        given_up=_count(session, Notice.state == NoticeState.DEAD),
        now=now,
    )


def _pulse(session: Session, now: datetime) -> Iterator[Check]:
    pulse = session.get(Heartbeat, "deliveries")
    silent = pulse is None or now - pulse.at > _SILENT
    words = "从未运行" if pulse is None else f"最近一次心跳在 {_span(now - pulse.at)}前"
    yield _judge(
        "后台任务",
        words,
        good=not silent,
        mend="启动系统（serve）后会自动运行；若系统已启动，请重启它。",
        worse=State.WARN,
    )
    failing = session.scalars(select(Heartbeat).where(Heartbeat.error != "").order_by(Heartbeat.job)).all()
    for job in failing:
        yield Check(
            name=f"后台任务 {job.job}",
            state=State.WARN,
            found=f"{_span(now - job.at)}前运行失败：{job.error[:200]}",
            mend="多为一时的故障，下次运行会重试；若一直失败，请把这一行发给维护人员。",
        )


def _waiting(name: str, *, oldest: datetime | None, given_up: int, now: datetime) -> Iterator[Check]:
    late = oldest is not None and now - oldest > _LATE
    wait = f"最早的一件已等待 {_span(now - oldest)}" if oldest is not None and oldest < now else "没有积压"
    state = State.WARN if late or given_up else State.OK
    mends = ["请确认后台任务在运行。"] * late + ["放弃的要由管理员在后台页面查看原因后重试。"] * bool(
        given_up
    )
    yield Check(name=name, state=state, found=f"{wait}，放弃 {given_up} 件", mend="".join(mends))


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(condition)) or 0


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return f"{max(0, int(span.total_seconds()))} 秒"
    return f"{minutes} 分钟" if minutes < 120 else f"{minutes // 60} 小时"


def _judge(name: str, found: str, *, good: bool, mend: str, worse: State = State.FAIL) -> Check:
    return Check(name=name, state=State.OK if good else worse, found=found, mend="" if good else mend)
