"""Lines of a form that hold a label and its value in one text: 名称：内容, several to a line or a text."""

import re
from collections.abc import Iterator

from matchmaker.files.form_cells import asks_for_text
from matchmaker.files.headers import RecordKind, is_known, likely_fields

_LABELLED = re.compile(
    r"\s*(?:[一二三四五六七八九十\d]{1,3}[、.．)）]\s*)?([^：:，。；\s][^：:，。；\n]{0,19}?)\s*[：:][^\S\n]*(.*)",
    re.DOTALL,
)
# What is printed on a form for people to write on: underscores, blanks, and dots by the row.
_FILLING = re.compile(r"(?:[\s_＿]++|[…‥]{3,}+|[.．·]{4,}+)*+")

_FRAMED = re.compile(r"[【〖\[]\s{0,9}([^【】〖〗\[\]]{2,12}?)\s{0,9}[】〗\]]\s*+[:：]?[ \t]*")
_FRAMED_FIRST = re.compile(r"\s*[【〖]\s{0,9}([一-鿿]{2,8})\s{0,9}[】〗]\s*+[:：]?[ \t]*")
_SPACED = re.compile(r"(?<=[\s；;])[一-鿿](?:[ \u3000]{1,4}[一-鿿]){1,3}(?=\s?[：:])")
_LINE_LEFT = re.compile(r"[_＿]{2,}")

_MARK = re.compile("[：:】〗\\]]")  # what ends a label; most texts have none

# Another label in the same line stands after a gap: 联系人：张三____ 联系电话：138…
_NEXT_LABEL = re.compile(r"(?<![\s_＿…；;，,])[\s_＿…；;，,]++([^\s：:，。；_＿…]{2,12}?)\s*[：:]")


def written(value: str) -> str:
    """Return what was written on a line of a form, without the line."""
    begun = _without_filling(value)
    return _LINE_LEFT.sub("", _without_filling(begun[::-1])[::-1])


def _without_filling(value: str) -> str:
    filling = _FILLING.match(value)
    return value[filling.end() :] if filling else value


def _unframed(line: str) -> str:
    """Return a line with 【技术指标】 as 技术指标：, where the frame holds a listed label."""
    if not _FRAMED.search(line):
        return line
    if first := _FRAMED_FIRST.match(line):  # 【联系】 where others say 【企业名称】
        line = f"{first[1]}：{line[first.end() :]}"
    return _FRAMED.sub(lambda found: f"  {found[1]}：" if is_known(found[1]) else found[0], line).strip()


def _unspaced(line: str) -> str:
    """Return a line with 电  话： as 电话：, where the word is a listed label."""
    if not _SPACED.search(line):
        return line
    return _SPACED.sub(lambda found: word if is_known(word := "".join(found[0].split())) else found[0], line)


def labelled_parts(line: str) -> list[tuple[str, str]]:
    """Return the labels of a line like 联系人：张三  联系电话：138… with their values."""
    whole = _LABELLED.fullmatch(_unspaced(_unframed(line)))
    if whole is None:
        return []
    parts = []
    label, rest = whole[1], whole[2]
    for found in _NEXT_LABEL.finditer(whole[2]):
        if is_known(found[1]) or _is_apart(label, found):
            value = whole[2][len(whole[2]) - len(rest) : found.start()]
            parts.append((label, written(value)))
            label, rest = found[1], whole[2][found.end() :]
    return [*parts, (label, rest)]


_TABS = re.compile(r"\t+|[ 　]{2,}")


def tabbed_parts(line: str) -> list[tuple[str, str]]:
    """Return the labels of a line like 联系人→张三→手机→138…, parted by tabs or wide gaps."""
    cells = _TABS.split(line.strip())
    known = [is_known(cell) for cell in cells]
    if len(cells) > 1 and known[0] and not any(known[1:]):
        return [(cells[0], " ".join(cells[1:]))]
    alternate = len(cells) % 2 == 0 and all(known[::2]) and not any(known[1::2])
    return list(zip(cells[::2], cells[1::2], strict=True)) if alternate else []


def _is_apart(label: str, found: re.Match[str]) -> bool:
    """Whether a label that no list has stands behind a wide gap, in no long text: 性别：女    出生年月：…."""
    wide = len(found[0]) - len(found[0].lstrip()) > 2 or "\t" in found[0]
    return (
        wide and bool(re.fullmatch("[㐀-鿿]{2,6}", found[1])) and is_known(label) and not asks_for_text(label)
    )


def labelled_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each known label at the start of a line with all that follows up to the next."""
    label, value = "", ""
    for line in text.splitlines() if _MARK.search(text) else ():
        found = labelled_parts(line)
        if found and (is_known(found[0][0]) or (label and is_likely(found[0][0]))):
            if label:
                yield label, written(value)
            yield from found[:-1]
            label, value = found[-1]
        else:
            value += "\n" + line
    if label:
        yield label, written(value)


def is_likely(text: str) -> bool:
    """Whether a label that no list has hints at a field."""
    return any(likely_fields(kind, text) for kind in RecordKind)
