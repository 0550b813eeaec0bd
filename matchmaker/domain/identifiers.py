"""Numbers that name things — patents, enterprises — with their check digits, and names made comparable."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from operator import mul

from matchmaker.domain.characters import simplified
from matchmaker.domain.parsed import BLANKS, Parsed, plain_text
from matchmaker.domain.problems import Problem, Severity


class PatentForm(StrEnum):
    """Which of the numbers of a patent was written."""

    APPLICATION = "application"
    PUBLICATION = "publication"
    INTERNATIONAL = "international"


class PatentType(StrEnum):
    """What an application number says it protects."""

    INVENTION = "invention"
    UTILITY = "utility"
    DESIGN = "design"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patent:
    """One number of a patent. `number` has neither prefix ZL nor spaces: 201910123456.7, CN110123456A.

    `granted` is True only when ZL stood before it, `check_ok` None when there is no check digit.
    """

    number: str
    form: PatentForm
    type: PatentType | None = None
    granted: bool = False
    check_ok: bool | None = None

    def __str__(self) -> str:
        return f"ZL{self.number}" if self.granted else self.number


_PATENT = re.compile(
    r"(?P<zl>ZL)?\s*(?:CN)?\s*(?<!\d)(?P<year>(?:19[89]|20[0-4])\d)\s*(?P<type>[12389])\s*(?P<serial>\d{7})(?:\s*[.。·]?\s*(?P<check>[\dX](?![\d])))?(?!\d)"
    r"|(?P<old_zl>ZL)?\s*(?:CN)?\s*(?<!\d)(?P<old>(?:8[5-9]|9\d|0[0-3])[1238]\d{5})\s*\.\s*(?P<old_check>[\dX])(?!\d)"
    r"|CN\s?(?P<publication>\d{7,9}\s?[ABCUYS]\d?)(?![A-Z\d])"
    r"|(?P<pct>PCT\s?/\s?[A-Z]{2}\s?\d{2,4}\s?/\s?\d{5,6}|WO\s?\d{4}\s?/?\s?\d{6}|(?:US|EP|JP)\s?\d{6,11}\s?[A-Z]\d?)",
    re.IGNORECASE,
)
_TYPES = {
    "1": PatentType.INVENTION,
    "8": PatentType.INVENTION,
    "2": PatentType.UTILITY,
    "9": PatentType.UTILITY,
    "3": PatentType.DESIGN,
}
_REMEMBERED_LENGTH = 200
_PATENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_OLD_PATENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9)


def parse_patents(raw: object) -> Parsed[tuple[Patent, ...]]:
    """Return every patent number in a cell, each once, in order.

    A wrong check digit is a warning, never a reason to keep the row out: typing errors in old lists
    are common. Words without a number (已授权发明专利2项) give no value and no complaint.
    """
    text = plain_text(raw).replace("．", ".")
    return _parse_patents(text) if len(text) <= _REMEMBERED_LENGTH else _parse_patents.__wrapped__(text)


@lru_cache(maxsize=1024)  # of a row the same is asked several times
def _parse_patents(text: str) -> Parsed[tuple[Patent, ...]]:
    if text in BLANKS:
        return Parsed(value=None)
    patents = tuple(dict.fromkeys(_patent(found) for found in _PATENT.finditer(text)))
    if not patents:
        return Parsed(value=None)
    return Parsed(
        value=patents,
        problems=tuple(_wrong_check(patent) for patent in patents if patent.check_ok is False),
    )


def _patent(found: re.Match[str]) -> Patent:
    if found["publication"]:
        number = "CN" + found["publication"].replace(" ", "").upper()
        return Patent(number=number, form=PatentForm.PUBLICATION)
    if found["pct"]:
        return Patent(
            number=re.sub(r"\s", "", found["pct"]).upper(),
            form=PatentForm.INTERNATIONAL,
        )
    digits = found["old"] or found["year"] + found["type"] + found["serial"]
    check = (found["old_check"] or found["check"] or "").upper()
    return Patent(
        number=f"{digits}.{check}" if check else digits,
        form=PatentForm.APPLICATION,
        type=_TYPES[digits[2] if found["old"] else found["type"]],
        granted=bool(found["zl"] or found["old_zl"]),
        check_ok=patent_check_ok(digits, check) if check else None,
    )


def patent_check_ok(digits: str, check: str) -> bool:
    """Return whether `check` is the check digit of a 12-digit (before 2003: 8-digit) application number."""
    weights = _PATENT_WEIGHTS if len(digits) == 12 else _OLD_PATENT_WEIGHTS
    return check == _check_digit(digits, weights)


def _check_digit(digits: str, weights: Sequence[int]) -> str:
    rest = sum(map(mul, map(int, digits), weights)) % 11
    return "X" if rest == 10 else str(rest)


def patent_key(patent: Patent) -> str:
    """Return what all ways to write one number have in common."""
    if patent.form is PatentForm.PUBLICATION:
        return re.sub(r"[A-Z]\d?$", "", patent.number)
    if patent.form is PatentForm.APPLICATION and len(patent.number) == 12:
        return f"{patent.number}.{_check_digit(patent.number, _PATENT_WEIGHTS)}"
    return patent.number


def _wrong_check(patent: Patent) -> Problem:
    message = f"专利号 {patent} 的校验位不对，可能有一位写错，请核对；不影响导入。"
    return Problem(field="", code="patent_check_digit", message=message, severity=Severity.WARNING)


_USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


# A code within words: its name before it, a remark like (三证合一) behind it.
_USCC_IN_WORDS = re.compile(r"[^0-9A-Z]*([0-9A-Z]{18})[^0-9A-Z]*")


def clean_uscc(raw: object) -> str:
    """Return a unified social credit code as it should be written: half-width, capitals, nothing else."""
    code = re.sub(r"[\s-]", "", plain_text(raw)).upper()
    found = _USCC_IN_WORDS.fullmatch(code) if len(code) > 18 else None
    return found[1] if found else code


def uscc_problem(raw: object) -> Problem | None:
    """Return what is wrong with a unified social credit code (GB 32100-2015), None when it is right or empty.

    Weights are the powers of 3 modulo 31. A former 9-character organisation code is let pass.
    """
    code = clean_uscc(raw)
    if code in BLANKS or re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code):
        return None
    if len(code) != 18 or any(character not in _USCC_CHARACTERS for character in code):
        message = f"统一社会信用代码“{code}”应为 18 位数字和大写字母（不含 I、O、Z、S、V），请核对。"
        return Problem(field="", code="uscc_form", message=message, severity=Severity.WARNING)
    weighted = sum(_USCC_CHARACTERS.index(code[place]) * pow(3, place, 31) for place in range(17))
    if _USCC_CHARACTERS[-weighted % 31] == code[17]:
        return None
    message = f"统一社会信用代码“{code}”的校验位不对，可能有一位写错，请核对。"
    return Problem(field="", code="uscc_check_digit", message=message, severity=Severity.WARNING)


_STAMPS = re.compile(
    r"[（(\[【]\s*(?:盖章|公章|签章|单位公章|加盖公章|章|签字|全称|必填)[^）)\]】]{0,6}[）)\]】]"
)


def clean_org_name(raw: object) -> str:
    """Return an organisation's name as it may be stored: no stamp note, no spaces, Chinese brackets."""
    text = _STAMPS.sub("", plain_text(raw))
    if re.search(r"[一-鿿]", text):
        text = text.replace(" ", "").replace("(", "（").replace(")", "）")
    return text.strip(" 　,，;；:：。、*")


def normal_org_name(name: object) -> str:
    """Return the form in which two spellings of one organisation's name are equal.

    Brackets vanish but what stands in them stays: 浙江大学(宁波理工) must never equal 浙江大学.
    A college stays apart from its university; other names of one body belong into the alias table.
    """
    return _normal_org_name(name if isinstance(name, str) else plain_text(name))


@lru_cache(maxsize=4096)  # a list names the same firms again and again, and each several times
def _normal_org_name(name: str) -> str:
    text = simplified(unicodedata.normalize("NFKC", clean_org_name(name)).casefold())
    return re.sub(r"[\s()\[\]【】〔〕.,·\-—'\"“”]", "", text)


_NEITHER_LETTER_NOR_DIGIT = re.compile(r"[\W_]+")


def normal_title(title: object) -> str:
    """Return the form in which two spellings of one title are equal: no spaces, no punctuation, one width."""
    text = simplified(unicodedata.normalize("NFKC", str(title or "")).casefold())
    return _NEITHER_LETTER_NOR_DIGIT.sub("", text)


TITLE_KEY_LENGTH = 200
_SHORTEST_TEXT = 30


@lru_cache(maxsize=1024)  # asked several times while a batch of rows is judged and brought in
def need_title_key(title: str) -> str:
    """Return what the needs of one title, in any spelling, have in common; cut to what a column takes."""
    return normal_title(title)[:TITLE_KEY_LENGTH]


@lru_cache(maxsize=1024)
def need_text_key(problem: str) -> str:
    """Return 32 characters that the needs of one text have in common, "" for a text that says too little."""
    text = normal_title(problem)
    return blake2b(text.encode(), digest_size=16).hexdigest() if len(text) >= _SHORTEST_TEXT else ""
