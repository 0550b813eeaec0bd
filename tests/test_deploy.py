"""The proxy example of docs/deploy works with a real nginx in front of a real server."""

import http.client
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.installed import ROOT, free_port, wait_for_page

pytestmark = pytest.mark.slow
PROGRAMS = ("nginx", "openssl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Where the proxy listens."""

    https_port: int
    http_port: int

    def get(self, path: str, *, secure: bool = True) -> tuple[http.client.HTTPResponse, str]:
        context = ssl._create_unverified_context()
        connection = (
            http.client.HTTPSConnection("127.0.0.1", self.https_port, context=context, timeout=30)
            if secure
            else http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=30)
        )
        with closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer, answer.read().decode()


@pytest.fixture(scope="module")
def server_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server that is told to trust one proxy."""
    folder, port = tmp_path_factory.mktemp("behind"), free_port()
    given = {"DATA__FOLDER": str(folder), "WEB__HTTPS": "true", "WEB__TRUSTED_PROXIES": "1"}
    environment = os.environ | {f"MATCHMAKER_{name}": value for name, value in given.items()}
    command = [sys.executable, "-m", "matchmaker", "serve", "--own", "--no-jobs", "--port", str(port)]
    log = folder / "log"
    with log.open("wb") as words:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=words, stderr=words)
        wait_for_page(port, process=server, log=log)
        yield port
        server.terminate()
        server.wait(timeout=60)


def run_nginx(site: str, folder: Path) -> "subprocess.Popen[bytes]":
    """Run a site of the example kind as an unprivileged nginx of its own."""
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;"
        f" fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n{site}\n}}"
    )
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


@pytest.fixture(params=["", "/duijie"], ids=["own host", "below a path"])
def front(request: pytest.FixtureRequest, server_port: int, tmp_path: Path) -> Iterator[tuple[Front, str]]:
    """The example as it stands in docs, with ports and certificate of this test; and the path it serves."""
    if missing := [program for program in PROGRAMS if not shutil.which(program)]:
        pytest.skip(f"not installed: {missing}")
    proxy = Front(https_port=free_port(), http_port=free_port())
    with_certificate(tmp_path)
    site = (ROOT / "docs" / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    changes = {
        "443 ssl": f"127.0.0.1:{proxy.https_port} ssl",
        "listen 80": f"listen 127.0.0.1:{proxy.http_port}",
        "127.0.0.1:8000": f"127.0.0.1:{server_port}" + ("/" if request.param else ""),
        "/etc/ssl/certs/duijie.pem": str(tmp_path / "cert.pem"),
        "/etc/ssl/private/duijie.key": str(tmp_path / "key.pem"),
        "location / {": f"location {request.param}/ {{",
        'X-Forwarded-Prefix "";': f'X-Forwarded-Prefix "{request.param}";',
    }
    for old, new in changes.items():
        assert old in site
        site = site.replace(old, new)
    nginx = run_nginx(site, tmp_path)
    wait_for_nginx(proxy)
    yield proxy, request.param
    nginx.terminate()
    nginx.wait(timeout=20)


def with_certificate(folder: Path) -> None:
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    subprocess.run([*command, *files], check=True, capture_output=True)


def wait_for_nginx(proxy: Front) -> None:
    for _ in range(100):
        try:
            proxy.get("/", secure=False)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("nginx did not start")


def test_pages_links_and_cookies_are_right_behind_the_example(front: tuple[Front, str]) -> None:
    proxy, path = front

    answer, page = proxy.get(f"{path}/")
    cookies = answer.headers.get_all("Set-Cookie") or []

    assert answer.status == 200
    assert f'href="{path}/static/' in page
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert all(cookie.startswith("__Host-") and "Secure" in cookie for cookie in cookies)
    redirect, _ = proxy.get("/anything", secure=False)
    assert (redirect.status, redirect.headers["Location"]) == (301, "https://127.0.0.1/anything")
