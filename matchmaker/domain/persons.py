"""Names of people as they stand in cells: alone, spaced out, or with a telephone, an address, a position."""

import re
from dataclasses import dataclass

from matchmaker.domain.parsed import plain_text, without_invisible
from matchmaker.domain.values import LONGEST_CONTACT, PHONE

_LONGEST_SPACED = 4
_LETTERS = re.compile(r"[一-鿿A-Za-z]")
_EMAIL = re.compile(r"[A-Za-z0-9][\w.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
_NAMES_APART = re.compile(r"[一-鿿·]{2,4}(?:\s+[一-鿿·]{2,4})+")
# A name, maybe with a title behind it; words like 微信同号 or 转 are none.
_PERSON_NAME = re.compile(
    r"(?!.*(?:微信|同号|电话|手机|座机|办公|分机|转|QQ|邮箱|号码|传真))[一-鿿·]{2,4}(?: ?\(?[一-鿿]{2,5}\)?)?"
)
_POSITION_APART = re.compile(r"\s*[/／|、,，;；（(]\s*")


def person_name(text: str) -> str:
    """Return a name without marks nobody sees, and 张　三 as 张三; two names beside each other stay apart."""
    name = " ".join(without_invisible(text).split())
    pieces = name.split(" ")
    apart = len(pieces) > 1 and (min(map(len, pieces)) == 1 or pieces[0] in COMPOUND_SURNAMES)
    spaced = apart and sum(map(len, pieces)) <= _LONGEST_SPACED
    return "".join(pieces) if spaced and all("一" <= letter <= "鿿" for letter in "".join(pieces)) else name


_NAME_WITH_REMARK = re.compile(r"([一-鿿·][一-鿿·\s]{1,7})[（(]([一-鿿、/ ]{1,12})[）)]")
_NO_POSITION = frozenset("男女") | {"已故", "签字", "签名", "学生", "外籍", "同上"}


def without_remark(text: str) -> tuple[str, str]:
    """Return (name, position) of 张三（博导）; any other text is all name."""
    found = _NAME_WITH_REMARK.fullmatch(text.strip())
    if found is None:
        return person_name(text), ""
    return person_name(found[1]), "" if found[2] in _NO_POSITION else found[2]


def without_others(text: str) -> str:
    """Return the name of 张三等5人, 张三团队 and 张三(1) without others and places in the list."""
    alone = _AND_OTHERS.sub("", text) if text[-1:] in _ENDS_OF_OTHERS else text
    return _COUNTED.sub("", alone)


# As most are, and too short to hold anything but a name: those of a long list need no closer look.
_PLAIN_NAME = re.compile(r"[一-鿿]{1,2}(?!等)[一-鿿]")


def person_names(part: str) -> tuple[str, ...]:
    """Return the names of one part of a list of people: 张三 李四 are two, 张 三 is one.

    Titles, places in the list, marks of who is written to and a last 等 are no part of a name.
    """
    if _PLAIN_NAME.fullmatch(part):
        return (part,)
    name = person_name(without_others(part.strip()))
    pieces = name.split() if _NAMES_APART.fullmatch(name) else [name]
    titles = [piece for piece in pieces if _TITLE_ALONE.fullmatch(piece)]
    if len(pieces) > len(titles):
        pieces = [piece for piece in pieces if piece not in titles]
    return tuple(name_and_title(piece)[0] for piece in pieces)


def name_and_title(text: str) -> tuple[str, str]:
    """Return (name, title) of 张三教授, 张三 教授, 张三/教授 and 教授 张三; any other text is all name.

    What is only a family name with a title stays as it is: 王教授, 欧阳老师.
    """
    if _PLAIN_NAME.fullmatch(text):
        return text, ""
    pieces = [piece for piece in _TITLE_APART.split(_SEX_BEHIND.sub("", text.strip())) if piece]
    titles = [piece for piece in pieces if _TITLE_ALONE.fullmatch(piece)]
    if titles and len(pieces) == len(titles) + 1:
        name = next(piece for piece in pieces if piece not in titles)
        return (name, "、".join(titles)) if _WHOLE_NAME.fullmatch(name) else (person_name(text), "")
    name = person_name(_SEX_BEHIND.sub("", text))
    found = None if titles else _NAME_WITH_TITLE.fullmatch(name)
    if found is None or len(found[1]) < _SHORTEST_NAME or found[1] in COMPOUND_SURNAMES:
        return name, ""
    return found[1], found[2]


def split_contact(raw: object) -> tuple[str, str]:
    """Return (name, rest) of a cell that holds a person and a telephone, in either order: 张三 13800000000.

    `rest` holds every number; the name is the first one, "" when there is none.
    """
    text = plain_text(raw)
    first = PHONE.search(text)
    if first is None:
        return (person_name(text), "") if _LETTERS.search(text) else ("", text)
    before, after = _bare_name(text[: first.start()]), text[first.start() :]
    if before:
        return before, after
    names = contact_names(after)
    return (names[0] if names else ""), after


def split_email(raw: object) -> tuple[str, str]:
    """Return (address, everything else) of a cell; the first address, "" when there is none."""
    text = plain_text(raw)
    found = _EMAIL.search(text) if "@" in text else None
    if found is None:
        return "", text
    rest = re.sub(r"(?:e-?mail|邮箱|邮件)\s*[:：]?\s*$", "", text[: found.start()], flags=re.IGNORECASE)
    return found[0], " ".join((rest + " " + text[found.end() :]).split())


def split_position(raw: object) -> tuple[str, str]:
    """Return (name, position) of a cell like 张 三（厂长） or 张三 厂长; the position may be ""."""
    text = person_name(plain_text(raw))
    mark = _POSITION_APART.search(text)
    name, position = (person_name(text[: mark.start()]), text[mark.end() :]) if mark else (text, "")
    if " " in name:  # no name spaced out: the blank is what parts them, as in 张三 厂长、书记
        name, position = text.split(" ", 1)
    position = position.strip(" )）")
    return (name, position) if name else (position, "")


_POSITION = (
    r"(?:副|常务副|执行|代理?|总|助理)*(?:董事长|总经理|经理|副总|厂长|社长|总工程师|总工艺师|总工|总监|总裁|总助|部长|主任|科长|处长|局长|院长|所长|校长|"
    r"书记|主管|主席|会长|秘书长|教授|研究员|工程师|高工|讲师|博士|博导|老师|法人|董事|负责人|专员|秘书|会计|文员|办事员|干事|主办|师傅)(?:助理)?"
)
_TITLED = re.compile(rf"([一-鿿]{{2,4}}?)({_POSITION})")
_TITLE = (
    r"(?:技术|工程|研发|生产|质量|品质|品管|质检|工艺|设备|项目|市场|销售|采购|供应|行政|人事|财务|综合|车间|安全|运营|信息|科技|业务)?"
    r"部?(?:正高级|副高级|高级|中级|初级|特聘|讲席|客座|首席|副?主任)*"
    rf"(?:{_POSITION}|医师|药师|护师|农艺师|畜牧师|院士|专家|科学家)"
)
_TITLE_ALONE = re.compile(rf"{_TITLE}(?:、{_TITLE})*")
_NAME_WITH_TITLE = re.compile(rf"([一-鿿]{{1,4}}?)({_TITLE})")
_WHOLE_NAME = re.compile(r"[一-鿿]{2,4}|[一-鿿]{1,6}·[一-鿿]{1,8}")
_TITLE_APART = re.compile(r"\s*[/／,，、;；]\s*|\s+")
_SEX_BEHIND = re.compile(r"(?<=[一-鿿]{2})\s+[男女]$")
_SHORTEST_NAME = 2
COMPOUND_SURNAMES = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "司徒",
    "端木",
    "令狐",
    "夏侯",
    "长孙",
)
# 张三(1), 张三*, 张三#: the place among the authors, and whom to write to
_COUNTED = re.compile(r"(?<=[一-鿿A-Za-z])\s*(?:[(（]\s*\d{1,2}\s*[)）]|[*＊#†‡]|[¹²³⁴⁵⁶⁷⁸⁹])+$")
_ENDS_OF_OTHERS = frozenset("等人位名队组")
# 张三等5人, 张三团队, 张三教授课题组
_AND_OTHERS = re.compile(
    r"(?<=[一-鿿]{2})\s*(?:等?\s*(?:\d{1,3}|[二三四五六七八九十]{1,3})\s*[人位名]|等"
    r"|(?<!创新|研发|科研|技术|攻关|专家|教师|项目|课题)等?的?(?:研[究发]|科研|创新)?(?:团队|课题组))$"
)
_HAS_ORG = re.compile(r".*(?:公司|集团|厂|大学|学院|研究院|研究所|中心|医院|合作社|协会)")
_LABELS = re.compile(
    r"(?:联系人|姓名|职务|职称|职位|部门|单位|电话|手机号?|联系电话|联系方式|号码|座机|邮箱|e-?mail)\s*[:：]",
    re.I,
)
_BETWEEN_PARTS = re.compile(r"[\n/／|｜、,，;；()（）+]+")
_BARE_NAME = re.compile(r"[一-鿿]{2,3}|[一-鿿]{4}|[一-鿿]{1,6}·[一-鿿]{1,8}|[A-Z][A-Za-z.' -]+")
_NOT_A_NAME = re.compile(rf".*(?:部|科|处|室|办|组|系|车间|中心|学院|{_POSITION})")
_SPACED_NAME = re.compile(r"(?<![一-鿿])([一-鿿])\s+([一-鿿])(?![一-鿿])")
_LATIN = re.compile(r"[A-Za-z.' -]+")


def is_bare_name(text: str) -> bool:
    """Whether a text is nothing but the name of one person; 技术部 and 王主任 are none."""
    return bool(_BARE_NAME.fullmatch(text)) and not _NOT_A_NAME.fullmatch(text)


def _words_of(piece: str) -> list[str]:
    """Return the words of a text between two marks: 张 三 and Tom Smith are one each."""
    text = _SPACED_NAME.sub(r"\1\2", piece.strip())
    return [text] if text and _LATIN.fullmatch(text) else text.split()


_ORG_ENDS = (
    "(?:公司|集团|厂|大学|学院|学校|研究院|研究所|科学院|研究中心|实验室|医院|合作社|协会"
    "|局|委员会|管委会|发改委|经信委|科委|政府|办事处|所|站|中心"
    "|(?:设计|规划|检测|质检|勘察|勘测)院|(?:职业|技工|中等|专科)(?:学校|中专|高中))"
)
# what may be a place of work, so that the words before a position are not a part of it
_ORG_LIKE = re.compile("[院委校镇乡]|股份|街道|园区|基地|银行|大队|工作室")
_OFFICE_HOLDER = "(?:副|代理?)?(?:镇长|乡长|县长|区长|站长|队长|校长|主编)"
_ORG_INSIDE = re.compile(_ORG_ENDS)
_ORG_BEFORE = re.compile(rf".*{_ORG_ENDS}")
_CAMPUS = "(?:[（(][一-鿿]{2,6}[)）])?"  # 某某大学（深圳）
_ORG_AND_RANK = re.compile(
    rf"(.+{_ORG_ENDS}{_CAMPUS})((?:副|助理)?(?:教授|研究员)|讲师|博士|博导|(?:正?高级)?(?:工程师|农艺师))"
)
_ORG_AND_HOLDER = re.compile(rf"(.+{_ORG_ENDS}|.+[镇乡县区]|.+街道)({_OFFICE_HOLDER})")
# not within 某某集团有限公司
_ORG_AND_POSITION = re.compile(rf"([^/、]+?{_ORG_ENDS}(?!股份|有限|公司))([一-鿿]{{0,8}}?{_POSITION})")


_BRACKETS_BEHIND = re.compile(r"(.+?)\s*[（(]\s*([^()（）]+?)\s*[)）]")
_JOB = re.compile(rf".*(?:{_POSITION}|{_OFFICE_HOLDER}|[师家员导])")


def split_org_position(raw: object) -> tuple[str, str]:
    """Return (organisation, position) of 某某大学 材料学院副院长 or 某某公司总经理; either may be ""."""
    text = plain_text(raw)[:LONGEST_CONTACT]
    bracketed = _BRACKETS_BEHIND.fullmatch(text)
    if bracketed and _ORG_BEFORE.fullmatch(bracketed[1]) and _JOB.fullmatch(bracketed[2]):
        return bracketed[1], bracketed[2]
    parts = re.split(r"\s*[/／|、,，;；]\s*|\s+", text, maxsplit=1)
    if len(parts) == 2 and _ORG_BEFORE.fullmatch(parts[0]) and not _LATIN.fullmatch(text):
        return parts[0], parts[1].strip()
    words = text.split()
    if len(words) == 2 and _ORG_BEFORE.fullmatch(words[0]) and not _LATIN.fullmatch(text):
        return words[0], words[1]
    if ranked := _ORG_AND_RANK.fullmatch(text) or _ORG_AND_HOLDER.fullmatch(text):
        return ranked[1], ranked[2]
    found = _ORG_AND_POSITION.fullmatch(text)
    # 某大学某学院院长 may be of either: what cannot be told apart stays together
    if found is not None and not re.search("[院所厂局]", found[2][:-2]):
        return found[1], found[2]
    ends_as_position = re.fullmatch(rf"[一-鿿]{{0,6}}{_POSITION}", text)
    told = _ORG_INSIDE.search(text) or _ORG_LIKE.search(text)
    return ("", text) if ends_as_position and not told else (text, "")


_DEPARTMENT_ENDS = "(?:学院|学部|系|研究院|研究所|所|中心|实验室|研究室|团队|课题组|[部处科室])"
_ORG_AND_DEPARTMENT = re.compile(
    r"(.{2,20}?大学(?:[（(].{2,6}[)）])?|.{2,30}?(?:科学院|研究院|研究总院|研究所|有限公司|集团|医院|农科院|厅|局))"
    rf"([一-鿿（）()、·]{{1,18}}?{_DEPARTMENT_ENDS})"
)
_DEPARTMENT = re.compile(rf".*(?:{_DEPARTMENT_ENDS}|[院办组])")
_ANOTHER_ORG = re.compile(".*(?:大学|公司|集团|合作社|厂)")


def split_org_department(raw: object) -> tuple[str, str]:
    """Return (organisation, department) of 某某大学 材料学院 or 某某大学材料学院; the second may be ""."""
    text = plain_text(raw)[:LONGEST_CONTACT]
    if _LATIN.fullmatch(text):
        return text, ""
    bracketed = _BRACKETS_BEHIND.fullmatch(text)
    if bracketed and _ORG_BEFORE.fullmatch(bracketed[1]) and _DEPARTMENT.fullmatch(bracketed[2]):
        return bracketed[1], bracketed[2]
    parts = re.split(r"\s*[/／|、,，;；-]\s*|\s+", text, maxsplit=1)
    in_two = len(re.split(r"\s*[/／|]\s*", text)) == 2
    if len(parts) == 2 and all(parts) and (in_two or _ORG_BEFORE.fullmatch(parts[0])):
        return (text, "") if _ANOTHER_ORG.fullmatch(parts[1]) else (parts[0], parts[1].strip())
    found = _ORG_AND_DEPARTMENT.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


def holds_position(text: str) -> bool:
    """Whether the name of an organisation ends in a position, so that it is more than a name."""
    return bool(re.search(rf"(?:{_POSITION}|{_OFFICE_HOLDER}|经理人|农艺师)$", text))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonParts:
    """What one cell tells of a person; `numbers` holds every telephone, as written.

    `others` are further names beside further telephones: 张三138…/李四139….
    """

    name: str = ""
    org: str = ""
    position: str = ""
    email: str = ""
    numbers: str = ""
    others: tuple[str, ...] = ()


def person_in_parts(raw: object) -> PersonParts:
    """Return the parts of a cell such as 鲁伟/总工/13857000201, in any order."""
    email, text = split_email(str(raw)[:LONGEST_CONTACT])
    numbers = "、".join(found[0].strip() for found in PHONE.finditer(text))
    bare = _LABELS.sub(" ", PHONE.sub(" ", text))
    words = [word for piece in _BETWEEN_PARTS.split(bare) for word in _words_of(piece)]
    org = next((word for word in words if _HAS_ORG.fullmatch(word)), "")
    rest = [word for word in words if word != org]
    names = [word for word in rest if is_bare_name(word)]
    name = next(iter(names), "")
    others = tuple(names[1:]) if "、" in numbers else ()
    positions = [word for word in rest if word != name and word not in others]
    if not name:
        titled = next((found for word in rest if (found := _TITLED.fullmatch(word))), None)
        if titled is not None:
            name = titled[1]
            positions = [titled[2] if word == titled[0] else word for word in rest]
    return PersonParts(
        name=name, org=org, position="、".join(positions), email=email, numbers=numbers, others=others
    )


def contact_names(text: str) -> tuple[str, ...]:
    """Return the names that stand between and behind the telephone numbers of a text."""
    pieces = (_bare_name(piece) for piece in PHONE.split(text)[:: PHONE.groups + 1])
    return tuple(dict.fromkeys(piece for piece in pieces if _PERSON_NAME.fullmatch(piece)))


def _bare_name(text: str) -> str:
    name = re.sub(
        r"(?:联系|负责|办公|单位|移动)?(?:电话|手机号?|座机|人|方式|号码)?[:：]|[,，;；/、\s(（]+$", "", text
    )
    name = name.strip(" ,，;；:：/、_=\"'")
    name = re.sub(r"^\(([^()]*)\)$", r"\1", name).removeprefix("(").removesuffix("(")
    name += ")" if name.count("(") > name.count(")") else ""
    return person_name(name) if _LETTERS.search(name) else ""
