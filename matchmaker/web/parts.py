"""The plain values that the page frame and the template macros are given."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
StepState = Literal["done", "current", "todo", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """One entry of the main navigation; entries with the same `group` stand under one heading."""

    title: str
    url: str
    icon: str = "chevron-right"
    active: bool = False
    badge: int = 0
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crumb:
    """One step of the path above a page's title; the last one has no address."""

    title: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """The signed-in person, as far as the page frame shows them. `key` names their drafts in the browser."""

    name: str
    role: str
    key: str
    organisation: str = ""
    unread: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where the frame's own links lead; an empty address leaves its link out.

    `bell` answers with the number of unread messages, for the bell to ask once a minute.
    """

    home: str = "/"
    privacy: str = ""
    sign_in: str = ""
    sign_out: str = ""
    account: str = ""
    inbox: str = ""
    bell: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a list: `optional` ones can be hidden, `end` ones hold numbers."""

    key: str
    title: str
    sortable: bool = False
    end: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One station of a timeline."""

    title: str
    state: StepState = "todo"
    at: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """Where a reader is in a list: filters, order, page. Knows the addresses of all neighbours.

    `params` are the query's pairs without page, in their order; `sort` is a column key, with a
    minus in front when descending.
    """

    path: str
    params: tuple[tuple[str, str], ...]
    total: int
    page: int = 1
    per_page: int = 50

    @classmethod
    def read(
        cls, path: str, query: Iterable[tuple[str, str]], *, total: int, per_page: int = 50
    ) -> "ListState":
        """Return the state told by a request's path and query pairs; a page outside the list is moved in."""
        pairs = tuple((key, value) for key, value in query if value)
        asked = dict(pairs).get("page", "1")
        last = max(1, -(-total // per_page))
        page = min(max(1, int(asked)), last) if asked.isdecimal() and len(asked) < 9 else 1
        params = tuple(pair for pair in pairs if pair[0] != "page")
        return cls(path=path, params=params, total=total, page=page, per_page=per_page)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        """Return the number of the first row shown, counted from 1; 0 in an empty list."""
        return (self.page - 1) * self.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.total, self.page * self.per_page)

    @property
    def sort(self) -> str:
        return dict(self.params).get("sort", "")

    @property
    def search(self) -> str:
        return dict(self.params).get("q", "")

    def has(self, key: str, value: str) -> bool:
        return (key, value) in self.params

    def url(self, **changes: str | int | None) -> str:
        """Return the address of this list with some parameters set, or left out where None.

        Anything but a change of page starts again at page 1.
        """
        kept = [(key, value) for key, value in self.params if key not in changes]
        added = [(key, str(value)) for key, value in changes.items() if value is not None]
        query = urlencode(kept + added)
        return f"{self.path}?{query}" if query else self.path

    def toggle_url(self, key: str, value: str) -> str:
        """Return the address with one filter value added, or taken away when it is there."""
        if self.has(key, value):
            pairs = [pair for pair in self.params if pair != (key, value)]
        else:
            pairs = [*self.params, (key, value)]
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def sort_url(self, key: str) -> str:
        """Return the address sorted by a column; asked twice, the other way round."""
        return self.url(sort=f"-{key}" if self.sort == key else key)

    def direction(self, key: str) -> Literal["ascending", "descending", "none"]:
        """Return how a column is sorted, in the words of aria-sort."""
        if self.sort == key:
            return "ascending"
        return "descending" if self.sort == f"-{key}" else "none"

    def page_numbers(self) -> list[int]:
        """Return the pages worth a link: both ends and two around the current one; 0 marks a gap."""
        near = {1, self.pages, *range(self.page - 2, self.page + 3)}
        shown: list[int] = []
        for number in sorted(n for n in near if 1 <= n <= self.pages):
            if shown and number - shown[-1] > 1:
                shown.append(0)
            shown.append(number)
        return shown


def local_path(asked: str | None, default: str) -> str:
    """Return where to go next as asked for, when that is a path of this site; else `default`.

    Browsers read a backslash as a slash and skip control characters, so "/\\x" and "/\t/x" leave the site.
    """
    if not asked or not asked.startswith("/") or not asked.isprintable() or asked[1:2] in ("/", "\\"):
        return default
    return asked
