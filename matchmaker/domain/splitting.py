"""Suggests where a text with several problems in it may be cut."""

import re
from dataclasses import dataclass

MOST_PARTS = 8
_SHORTEST = 6
_SHORTEST_NUMBERED = 4  # 余热利用
_TITLE_LENGTH = 40
# 一、 1. 1、 （1） 1) ① 第一， 其一： 需求一： at the start of a text, a line or a sentence
_NUMBER = re.compile(
    r"(?:(?<=^)|(?<=[\n。；;：:]))[ \t　]*"
    r"(?:[（(]?(?:[一二三四五六七八九十]{1,2}|\d{1,2})[）)、]|\d{1,2}[.．，](?!\d)|[A-H][.．、](?!\w\b)|[①-⑩]|[第其][一二三四五六七八九][，,、：:是]"
    r"|(?:技术)?(?:需求|问题|难题)(?:[一二三四五六七八九]|\d)[：:、])"
    r"[ \t　]*"
)
# in a name also behind a blank or a comma, where the numbers count up from one: 1.红茶陈味 2.茶渣利用
_NUMBER_IN_NAME = re.compile(
    r"(?:(?:^|(?<=[\n。；;：:，,、 \t　]))(?:(\d)[）)、]|(\d)[.．](?!\d)|([一二三四五六七八九])、)"
    r"|[（(](\d)[）)]|([①-⑨]))[ \t　]*"
)
_FIRST = frozenset("1①一")
_COUNTED = "①②③④⑤⑥⑦⑧⑨"
_COUNTED_IN_WORDS = "一二三四五六七八九"
_SHORTEST_NAME = 2
# the parts of one filled-in form, which are no needs of their own: 需求内容： 预期目标： 现有工作基础：
_SECTION = re.compile(r"[^，。；;：:\n]{0,6}(?:内容|问题|目标|基础|背景|现状|条件|指标|要求|概况)[：:]")
# what is numbered behind these is the one need's: 技术要求：1.…2.…
_OF_ONE_NEED = re.compile(
    r"(?:指标|要求|步骤|流程|工序|做法|效果|效益|帮助|协助|(?:研发|研究|开发|合作|服务|工作)内容|包括|具备|满足|规格|参数|标准|工作|难点|背景|条件|措施|尝试)"
    r"[^，。；;：:\n]{0,4}[：:]$"
)
# what the numbered parts of one need are called: 一、现状：… 二、目标：…, 1.研发内容 2.技术路线
_PART_OF_ONE = re.compile(
    r"(?:[一-鿿]{0,4}(?:现状|背景|目标|内容|指标|路线|成果|基础|条件|名称|方式|预算|投入|周期|进度|意义|必要性|概况|简介)"
    r"|(?:存在|主要|关键|技术|解决)*的?(?:问题|难点|难题|需求|要求))[^，。；;：:\n]{0,4}(?:[：:\n]|$)"
)
_LIMIT = re.compile(r"[≥≤≧≦＜＞<>±～~]")
_COUNTING_WORDS = tuple(
    tuple(re.compile(rf"(?:(?<=^)|(?<=[\n。；;：:，,]))[ \t　]*(?:{word})[，,：:]?") for word in words)
    for words in (
        ("首先", "其次|其二", "再次|再者|第三|此外|另外|最后"),
        ("一是", "二是", "三是", "四是", "五是"),
        ("一方面", "另一方面"),
    )
)
_WISH = re.compile(
    r"(?:我们?(?:公司|企业|厂|司)?|公司|企业|本厂|还|也|同时|并|另外?|此外|目前|现在?|迫切|特别|很)*"
    r"(?:希望|想要?|需要?(?!求)|急需|亟[需待]|寻求|寻找|求助|拟(?:开发|研发|引进|解决)|期望|期待|征集|求购)"
)
# what one need is to reach: 希望提高寿命；希望降低成本
_AIM = re.compile(
    rf"{_WISH.pattern}(?:进一步|能够?|大幅)?(?:提[高升]|降低|达到|控制|减少|缩短|延长|保[证持]|不|把|将|在)"
)
_NEAR_WISH = 12
_SEMICOLON = re.compile(r"[；;]\s*")
_PARAGRAPH = re.compile(r"\n\s*\n|\n")
_END = re.compile(r"[，。；;,.\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One suggested need: a short title and its text."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One way to cut: `way` is title, number, paragraph or semicolon; two pieces at least."""

    way: str
    pieces: tuple[Piece, ...]


def suggested_cuts(text: str, *, title: str = "") -> tuple[Cut, ...]:
    """Return the ways in which a need falls into two or more pieces, the most telling way first.

    What stands before the first number is an introduction and goes with every piece. A title that numbers
    several needs gives each its name, and the whole text unless that is numbered alike.
    """
    numbered = _by_numbers(text) or _by_words(text)
    cuts = (
        Cut(way="title", pieces=_by_title(title, text, numbered)),
        Cut(way="number", pieces=numbered),
        Cut(way="paragraph", pieces=_by_paragraphs(text)),
        Cut(way="semicolon", pieces=_pieces(_SEMICOLON.split(text.strip()))),
    )
    found: list[Cut] = []
    for cut in cuts:
        if len(cut.pieces) > 1 and cut.pieces not in [other.pieces for other in found]:
            found.append(cut)
    return tuple(found)


def several_needs(text: str, *, title: str = "") -> Cut | None:
    """Return the cut of a cell that numbers several needs, None where its numbers are of one need's parts.

    Those are limits to be kept, and whatever stands behind 技术要求： or 工艺步骤：. Parts behind 首先,
    其次, 一是, 二是 or semicolons must each say that something is wanted: 希望……；还需要…….
    """
    numbered = _by_numbers(text)
    named = _by_title(title, text, numbered)
    if len(named) > 1:
        return Cut(way="title", pieces=named)
    cut = Cut(way="number", pieces=numbered)
    if numbered and len(numbered) > 1:
        return None if _is_of_one(text, cut) else cut
    wishes = (Cut(way="number", pieces=_by_words(text)), Cut(way="semicolon", pieces=_by_semicolons(text)))
    return next((cut for cut in wishes if len(cut.pieces) > 1 and _are_wishes(cut)), None)


def _is_of_one(text: str, cut: Cut) -> bool:
    introduction = text[: _numbers(text)[0].start()].strip()
    if sum(bool(_PART_OF_ONE.match(piece.title)) for piece in cut.pieces) > 1:
        return True
    return bool(_OF_ONE_NEED.search(introduction)) or all(_LIMIT.search(piece.text) for piece in cut.pieces)


def _by_words(text: str) -> tuple[Piece, ...]:
    """Return the parts of a text that 首先 and 其次, or 一是 and 二是, begin; nothing out of order."""
    for words in _COUNTING_WORDS:
        marks = [next(word.finditer(text), None) for word in words]
        found = [mark for mark in marks if mark is not None]
        places = [mark.start() for mark in found]
        if len(found) < 2 or marks[0] is None or marks[1] is None or places != sorted(places):
            continue
        ends = [*places[1:], len(text)]
        return _pieces([text[mark.end() : end] for mark, end in zip(found, ends, strict=True)])
    return ()


def _by_semicolons(text: str) -> tuple[Piece, ...]:
    return _pieces(_SEMICOLON.split(text.strip().rstrip("。；;")))


def _are_wishes(cut: Cut) -> bool:
    """Whether each piece begins with wanting something of its own, and none is but a limit to be kept."""
    if any(_AIM.match(piece.text) for piece in cut.pieces):
        return False
    return all(_WISH.match(piece.text) and not _LIMIT.search(piece.text[:_NEAR_WISH]) for piece in cut.pieces)


def _numbers(text: str) -> list[re.Match[str]]:
    """Return the numbers of a text, at least two: at the start of sentences, else counting up from one."""
    marks = list(_NUMBER.finditer(text))
    return marks if len(marks) > 1 else _counting_up(text, behind="：:。\n")


def _counting_up(text: str, *, behind: str) -> list[re.Match[str]]:
    if not _FIRST & set(text):
        return []
    marks = list(_NUMBER_IN_NAME.finditer(text))
    if len(marks) < 2 or (marks[0].start() and text[marks[0].start() - 1] not in behind):
        return []
    return marks if [_counted(mark) for mark in marks] == list(range(1, len(marks) + 1)) else []


def _by_numbers(text: str) -> tuple[Piece, ...]:
    marks = _numbers(text)
    if not marks:
        return ()
    introduction = text[: marks[0].start()].strip()
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    bodies = [_trimmed(text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]
    # a numbered piece is called by the line its number stands on, not by its last sub-item
    pieces = [
        Piece(title=_title(body.partition("\n")[0]), text=f"{introduction}\n{body}".strip())
        for body in bodies
    ]
    return tuple(piece for piece in pieces if len(piece.text) >= _SHORTEST_NUMBERED)[:MOST_PARTS]


def _names_in(title: str) -> list[str]:
    """Return the names that a title numbers from one on, at least two; nothing for one name."""
    marks = _counting_up(title, behind="：:") if len(title) > 2 * _SHORTEST_NAME else []
    if not marks:
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(title)]
    names = [title[mark.end() : end].strip(_AROUND_NAMES) for mark, end in zip(marks, ends, strict=True)]
    return names[:MOST_PARTS] if all(len(name) >= _SHORTEST_NAME for name in names) else []


_AROUND_NAMES = " \t　\n；;，,、。：:"


def _counted(mark: re.Match[str]) -> int:
    said = next(filter(None, mark.groups()))
    return int(said) if said.isdecimal() else max(_COUNTED.find(said), _COUNTED_IN_WORDS.find(said)) + 1


def _by_title(title: str, text: str, numbered: tuple[Piece, ...]) -> tuple[Piece, ...]:
    names = _names_in(title)
    alike = len(names) == len(numbered)
    return tuple(
        Piece(title=name[:_TITLE_LENGTH], text=numbered[place].text if alike else text.strip() or name)
        for place, name in enumerate(names)
    )


def _by_paragraphs(text: str) -> tuple[Piece, ...]:
    pieces = _pieces(_PARAGRAPH.split(text.strip()))
    sections = sum(1 for piece in pieces if _SECTION.match(piece.text))
    return () if sections > 1 and 2 * sections >= len(pieces) else pieces


def _pieces(parts: list[str]) -> tuple[Piece, ...]:
    kept = [_trimmed(part) for part in parts]
    kept = [part for part in kept if len(part) >= _SHORTEST][:MOST_PARTS]
    return tuple(Piece(title=_title(part), text=part) for part in kept)


def _trimmed(part: str) -> str:
    return part.strip(" \t　\n；;")


def _title(part: str) -> str:
    """Return the first clause of the piece's own line as its title."""
    return _END.split(part.rpartition("\n")[2], maxsplit=1)[0].strip(" \t　：:")[:_TITLE_LENGTH]
