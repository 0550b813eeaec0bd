"""Texts that were written in a form on the web and come out with its marks: <p>气孔率<b>3%</b></p>."""

import html
import re

_TAG = re.compile(
    r"</?(?:p|br|div|span|b|strong|em|i|u|sup|sub|font|ul|ol|li|h[1-6])(?:\s[^<>]{0,300})?/?>", re.IGNORECASE
)
_BEGINS = re.compile(r"<(?:p|div|span|ul|ol|h[1-6])[\s>]", re.IGNORECASE)
_ENDS = re.compile(r"(?:</(?:p|div|span|ul|ol|h[1-6])>|<br\s*/?>)\s*$", re.IGNORECASE)
_RAISED = re.compile(r"(?<=\d)<sup>\s{0,9}([-−+]?\d{1,9})\s{0,9}</sup>", re.IGNORECASE)
_BREAK = re.compile(r"(?:</(?:p|div|li|h[1-6])>|<br\s*/?>)\s*", re.IGNORECASE)


def without_markup(text: str) -> str | None:
    """Return what a page would show of a text that is whole paragraphs of one; None of any other text.

    Text that only has a tag somewhere, or tags that do more than set words, stays as it is.
    """
    if not _BEGINS.match(text) or not _ENDS.search(text[-200:]):
        return None
    bare = _TAG.sub("", _BREAK.sub("\n", _RAISED.sub(_raised, text)))
    if re.search(r"</?[A-Za-z]", bare):
        return None
    lines = (" ".join(line.split()) for line in html.unescape(bare).splitlines())
    return "\n".join(line for line in lines if line)


def _raised(found: re.Match[str]) -> str:
    """Write a power so that it stays one: 10<sup>6</sup> as 10^6."""
    return f"^{found[1].replace('−', '-')}"
