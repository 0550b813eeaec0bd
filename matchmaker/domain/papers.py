"""A paper as pages of blocks, so that the page on screen, the Word file and the workbook say the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, TypeAlias

FILL_IN = "【待填】"


class Shape(StrEnum):
    """Size and direction of a paper; CARD is A4 without margins, folded in the middle."""

    A4 = "a4"
    A4_WIDE = "a4-wide"
    A3_WIDE = "a3-wide"
    CARD = "bare"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading inside a page."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A paragraph; `plain` ones are not indented, `end` ones stand at the right (signatures)."""

    kind: ClassVar[str] = "words"
    text: str
    plain: bool = False
    end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table. `widths` are shares of the page; `tall` rows leave room for a pen, `small` ones save it."""

    kind: ClassVar[str] = "grid"
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int] = ()
    tall: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tent:
    """What stands folded on a table: a number or a name in large letters, smaller lines under it."""

    kind: ClassVar[str] = "tent"
    name: str
    number: str = ""
    organisation: str = ""
    lines: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A small card to wear; its square code says `link`, and `code` is the picture as a data address."""

    kind: ClassVar[str] = "badge"
    name: str
    organisation: str
    role: str
    number: str = ""
    link: str = ""
    code: str = ""


Block: TypeAlias = Heading | Words | Grid | Tent | Badge


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page, or with `flows` as many as its blocks need."""

    title: str = ""
    sub: str = ""
    blocks: Sequence[Block] = ()
    foot: str = ""
    flows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A flat table for the workbook, where a paper has one."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A whole paper. `formal` ones are set in the typefaces of official letters."""

    title: str
    pages: Sequence[Page]
    shape: Shape = Shape.A4
    formal: bool = False
    sheet: Sheet | None = None
    facts: Sequence[tuple[str, str]] = field(default=())

    @property
    def missing(self) -> int:
        """How many places somebody has to fill in by hand."""
        return sum(_text_of(block).count(FILL_IN) for page in self.pages for block in page.blocks)


def _text_of(block: Block) -> str:
    if isinstance(block, Heading | Words):
        return block.text
    if isinstance(block, Grid):
        return " ".join(cell for row in block.rows for cell in row)
    return block.name
