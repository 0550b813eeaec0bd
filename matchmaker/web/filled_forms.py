"""A page with a form as it came back: what was typed stands in it again, each message at its field.

The page is ours and freshly made; only what changes is written into it, the rest stays as it was.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from itertools import accumulate
from urllib.parse import urlsplit

from matchmaker.domain.problems import Problem

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_NEVER_GIVEN_BACK = frozenset({"hidden", "password", "file", "submit", "button", "image", "reset"})
_TICKED = frozenset({"checkbox", "radio"})
Attributes = dict[str, str | None]


@dataclass(slots=True, eq=False)
class _Element:
    """One element of the page with its places in the text; `tag_end` and `end` are where its two tags end."""

    tag: str
    given: Attributes
    start: int
    tag_end: int
    within: tuple["_Element", ...]
    inner_end: int = -1
    end: int = -1

    def __getitem__(self, name: str) -> str:
        return self.given.get(name) or ""

    @property
    def kind(self) -> str:
        return (self["type"] or "text").lower() if self.tag == "input" else self.tag

    def inside(self, *tags: str) -> "_Element | None":
        """Return the nearest of these elements that this one stands in."""
        return next((outer for outer in reversed(self.within) if outer.tag in tags), None)


class _Page(HTMLParser):
    """Reads a page into its elements; `text` is the whole of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[_Element] = []
        self._open: list[_Element] = []
        self._text = text
        self._lines = [0, *accumulate(len(line) for line in text.split("\n"))]
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        start = self._here()
        tag_end = start + len(self.get_starttag_text() or "")
        found = _Element(tag, dict(attributes), start, tag_end, tuple(self._open), tag_end, tag_end)
        self.elements.append(found)
        if tag not in _VOID:
            self._open.append(found)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if all(element.tag != tag for element in self._open):
            return
        here = self._here()
        while self._open:
            closed = self._open.pop()
            closed.inner_end, closed.end = here, here
            if closed.tag == tag:
                closed.end = self._text.find(">", here) + 1
                return

    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + line - 1 + column


@dataclass(slots=True)
class _Form:
    """A form with its own fields, and the button that sent it where that button has an address of its own."""

    element: _Element
    button: _Element | None
    fields: list[_Element] = field(default_factory=list)

    def agrees(self, posted: Mapping[str, Sequence[str]]) -> bool:
        """Say whether its hidden values are those that were sent: rows of a list have the same form each."""
        return all(
            one["name"] == "csrf_token" or one["value"] in posted.get(one["name"], ())
            for one in self.fields
            if one.kind == "hidden" and one["name"]
        )

    def around(self) -> tuple[_Element, ...]:
        return (*self.element.within, *(self.button.within if self.button else ()))

    def at(self, name: str) -> _Element | None:
        """Return the field that a message is about: of several dialogs of one form, that of the button."""
        named = [one for one in self.fields if one["name"] == name and one.kind != "hidden"]
        dialog = self.button.inside("dialog") if self.button else None
        near = [one for one in named if dialog is None or dialog in one.within]
        return next(iter(near or named), None)


def given_back(
    page: str,
    *,
    address: str,
    sent_to: str,
    posted: Mapping[str, Sequence[str]],
    problems: Sequence[Problem],
    words: Callable[[str, Sequence[Problem]], str],
    summary: Callable[[Mapping[str, str]], str],
) -> str | None:
    """Return the page with its form to `sent_to` filled in as it was posted; None if it has none.

    `address` is the page's own, to which forms without an address are sent wherever it is shown.
    `words` makes the messages at a field (the id they get, what is wrong); `summary` what is said on top,
    given the id of the field for each name that was found. Secrets and files are not given back.
    """
    read = _Page(page)
    form = _sent_form(read, sent_to, address=address, posted=posted)
    if form is None:
        return None
    edits = _addressed(read.elements, address) | dict(_filled(form, read.elements, posted))
    ids = {}
    for name in dict.fromkeys(problem.field for problem in problems):
        if (wrong := form.at(name)) is not None:
            own = [problem for problem in problems if problem.field == name]
            ids[name] = _mark(edits, wrong, own, words)
    for outer in form.around():
        if outer.tag == "details" and "open" not in outer.given:
            edits[outer.start, outer.tag_end] = _tag(outer.tag, outer.given | {"open": None})
    return _with(page, edits | _on_top(read.elements, summary(ids)))


def changed_meanwhile(
    page: str, *, address: str, sent_to: str, posted: Mapping[str, Sequence[str]]
) -> dict[str, str] | None:
    """Return what the fields of a fresh form hold that were sent otherwise, by name and as people read it.

    None where there is no such form, or one without a `version`: it takes no notice of what others save.
    """
    read = _Page(page)
    form = _sent_form(read, sent_to, address=address, posted=posted)
    if form is None or all(one["name"] != "version" for one in form.fields):
        return None
    now: dict[str, str] = {}
    for one in form.fields:
        sent = posted.get(one["name"], ())
        if one.kind in _NEVER_GIVEN_BACK or one.kind in _TICKED or one["name"] in now or not sent:
            continue
        value, words = _held(page, one, read.elements)
        if value.split() != sent[0].split():
            now[one["name"]] = words
    return now


def _held(page: str, one: _Element, elements: Sequence[_Element]) -> tuple[str, str]:
    """Return the value of a field and how it reads."""
    if one.tag == "textarea":
        text = unescape(page[one.tag_end : one.inner_end]).strip()
        return text, text
    if one.tag == "input":
        return one["value"], one["value"]
    options = [each for each in elements if each.tag == "option" and one in each.within]
    chosen = next((each for each in options if "selected" in each.given), options[0] if options else None)
    return (
        (chosen["value"], unescape(page[chosen.tag_end : chosen.inner_end]).strip()) if chosen else ("", "")
    )


def _sent_form(
    read: _Page, sent_to: str, *, address: str, posted: Mapping[str, Sequence[str]]
) -> _Form | None:
    forms = list(_forms(read.elements, sent_to, address=address))
    return next((one for one in forms if one.agrees(posted)), forms[0] if len(forms) == 1 else None)


def with_summary(page: str, summary: str, *, address: str) -> str:
    """Return the page of an address with words on top of its main part, to be shown at another."""
    elements = _Page(page).elements
    return _with(page, _addressed(elements, address) | _on_top(elements, summary))


def _addressed(elements: Sequence[_Element], address: str) -> dict[tuple[int, int], str]:
    silent = (one for one in elements if one.tag == "form" and not one["action"])
    return {(one.start, one.tag_end): _tag("form", one.given | {"action": address}) for one in silent}


def _forms(elements: Sequence[_Element], sent_to: str, *, address: str) -> Iterator[_Form]:
    held: dict[str, list[_Element]] = {}
    for one in elements:
        if one.tag in ("input", "select", "textarea", "button"):
            held.setdefault(one["form"] or _key(one.inside("form")), []).append(one)
    for form in elements:
        if form.tag != "form" or form["method"].lower() != "post":
            continue
        own = [*held.get(_key(form), ()), *(held.get(form["id"], ()) if form["id"] else ())]
        button = next((one for one in own if _path(one["formaction"]) == sent_to), None)
        if button is not None or _path(form["action"] or address) == sent_to:
            yield _Form(form, button, [one for one in own if one.tag != "button" and one["name"]])


def _key(form: _Element | None) -> str:
    return f"at {form.start}" if form else ""


def _path(address: str) -> str:
    return urlsplit(address).path


def _filled(
    form: _Form, elements: Sequence[_Element], posted: Mapping[str, Sequence[str]]
) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield what is written where, so that the fields hold what was sent."""
    seen: dict[str, int] = {}
    for one in form.fields:
        if one.kind in _NEVER_GIVEN_BACK:
            continue
        sent = posted.get(one["name"], ())
        if one.kind in _TICKED:
            yield (
                (one.start, one.tag_end),
                _tag("input", _chosen(one, "checked", chosen=one["value"] in sent)),
            )
            continue
        at = seen[one["name"]] = seen.get(one["name"], -1) + 1
        if at >= len(sent):
            continue
        if one.tag == "textarea":
            yield (one.tag_end, one.inner_end), "\n" + escape(sent[at])
        elif one.tag == "input":
            yield (one.start, one.tag_end), _tag("input", one.given | {"value": sent[at]})
        else:
            for entry in (each for each in elements if each.tag == "option" and one in each.within):
                chosen = _chosen(entry, "selected", chosen=entry["value"] == sent[at])
                yield (entry.start, entry.tag_end), _tag("option", chosen)


def _chosen(one: _Element, how: str, *, chosen: bool) -> Attributes:
    kept = {name: value for name, value in one.given.items() if name != how}
    return kept | {how: None} if chosen else kept


def _mark(
    edits: dict[tuple[int, int], str],
    wrong: _Element,
    problems: Sequence[Problem],
    words: Callable[[str, Sequence[Problem]], str],
) -> str:
    """Write messages behind a field, and into the field that they are about it; return its id."""
    name = wrong["id"] or f"refused-{wrong['name']}"
    hints = f"{wrong['aria-describedby']} {name}-refused".strip()
    marks: Attributes = {"id": name, "aria-invalid": "true", "aria-describedby": hints}
    before = _Page(edits.get((wrong.start, wrong.tag_end), "")).elements
    given = before[0].given if before else wrong.given
    css: Attributes = {"class": f"{wrong['class']} is-wrong".strip()} if wrong.kind not in _TICKED else {}
    edits[wrong.start, wrong.tag_end] = _tag(wrong.tag, given | marks | css)
    place = _place(wrong)
    edits[place, place] = words(f"{name}-refused", problems)
    return name


def _place(wrong: _Element) -> int:
    """Return where a message of this field stands: at the end of what holds it, or just behind it."""
    for outer in reversed(wrong.within):
        if outer.tag == "fieldset" or "field" in (outer["class"]).split():
            return outer.inner_end
    label = wrong.inside("label")
    return label.end if label else wrong.end


def _on_top(elements: Sequence[_Element], words: str) -> dict[tuple[int, int], str]:
    main = next((one for one in elements if one.tag == "main"), None)
    return {(main.tag_end, main.tag_end): words} if main else {}


def _tag(tag: str, given: Attributes) -> str:
    written = (name if value is None else f'{name}="{escape(value)}"' for name, value in given.items())
    return f"<{' '.join((tag, *written))}>"


def _with(page: str, edits: Mapping[tuple[int, int], str]) -> str:
    for (start, end), words in sorted(edits.items(), reverse=True):
        page = page[:start] + words + page[end:]
    return page
