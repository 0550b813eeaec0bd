"""The words of column headers: cleaned, and looked up in config/columns.json."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from matchmaker import resources
from matchmaker.domain.characters import simplified
from matchmaker.domain.parsed import without_invisible
from matchmaker.files.qualified import unqualified


class RecordKind(StrEnum):
    """What one row of a list is about."""

    NEED = "need"
    ACHIEVEMENT = "achievement"
    CONTRACT = "contract"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A canonical field: `zh` its name for people, `type` as in config/columns.json."""

    id: str
    zh: str
    type: str
    required: bool


# A serial number restarts on every sheet and names nothing.
RETURNED_COLUMNS = ("原文件位置", "需要修改")
"""The headers that the workbook of problem rows adds; reading it again leaves these columns out."""

SERIAL_HEADERS = frozenset({"序号", "no", "no.", "序", "行号", "编次", "№", "项次", "#"})
_BRACKETS = re.compile(r"[(\[【〔<《][^()\[\]【】〔〕<>《》]*[)\]】〕>》]")
_NUMBERING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.]|\(?\d{1,2}[)、.](?!\d)|\([一二三四五六七八九十]{1,3}\)|[①-⑳]|q\d{1,2}[.、:]?(?=[一-鿿]))"
)
_MARKS = re.compile(r"[*※★☆#:·\"'“”]|^[、.]|[、.]$")
_ALTERNATIVES = re.compile(r"[/、或及和与&]")
_LISTED = re.compile(r"[/、或及和与&+,;]")


@lru_cache(maxsize=8192)
def clean_header(text: str) -> str:
    """Return a header as one bare word: without brackets and their words, spaces, numbering, stars."""
    cleaned = _squeezed(text)
    bare = _MARKS.sub("", _BRACKETS.sub("", cleaned))
    return bare or full_header(text)


@lru_cache(maxsize=8192)
def full_header(text: str) -> str:
    """Return a header with the words that stand in brackets kept, the brackets gone."""
    return _MARKS.sub("", re.sub(r"[()\[\]【】〔〕<>《》]", "", _squeezed(text)))


_ASKED = re.compile(
    r"^请?(?:问(?!题)|(?:简要|简单|详细|如实)?(?:描述|填写|说明|介绍|输入|选择))+(?:一下)?(?=.{2})"
)
_ASKED_OF = re.compile(r"^[您你贵](?=企业|公司|单位|厂)|^[您你](?:的|们的)?(?=.{2})")
_ASKING_END = re.compile(r"(?:的?是|是什么|是多少|有哪些|为)?[?？]$")


# The choices to tick that a header offers are none of its words: 合作方式□转让□许可.
_BOXES = re.compile("[□☐☑☒]")
_HOW_TO_TICK = re.compile(r"\([^()]{0,4}[□☐][^()□☐]{0,4}[√✓✔划选打勾][^()□☐]{0,4}\)")  # (请在□内打√)


def _squeezed(text: str) -> str:
    visible = without_invisible(unicodedata.normalize("NFKC", text))
    squeezed = re.sub(r"[\s_]+", "", visible).casefold()
    squeezed = _BOXES.split(_HOW_TO_TICK.sub("", squeezed), maxsplit=1)[0] or squeezed
    return simplified(_without_asking(_NUMBERING.sub("", squeezed.lstrip("*※★☆"))))


def _without_asking(word: str) -> str:
    """Return the header in a question of a form on the web: 贵企业的名称是？ → 企业名称."""
    ended = _ASKING_END.sub("", word)
    named = _ASKED_OF.sub("", _ASKED.sub("", ended))
    return re.sub(r"^(企业|公司|单位)的(?=.{2,4}$)", r"\1", named)


@lru_cache
def fields(kind: RecordKind) -> dict[str, Field]:
    """Return canonical id → field, in the order of config/columns.json."""
    return {
        entry["id"]: Field(id=entry["id"], zh=entry["zh"], type=entry["type"], required=entry["required"])
        for entry in resources.config_json("columns")[kind.value]
    }


@lru_cache
def lexicon(kind: RecordKind) -> dict[str, tuple[str, ...]]:
    """Return every cleaned header word → the fields it may name, the likeliest first."""
    words: dict[str, dict[str, None]] = {}
    for entry in resources.config_json("columns")[kind.value]:
        for word in (entry["zh"], *entry["synonyms"]):
            for form in {clean_header(word), full_header(word)}:
                words.setdefault(form, {})[entry["id"]] = None
    # A word that is the very name of a field names it before those that merely list it.
    for entry in resources.config_json("columns")[kind.value]:
        named = words[clean_header(entry["zh"])]
        words[clean_header(entry["zh"])] = {entry["id"]: None, **named}
    return {word: tuple(ids) for word, ids in words.items() if word not in SERIAL_HEADERS}


@lru_cache
def known_words() -> frozenset[str]:
    """Return every header word of every kind, and the words for serial numbers and remarks."""
    words = {word for kind in RecordKind for word in lexicon(kind)}
    return frozenset(words | SERIAL_HEADERS | {"备注", "说明"})


def is_known(text: object) -> bool:
    """Whether a cell could be the header of a column."""
    if not isinstance(text, str) or len(text) > 40 or not text.strip():
        return False
    bare, full = clean_header(text), full_header(text)
    known = known_words()
    words = [bare, full, chinese_part(bare)]
    if len(full) > len(bare):
        words.append(chinese_part(full))
    if any(word in known for word in words):
        return True
    pieces = alternatives(bare)
    listed = len(pieces) > 1 and all(piece in known for piece in pieces)
    return listed or any(
        form[-1:] in _ends() and any(_named_by_parts(kind, form) for kind in RecordKind)
        for form in dict.fromkeys((bare, full))
    )


def names_title(text: str) -> bool:
    """Whether a header may name the title of a need, an achievement or a contract."""
    return any("title" in look_up(kind, (text,)) for kind in RecordKind)


_FOREIGN_WORD = re.compile(r"[a-z]{3,}|[a-z]{2,}\.|no$")


def chinese_part(word: str) -> str:
    """Return the Chinese of a cleaned header in two languages (company企业名称); "" when it is not one."""
    return re.sub("[^一-鿿]", "", word) if _FOREIGN_WORD.search(word) else ""


def alternatives(word: str) -> list[str]:
    """Return the words of 联系人及电话 or 手机/电话; a single word alone."""
    return [piece for piece in _ALTERNATIVES.split(word) if piece]


def look_up(kind: RecordKind, parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fields that a header may name, the likeliest first; `parts` run from the top level down.

    A two-level header is tried as one word first (联系人 + 姓名), then by its lower level. Under a
    parent that is itself a field of another person (法人代表) a bare 电话 names nothing.
    """
    words = lexicon(kind)
    lower, upper = parts[-1], parts[:-1]
    stems = [stem for part in upper for stem in _stems(clean_header(part))]
    for joined in (*(stem + clean_header(lower) for stem in stems), "".join((*stems, clean_header(lower)))):
        if upper and joined in words:
            return words[joined]
    for stem in stems:
        owner = words.get(stem, ())
        another = bool(owner) and _is_another(kind, owner[0], stem)
        if owner and clean_header(lower) in _BARE_NAMES and (another or _is_person(kind, owner[0])):
            return owner
        if another:
            return ()
    return _by_lower_level(kind, lower, stems)


def _by_lower_level(kind: RecordKind, lower: str, stems: Sequence[str]) -> tuple[str, ...]:
    words = lexicon(kind)
    for form in _forms_of(lower):
        if form in words:
            return words[form]
    if bound_of(lower):
        whole = _BOUND.sub("", clean_header(lower))
        named = words.get(whole) or (_named_by_parts(kind, whole),)
        return tuple(name for name in named if name and fields(kind)[name].type == "money")
    whole = clean_header(lower)  # 拟洽谈成果或专家 is one thing, not a 专家
    if named := ((name,) if (name := _composed_field(kind, whole)) else _composite(words, whole)):
        return named
    chinese = chinese_part(clean_header(lower))
    forms = (
        clean_header(lower),
        full_header(lower),
        chinese,
        *(stem + clean_header(lower) for stem in stems),
    )
    if named := next(((name,) for form in forms if (name := _named_by_parts(kind, form))), ()):
        return named
    inside = _IN_BRACKETS.search(lower)  # 高校院所（乙方）: what stands in brackets says it in other words
    return words.get(clean_header(inside[1]), ()) if inside and kind is RecordKind.CONTRACT else ()


_IN_BRACKETS = re.compile(r"[(（]([^()（）]{2,10})[)）]\s*[:：?？]?\s*$")


@lru_cache
def _compositions(kind: RecordKind) -> tuple[tuple[str, re.Pattern[str]], ...]:
    stored = resources.config_json("header_hints")["composed"][kind.value]
    return tuple((name, re.compile(pattern)) for name, pattern in stored)


_LONGEST_COMPOSED = 20


@lru_cache
def _ends() -> frozenset[str]:
    """Return what headers end in: hardly any other text does, which need then be held against none."""
    return frozenset(word[-1] for word in known_words()) | frozenset("要细否少决")


@lru_cache(maxsize=8192)
def _composed_field(kind: RecordKind, word: str) -> str:
    """Return the field that a header made of known parts names (拟转让方式, 技术需求简述); "" for none."""
    if not 2 <= len(word) <= _LONGEST_COMPOSED:
        return ""
    return next((name for name, pattern in _compositions(kind) if pattern.fullmatch(word)), "")


@lru_cache(maxsize=8192)
def _named_by_parts(kind: RecordKind, word: str) -> str:
    """Return the field of a composed header, or of one behind words that change nothing: 提出的技术需求."""
    if name := _composed_field(kind, word):
        return name
    for rest, allowed in unqualified(kind, word) if len(word) <= _LONGEST_COMPOSED else ():
        named = lexicon(kind).get(rest, (_composed_field(kind, rest),))[0]
        if named in allowed:
            return named
    return ""


def _forms_of(text: str) -> tuple[str, ...]:
    """Return what a header may be looked up by: title(需求名称) by its Chinese, too."""
    full, bare = full_header(text), clean_header(text)
    return full, bare, chinese_part(bare), chinese_part(full)


_BARE_NAMES = ("姓名", "名称", "名字")


def _is_person(kind: RecordKind, name: str) -> bool:
    return fields(kind)[name].type == "person"


_BOUND = re.compile(r"^(?:最低|最高)|(?:上限|下限|最低|最高)(?:值|额)?$")


def bound_of(header: str) -> str:
    """Return "low" or "high" for 投入下限 and 最高预算, which name one end of a range; else ""."""
    found = _BOUND.search(clean_header(header))
    if found is None:
        return ""
    return "low" if "低" in found[0] or "下" in found[0] else "high"


_ABOUT_ITSELF = ("联系", "对接", "技术联系", "单位", "企业", "需求", "成果", "项目")


def _stems(word: str) -> list[str]:
    """Return what a group of columns is about: 成果基本情况 → 成果, 合作要求 → 合作, 联系人及电话."""
    stem = re.sub(r"(?:信息|情况|资料|概况|内容)$", "", word)
    bare = re.sub(r"(?:的?基本|相关|主要)$", "", stem)
    person = "联系人" if re.match(r"(?:联系|联络|对接)", stem) else ""
    whose = re.sub("^(?:企业|高校|院校|学校|院所)(?=.)", "", bare)
    wish = re.sub("(?<=合作|对接|转化)(?:要求|意向|意愿|需求|事项)$", "", bare)
    return list(dict.fromkeys(part for part in (stem, bare, person, whose, wish) if part))


def said_in_full(group: str, word: str) -> str:
    """Return 成果名称 for 名称 under 高校成果, where that is a listed word; else the word as it is."""
    joined = (stem + clean_header(word) for stem in _stems(clean_header(group)))
    return next((full for full in joined if full in known_words()), word)


def _is_another(kind: RecordKind, owner: str, stem: str) -> bool:
    """Whether a group of columns is about somebody who is not the one the list is about."""
    if kind is RecordKind.PEOPLE and owner == "name":
        return False
    return fields(kind)[owner].type in ("person", "org") and not stem.startswith(_ABOUT_ITSELF)


def _composite(words: dict[str, tuple[str, ...]], word: str) -> tuple[str, ...]:
    """Return the field of 手机/电话; a person with a number in one column is found by `is_contact`."""
    pieces = alternatives(word)
    found = {words[piece][0] for piece in pieces if piece in words}
    if len(found) == 2 and all(piece in words for piece in pieces):
        return tuple(found & _NUMBERS) if found & _NUMBERS and found & _ADDRESSES else ()
    return (found.pop(),) if len(found) == 1 else ()


# Of a cell below 联系电话/邮箱 the reader of numbers finds the address, too.
_NUMBERS = frozenset({"contact_mobile", "mobile", "contact_tel"})
_ADDRESSES = frozenset({"contact_email", "email"})


@lru_cache
def _hints(kind: RecordKind) -> tuple[re.Pattern[str], tuple[tuple[str, re.Pattern[str]], ...]]:
    stored = resources.config_json("header_hints")
    patterns = tuple((name, re.compile(pattern)) for name, pattern in stored["patterns"][kind.value])
    return re.compile(stored["words"][kind.value]), patterns


@lru_cache(maxsize=8192)
def likely_fields(kind: RecordKind, text: str) -> tuple[str, ...]:
    """Return what a header of unlisted words may name: to be offered, never taken silently."""
    _, patterns = _hints(kind)
    for word in dict.fromkeys((clean_header(text), full_header(text))):
        found = tuple(name for name, pattern in patterns if pattern.search(word))
        if found:
            return found
    return ()


def hints_at(kind: RecordKind, text: str) -> bool:
    """Whether a header of unlisted words has a word in it that tells what is listed."""
    return bool(_hints(kind)[0].search(full_header(text)))


@lru_cache(maxsize=8192)
def is_never_imported(text: str) -> bool:
    """Whether a header names what no list needs (身份证号), or the contact of an office: 镇街联系电话."""
    never = re.compile(resources.config_json("header_hints")["never"])
    return any(never.search(word) for word in (clean_header(text), full_header(text)))


_PERSON_WORDS = re.compile(r"联系人|负责人|姓名|对接人|联络人")
_ALSO_WRITTEN = re.compile(r"微信号?|qq号?|邮箱|e-?mail")
_PHONE_WORDS = re.compile(r"电话|手机|联系方式|号码")


def is_contact(header: str) -> bool:
    """Whether one column holds a person and a number: 联系人及手机."""
    inside = _IN_BRACKETS.search(header)  # 怎么联系您？（姓名+手机）
    told = clean_header(inside[1]) if inside and _CALLED.search(header) else ""
    return any(_is_person_with_number(word) for word in (clean_header(header), told) if word)


_CALLED = re.compile("联系|联络|对接|称呼|负责人")


def _is_person_with_number(word: str) -> bool:
    person, phone = _PERSON_WORDS.search(word), _PHONE_WORDS.search(word)
    pieces = [piece for piece in _LISTED.split(word) if piece and not _ALSO_WRITTEN.fullmatch(piece)]
    return bool(person and phone and len(pieces) == 2)


def is_org_with_code(kind: RecordKind, header: str) -> bool:
    """Whether one column holds an organisation and its code: 企业名称及统一社会信用代码."""
    words, pieces = lexicon(kind), alternatives(clean_header(header))
    named = [words.get(piece, ("",))[0] for piece in pieces]
    return len(named) == 2 and named[1] == "uscc" and named[0] == "enterprise_name"


_POSITION_WORDS = re.compile(r"职务|职位|职称|部门及职务")


def is_titled_person(header: str) -> bool:
    """Whether one column holds a person and a position: 联系人/职务, 负责人（职称）."""
    bare, full = clean_header(header), full_header(header)
    pieces = alternatives(bare)
    if len(pieces) == 1 and full.startswith(bare):
        pieces = [bare, full.removeprefix(bare)]
    return (
        len(pieces) == 2
        and bool(_PERSON_WORDS.search(pieces[0]))
        and bool(_POSITION_WORDS.fullmatch(pieces[1]))
    )


_PARTS_OF_PERSON = (
    ("org", re.compile("单位|企业|公司|学校")),
    ("name", _PERSON_WORDS),
    ("position", re.compile("职务|职位|职称")),
    ("phone", _PHONE_WORDS),
    ("email", re.compile("邮箱|e-?mail")),
)
_APART = re.compile(r"[/、,;或及和与&+|()\[\]-]")


def is_org_with_position(header: str) -> bool:
    """Whether one column holds an organisation and a position: 工作单位及职务."""
    pieces = alternatives(clean_header(header))
    told = [next((part for part, words in _PARTS_OF_PERSON if words.search(piece)), "") for piece in pieces]
    return told[:1] == ["org"] and set(told[1:]) == {"position"}


def parts_of_person(header: str) -> tuple[str, ...]:
    """Return what a column tells of a person where it is three things or more: 姓名/职务/电话."""
    squeezed = _MARKS.sub("", _squeezed(header))
    pieces = [piece for piece in _APART.split(squeezed) if piece and not _ALSO_WRITTEN.fullmatch(piece)]
    told = [next((part for part, words in _PARTS_OF_PERSON if words.search(piece)), "") for piece in pieces]
    also = ["email"] if "邮箱" in squeezed or "mail" in squeezed else []
    found = tuple(dict.fromkeys((*(part for part in told if part), *also)))
    whole = len(told) == len(set(told)) and "" not in told
    return found if whole and "name" in found and len(found) - len(also) > 2 else ()


def is_in_charge(header: str) -> bool:
    """Whether the person of such a column is the one in charge, not the one to call."""
    return bool(re.search("负责人|带头人|完成人", clean_header(header)))


def mostly_known(cells: Sequence[object], *, share: float) -> bool:
    """Whether this share of cells at least could be headers; stops looking as soon as they cannot."""
    left = int((1 - share) * len(cells) + 1e-9)
    for cell in cells:
        if not is_known(cell):
            left -= 1
            if left < 0:
                return False
    return True


def count_known(cells: Iterable[object]) -> int:
    """Return how many cells of a row could be headers."""
    return sum(is_known(cell) for cell in cells)
