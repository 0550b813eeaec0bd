"""What leaves the application is packed for those who take it, and the same when unpacked."""

import gzip

import pytest

from matchmaker.web.frame import MatchmakerApp

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize("address", ["/privacy", "/static/css/app.css", "/static/js/app.js"])
def test_an_answer_is_the_same_packed_and_plain(app: MatchmakerApp, address: str) -> None:
    browser = app.test_client()
    plain = browser.get(address, buffered=True)

    packed = browser.get(address, headers=GZIP, buffered=True)

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) < len(plain.data) / 2
    unpacked = gzip.decompress(packed.data)
    assert unpacked == plain.data if address.startswith("/static/") else b"</html>" in unpacked


def test_an_unchanged_file_is_not_sent_again(app: MatchmakerApp) -> None:
    browser = app.test_client()
    etag = browser.get("/static/css/app.css", headers=GZIP, buffered=True).headers["ETag"]

    again = browser.get("/static/css/app.css", headers=GZIP | {"If-None-Match": etag}, buffered=True)

    assert (again.status_code, again.data) == (304, b"")


def test_pictures_small_answers_and_parts_of_files_stay_as_they_are(app: MatchmakerApp) -> None:
    browser = app.test_client()
    small = browser.get("/notices/unread", headers=GZIP, buffered=True)
    part = browser.get("/static/css/app.css", headers=GZIP | {"Range": "bytes=0-2000"}, buffered=True)

    assert [answer.headers.get("Content-Encoding") for answer in (small, part)] == [None, None]
    assert part.status_code == 206


def test_a_first_page_is_light(app: MatchmakerApp) -> None:
    """The page with every style and script but the charts stays under 150 KB on the wire."""
    files = ["css/app.css", "css/print.css", "vendor/tabler-1.6.1.min.css", "vendor/htmx-2.0.11.min.js"]
    files += [f"js/{name}.js" for name in ("theme", "app", "forms", "lists", "charts", "drag")]
    addresses = ["/", "/static/img/icons.svg", *(f"/static/{name}" for name in files)]

    sizes = [len(app.test_client().get(address, headers=GZIP, buffered=True).data) for address in addresses]

    assert sum(sizes) <= 150_000, dict(zip(addresses, sizes, strict=True))
