"""What an administrator reads of a mail server that is set up wrongly: servers with TLS and sign-in."""

import gc
import shutil
import ssl
import subprocess
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from installed import free_port

from matchmaker.channels.mail import Letter, connect
from matchmaker.errors import ChannelError
from matchmaker.settings import Settings

LETTER = Letter(key="k1", address="clerk@example.org", subject="邀请", body="请来。")


class Box:
    """Keeps whom the letters were for."""

    def __init__(self) -> None:
        self.got: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.got += envelope.rcpt_tos
        return "250 OK"


def _may_come_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    good = (getattr(given, "login", b""), getattr(given, "password", b"")) == (b"clerk", b"right")
    return AuthResult(success=good, handled=good)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two certificates of their own making: for localhost, and for another server."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine to make certificates with")
    place = tmp_path_factory.mktemp("certificates")
    for name in ("localhost", "mail.example.org"):
        made = [
            openssl,
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            f"/CN={name}",
        ]
        made += [
            "-subj",
            f"/CN={name}",
            "-addext",
            f"subjectAltName=DNS:{name}",
            "-keyout",
            f"{place}/{name}.key",
        ]
        subprocess.run([*made, "-out", f"{place}/{name}.pem"], check=True, capture_output=True)
    return place


@contextmanager
def _server(papers: Path, name: str, security: str) -> Iterator[tuple[int, Box]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers / f"{name}.pem", papers / f"{name}.key")
    box, port = Box(), free_port()
    ways: dict[str, dict[str, Any]] = {
        "starttls": {"tls_context": context, "require_starttls": True},
        "tls": {"ssl_context": context, "auth_require_tls": False},
    }
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        authenticator=_may_come_in,
        auth_required=True,
        **ways[security],
    )
    # aiosmtpd has words about sign-in within TLS, and leaves a client that went away in the midst of a
    # handshake to the garbage collector
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        controller.start()
        try:
            yield port, box
        finally:
            controller.stop()
        gc.collect()
    assert [line for line in map(str, said) if f"raddr=('127.0.0.1', {port})" in line] == []


@pytest.fixture
def send(settings: Settings, papers: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """A function that sends a letter under these settings and returns what is said; "" for sent."""
    monkeypatch.setenv("SSL_CERT_FILE", str(papers / "localhost.pem"))

    def sent(**given: Any) -> str:
        usual = {"host": "localhost", "sender": "bureau@example.org", "timeout_seconds": 5}
        mail = settings.mail.model_copy(update=usual | {"user": "clerk", "password": "right"} | given)
        try:
            with connect(mail) as connection:
                connection.send(LETTER)
        except ChannelError as error:
            return f"{error}（不再重试）" if error.permanent else str(error)
        return ""

    return sent


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_letter_goes_out_over_tls_with_the_right_password_and_waits_with_any_other(
    papers: Path, send: Callable[..., str], security: str
) -> None:
    with _server(papers, "localhost", security) as (port, box):
        right = send(port=port, security=security)
        wrong = send(port=port, security=security, password="falsch")
        nobody = send(port=port, security=security, user="")

    assert (right, box.got) == ("", ["clerk@example.org"])
    assert wrong == "邮件服务器不接受设置里的账号或密码，请管理员核对。"
    assert nobody == "邮件服务器要求先登录，而设置里没有账号：请管理员填写 mail.user 和 mail.password。"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_another_server_is_refused_in_words(
    papers: Path, send: Callable[..., str], security: str
) -> None:
    with _server(papers, "mail.example.org", security) as (port, box):
        said = send(port=port, security=security)

    assert said.startswith(f"连不上邮件服务器 localhost:{port}：证书不能验证（")
    assert "请核对 mail.host 与证书上的名字一致" in said
    assert box.got == []


def test_a_closed_port_and_a_way_of_security_that_does_not_fit_say_what_to_change(
    papers: Path, send: Callable[..., str]
) -> None:
    closed = free_port()
    with _server(papers, "localhost", "starttls") as (port, _box):
        bare, wrapped = send(port=port, security="none"), send(port=port, security="tls")

    shut = send(port=closed, security="starttls")
    fits = "请核对 mail.port 与 mail.security 是否配套（465 用 tls，587 用 starttls，25 用 none）。"
    assert (
        shut
        == f"连不上邮件服务器 localhost:{closed}：这个端口没有开放。请核对 mail.port，或请网络管理员放行。"
    )
    assert bare == f"连不上邮件服务器 localhost:{port}：它不支持设置里的加密或登录方式。{fits}"
    assert wrapped == f"连不上邮件服务器 localhost:{port}：建不起加密连接。{fits}"
