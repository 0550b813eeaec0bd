"""Answers packed with gzip for browsers that take it: the program serves alone in most offices."""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_PACKED = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "text/plain",
        "text/csv",
        "application/javascript",
        "application/json",
        "image/svg+xml",
    }
)
_SMALLEST_BYTES = 1024
_PAGE_LEVEL = 5  # a page is packed at every request, a static file once


def register(app: Flask) -> None:
    """Pack what leaves the application."""
    app.after_request(_pack)


def _pack(response: Response) -> Response:
    if response.mimetype not in _PACKED:
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or not _wanted() or "Content-Encoding" in response.headers:
        return response
    response.direct_passthrough = False
    content = response.get_data()
    if len(content) < _SMALLEST_BYTES:
        return response
    static = request.endpoint == "static"
    response.set_data(_packed_once(content) if static else gzip.compress(content, _PAGE_LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    etag, _weak = response.get_etag()
    if etag is not None:  # the same file, not the same bytes
        response.set_etag(etag, weak=True)
    return response


def _wanted() -> bool:
    return (
        request.method == "GET"
        and "Range" not in request.headers
        and request.accept_encodings.quality("gzip") > 0
    )


@lru_cache(maxsize=64)
def _packed_once(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)
