"""What is crossed out in an .xlsx: whole cells by their style, words by the runs of their text.

Whoever takes a row off a shared list crosses it out rather than deleting it. Runs inside the child process.
"""

import re
import zipfile
from dataclasses import dataclass

_STRIKE = re.compile(rb'<(?:\w+:)?strike\b(?![^>]*\bval="(?:0|false)")')
_FONTS = re.compile(rb"<(?:\w+:)?fonts\b.*?</(?:\w+:)?fonts>", re.DOTALL)
_FONT = re.compile(rb"<(?:\w+:)?font\b(?:[^>]*/>|.*?</(?:\w+:)?font>)", re.DOTALL)
_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_FORMAT = re.compile(rb"<(?:\w+:)?xf\b[^>]*>")
_FONT_ID = re.compile(rb'\bfontId="(\d+)"')
_TEXT = re.compile(rb"<(?:\w+:)?si\b(?:[^>]*/>|.*?</(?:\w+:)?si>)", re.DOTALL)
_RUN = re.compile(rb"<(?:\w+:)?r\b[^>]*>.*?</(?:\w+:)?r>", re.DOTALL)
_STYLE = re.compile(rb'\bs="(\d+)"')
_SHARED = re.compile(rb'\bt="s"')
FILLED_CELL = re.compile(
    rb"<(?:\w+:)?c\s(?P<about>[^>]*[^/>])>(?:\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>))?"
    rb"\s*(?:<(?:\w+:)?v>(?P<value>[^<]*)</(?:\w+:)?v>|(?P<inline><(?:\w+:)?is>.*?</(?:\w+:)?is>))",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strikes:
    """The numbers of cell styles and of shared texts that are crossed out, whole or in part."""

    styles: frozenset[bytes] = frozenset()
    whole: frozenset[bytes] = frozenset()
    part: frozenset[bytes] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.styles or self.whole or self.part)

    def how_much(self, cell: re.Match[bytes]) -> str:
        """Return "whole", "part" or "" for a cell found by FILLED_CELL."""
        style = _STYLE.search(cell["about"])
        if style is not None and style[1] in self.styles:
            return "whole"
        if cell["inline"]:
            return _how_much(cell["inline"])
        if _SHARED.search(cell["about"]) is None:
            return ""
        return "whole" if cell["value"] in self.whole else "part" if cell["value"] in self.part else ""


NO_STRIKES = Strikes()


def read_strikes(archive: zipfile.ZipFile) -> Strikes:
    """Return what styles and shared texts of an .xlsx are crossed out."""
    styles = _styles(_member(archive, "xl/styles.xml"))
    whole, part = _texts(_member(archive, "xl/sharedStrings.xml"))
    return Strikes(styles=styles, whole=whole, part=part)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    content = archive.read(name) if name in archive.namelist() else b""
    return content if _STRIKE.search(content) else b""


def _styles(content: bytes) -> frozenset[bytes]:
    fonts, formats = _FONTS.search(content), _FORMATS.search(content)
    if fonts is None or formats is None:
        return frozenset()
    struck = {str(at).encode() for at, font in enumerate(_FONT.findall(fonts[0])) if _STRIKE.search(font)}
    used = [_FONT_ID.search(xf) for xf in _FORMAT.findall(formats[0])]
    return frozenset(str(at).encode() for at, font in enumerate(used) if font and font[1] in struck)


def _texts(content: bytes) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Return the numbers of texts whose runs are all crossed out, and of those of which some are."""
    whole: set[bytes] = set()
    part: set[bytes] = set()
    for at, text in enumerate(_TEXT.findall(content)):
        struck = _how_much(text)
        if struck:
            (whole if struck == "whole" else part).add(str(at).encode())
    return frozenset(whole), frozenset(part)


def _how_much(text: bytes) -> str:
    """Return "whole" or "part" when all or some runs of a text are crossed out, else ""."""
    runs = [bool(_STRIKE.search(run)) for run in _RUN.findall(text)] if _STRIKE.search(text) else []
    return "" if not any(runs) else "whole" if all(runs) else "part"
