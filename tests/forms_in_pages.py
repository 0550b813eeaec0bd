"""The forms of a page as a browser sees them: where they go, and what each field would send."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_TYPED = {
    "email": "name@example.cn",
    "tel": "13800000000",
    "date": "2027-03-09",
    "time": "09:00",
    "datetime-local": "2027-03-09T09:00",
    "number": "1",
    "url": "https://example.cn",
}
_TEXT = ("text", "search", "")


@dataclass(slots=True)
class Form:
    """One form that posts: `fields` are what it sends untouched, `texts` the fields a person writes in."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    texts: dict[str, int] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    secret: bool = False

    def filled(self, name: str, text: str) -> dict[str, list[str]]:
        """Return what is sent with one text written, and something in every other field that needs it."""
        sent: dict[str, list[str]] = {}
        for key, value in self.fields:
            sent.setdefault(key, []).append(value)
        for key in self.required & set(self.texts):
            if not any(sent.get(key, [])):
                sent[key] = ["普通的文字"]
        return sent | {name: [text]}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: str = ""
        self._options: list[tuple[str, bool]] = []
        self._area: str = ""
        self._written = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attributes}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._form = Form(action=given.get("action", ""))
            self.forms.append(self._form)
        if self._form is None or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(self._form, name, given)
        elif tag == "textarea" and name:
            self._area, self._written = name, ""
            self._note(self._form, name, given, longest=2_000)
        elif tag == "select" and name:
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((given.get("value", ""), "selected" in given))
        elif tag == "button" and given.get("value") and all(name != key for key, _ in self._form.fields):
            self._form.fields.append((name, given["value"]))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._written += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if self._form is None:
            return
        if tag == "textarea" and self._area:
            self._form.fields.append((self._area, self._written))
            self._area = ""
        if tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected]
            chosen = chosen or [value for value, _ in self._options if value][:1]
            self._form.fields += [(self._select, value) for value in chosen[:1]]
            self._select = ""

    def _input(self, form: Form, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "").lower()
        if kind == "password":
            form.secret = True
        if kind in ("checkbox", "radio"):
            if kind == "checkbox" or all(name != key for key, _ in form.fields):
                form.fields.append((name, given.get("value", "on")))
        elif kind == "file":
            form.secret = True
        elif kind not in ("submit", "button", "reset", "image"):
            form.fields.append((name, given.get("value", "") or _TYPED.get(kind, "")))
            if kind in _TEXT:
                self._note(form, name, given, longest=200)

    def _note(self, form: Form, name: str, given: dict[str, str], *, longest: int) -> None:
        form.texts[name] = int(given.get("maxlength") or longest)
        if "required" in given:
            form.required.add(name)


def forms_of(page: str) -> list[Form]:
    """Return the forms of a page that post and have a field to write in."""
    reader = _Reader()
    reader.feed(page)
    return [form for form in reader.forms if form.texts]
