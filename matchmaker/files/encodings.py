"""In which encoding a text file was saved; where that cannot be told, what to ask."""

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache

LABELS = {
    "utf-8": "UTF-8",
    "gb18030": "简体中文（GB18030/GBK）",
    "big5hkscs": "繁体中文（Big5）",
    "utf-16-le": "UTF-16（小端）",
    "utf-16-be": "UTF-16（大端）",
    "utf-32-le": "UTF-32（小端）",
    "utf-32-be": "UTF-32（大端）",
    "cp1252": "西欧文字（Windows-1252）",
    "shift_jis": "日文（Shift-JIS）",
    "euc_kr": "韩文（EUC-KR）",
    "cp1251": "西里尔文（Windows-1251）",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_FOREIGN = ("shift_jis", "euc_kr", "cp1252", "cp1251")
_SAMPLE_BYTES = 65_536
# Fewer Chinese characters than this and GBK cannot be told from Big5 by how common they are.
_ENOUGH_CHARACTERS = 12
_CLEAR_SCORE = 0.8
_CLEAR_LEAD = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """The likeliest encoding; `certain` False when a person must choose among `candidates`."""

    encoding: str
    certain: bool
    candidates: tuple[str, ...] = ()


def detect(content: bytes) -> Detection:
    """Return the encoding of a text file.

    A mark at its start decides; then UTF-8, which nothing else looks like; then how common the
    characters are that GB18030 and Big5 make of the bytes. Too little text or no clear winner is
    uncertain: a wrong guess would pass unnoticed.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return Detection(encoding=encoding, certain=True)
    if _is_utf8(content):
        if _could_be_two_byte_chinese(content):
            return Detection(encoding="utf-8", certain=False, candidates=("utf-8", "gb18030"))
        return Detection(encoding="utf-8", certain=True)
    if b"\0" in content and (wide := _wide_encoding(content)):
        return wide
    if _utf8_lines(content):
        return Detection(encoding="utf-8", certain=True)
    return _by_common_characters(content)


def without_mark(content: bytes) -> bytes:
    """Return the bytes after a byte order mark, all of them when there is none."""
    for mark, _ in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :]
    return content


def _is_utf8(content: bytes) -> bool:
    """Valid UTF-8, and not UTF-16 of plain letters, which is valid UTF-8 full of zero bytes."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return content.count(0) * 20 < len(content) or len(content) < 4


def _could_be_two_byte_chinese(content: bytes) -> bool:
    """Whether the few characters beyond ASCII are two bytes each: GBK may happen to be UTF-8."""
    beyond = len(re.findall(rb"[\x80-\xff]", content[:_SAMPLE_BYTES]))
    pairs = len(re.findall(rb"[\xc2-\xdf][\x80-\xbf]", content[:_SAMPLE_BYTES]))
    words = re.search(rb"(?:[\xc2-\xdf][\x80-\xbf]){2}", content[:_SAMPLE_BYTES])
    return bool(words) and beyond == 2 * pairs < 12 and _score(content, "gb18030") == 1.0


def _utf8_lines(content: bytes) -> bool:
    """Whether some lines are beyond doubt UTF-8 while others are not: two encodings in one file."""
    strong = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2}")
    for line in content[: 4 * _SAMPLE_BYTES].split(b"\n"):
        if strong.search(line):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                continue
            return True
    return False


def _wide_encoding(content: bytes) -> Detection | None:
    sample = content[: _SAMPLE_BYTES // 4 * 4]
    scores = {encoding: _score(sample, encoding) for encoding in _WIDE}
    best = max(scores, key=lambda encoding: scores[encoding])
    return Detection(encoding=best, certain=True) if scores[best] > _CLEAR_SCORE else None


def _by_common_characters(content: bytes) -> Detection:
    sample = content[:_SAMPLE_BYTES]
    if len(content) > _SAMPLE_BYTES:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    if _isolated_share(sample) > 0.5:
        return Detection(
            encoding="cp1252", certain=False, candidates=("cp1252", "gb18030", "big5hkscs", "cp1251")
        )
    scores = {encoding: _score(sample, encoding) for encoding in ("gb18030", "big5hkscs")}
    best, other = sorted(scores, key=lambda encoding: -scores[encoding])
    foreign_kana = len(re.findall(rb"[\x82\x83][\x40-\xf1]", sample)) * 6 > len(
        re.findall(rb"[\x80-\xff]", sample)
    )
    enough = len(re.findall(rb"[\x80-\xff][\x40-\xff]", sample)) >= _ENOUGH_CHARACTERS
    korean = best == "gb18030" and _could_be_korean(sample)
    certain = (
        enough
        and not foreign_kana
        and not korean
        and scores[best] >= _CLEAR_SCORE
        and scores[best] - scores[other] >= _CLEAR_LEAD
    )
    others = _FOREIGN if scores[best] < _CLEAR_SCORE or foreign_kana or korean else ()
    return Detection(encoding=best, certain=certain, candidates=(best, other, *others))


def _could_be_korean(sample: bytes) -> bool:
    """Whether all characters lie in the rows of Korean syllables: Chinese uses those behind them, too."""
    leads = re.findall(rb"([\xa1-\xfe])[\xa1-\xfe]", sample)
    return bool(leads) and all(b"\xa1" <= lead <= b"\xc8" for lead in leads)


def _isolated_share(sample: bytes) -> float:
    """Return the share of high bytes that stand alone between ASCII, as western accents do."""
    high = len(re.findall(rb"[\x80-\xff]", sample))
    return (
        len(re.findall(rb"(?<![\x80-\xff])[\x80-\xff](?=[\x00-\x3f]|[A-Za-z][A-Za-z ,;])", sample)) / high
        if high
        else 0.0
    )


def _score(sample: bytes, encoding: str) -> float:
    """Return the share of characters, ASCII aside, that are common in this encoding's language."""
    text = sample.decode(encoding, "replace")
    if encoding in _WIDE:
        likely = sum(
            mark in _common("gb2312") or mark in _common("big5") or " " <= mark < "\x7f" or mark in "\r\n\t"
            for mark in text
        )
        return likely / len(text) if text else 0.0
    beyond = [mark for mark in text if mark > "\x7f"]
    common = _common("big5" if encoding == "big5hkscs" else "gb2312")
    return sum(mark in common for mark in beyond) / len(beyond) if beyond else 0.0


@lru_cache
def _common(charset: str) -> frozenset[str]:
    """Return the everyday characters of a charset (its first level) and its punctuation."""
    rows = range(0xB0, 0xD8) if charset == "gb2312" else range(0xA4, 0xC7)
    trails = range(0xA1, 0xFF) if charset == "gb2312" else [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    codes = bytes(part for row in rows for trail in trails for part in (row, trail))
    return frozenset(codes.decode(charset, "ignore")) | frozenset(
        "，。、；：？！“”‘’（）《》【】—…·％℃～＝／①②③④⑤×±≥≤μ　"
    )
