"""What makes an achievement complete, whose it is, and how two are known to be one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from matchmaker.domain.identifiers import normal_title, parse_patents, patent_key
from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.states import Disclosure, OrganisationKind, RecordType
from matchmaker.domain.values import split_list
from matchmaker.domain.written_contacts import bare_of_contacts, contacts_in

TITLE_LENGTH = 300
TEXT_LABELS = {
    "title": "成果名称",
    "summary": "成果简介",
    "application": "应用与效益",
    "keywords": "关键词",
}
# shown to everybody as they stand, in lists and papers; longer texts hide contacts where they are shown
SHOWN_AS_TOLD = {
    "title": "成果名称",
    "owner_text": "完成单位",
    "authors_text": "完成人",
    "price_text": "价格",
    "industry": "应用行业",
    "field_text": "技术领域",
    "keywords": "关键词",
    "classification": "分类号、发表刊物",
}
_NAME_LONGEST_LATIN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class AchievementDraft:
    """What a person or a list says of an achievement; names are those of the table's columns."""

    record_type: RecordType
    title: str
    owner_text: str = ""
    summary: str = ""
    application: str = ""
    keywords: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    field_text: str = ""
    industry: str = ""
    authors_text: str = ""
    maturity: str = ""
    tech_level: str = ""
    ach_form: str = ""
    coop_modes: tuple[str, ...] = ()
    price_text: str = ""
    price_min_fen: int | None = None
    price_max_fen: int | None = None
    ip_type: str = ""
    patent_nos: tuple[str, ...] = ()
    classification: str = ""
    completed_on: date | None = None
    region: str = ""
    disclosure: Disclosure = Disclosure.PUBLIC


def check_achievement(draft: AchievementDraft) -> list[Problem]:
    """Return everything wrong with a draft: errors keep it out, warnings do not."""
    problems = []
    if not title_key(draft.title):
        problems.append(Problem(field="title", code="title_missing", message="请填写成果名称。"))
    elif len(draft.title) > TITLE_LENGTH:
        message = f"成果名称超过 {TITLE_LENGTH} 字，请只写名称，内容写进简介。"
        problems.append(Problem(field="title", code="title_long", message=message))
    if not draft.summary.strip():
        problems.append(
            Problem(
                field="summary",
                code="summary_missing",
                message="没有成果简介，推荐匹配会很少，建议补充。",
                severity=Severity.WARNING,
            )
        )
    problems += parse_patents("；".join(draft.patent_nos)).problems
    problems += [
        Problem(
            field=name,
            code="contacts",
            message=f"“{SHOWN_AS_TOLD[name]}”里有联系方式“{held}”：这里人人看得到，请写到“联系人”里。",
        )
        for name, held in contacts_where_shown({name: getattr(draft, name) for name in SHOWN_AS_TOLD})
    ]
    return problems


def contacts_where_shown(values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield (column, contacts) for what is shown to everybody as it stands, by column of the table."""
    told = [str(values.get(name, "")) for name in SHOWN_AS_TOLD]
    if contacts_in("\n".join(told)):  # most rows are passed over by one look
        for name in SHOWN_AS_TOLD:
            text = _in_one_line(values.get(name) or "")
            held = contacts_in(text)
            if held and (name != "title" or bare_of_contacts(text)):  # a number may be all that names it
                yield name, "、".join(held)


def _in_one_line(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@lru_cache(maxsize=1024)
def title_key(title: str) -> str:
    """Return the form of a title in which two spellings are equal."""
    return normal_title(title)[:TITLE_LENGTH]


def patent_keys(numbers: Sequence[str]) -> tuple[str, ...]:
    """Return the numbers by which an achievement may be recognised.

    A number with a wrong check digit is no proof of identity: in real lists one made-up number
    stands in many rows. One patent has one key however it is written: with or without ZL or the check
    digit, published as an application (A) or as granted (B).
    """
    return _patent_keys("；".join(numbers))


@lru_cache(maxsize=1024)  # asked when a row is judged and when it is brought in
def _patent_keys(numbers: str) -> tuple[str, ...]:
    found = parse_patents(numbers).value or ()
    return tuple(dict.fromkeys(patent_key(patent) for patent in found if patent.check_ok is not False))


def owners(text: str) -> tuple[str, ...]:
    """Return the units of a 完成单位 cell; the first is the owner."""
    return split_list(text)


def makers(text: str) -> tuple[str, ...]:
    """Return the names in a list of makers that can be names of people."""
    return tuple(name for name in split_list(text) if _is_name(name))


def _is_name(text: str) -> bool:
    if any("一" <= character <= "鿿" for character in text):
        return 2 <= len(text.replace("·", "")) <= 12 and not any(mark in text for mark in "等大学院公司所（(")
    return 2 <= len(text) <= _NAME_LONGEST_LATIN and not any(character.isdigit() for character in text)


_KIND_MARKS = (
    (OrganisationKind.ENTERPRISE, ("公司", "集团", "厂")),
    (
        OrganisationKind.INSTITUTE,
        ("研究所", "研究院", "研究中心", "科学院", "工程院", "实验室", "设计院", "医院", "站"),
    ),
    (OrganisationKind.UNIVERSITY, ("大学", "学院", "学校", "党校")),
)


def owner_kind(name: str) -> OrganisationKind:
    """Return what kind of organisation an owner probably is, by its name; the last word decides."""
    best, place = OrganisationKind.OTHER, -1
    for kind, marks in _KIND_MARKS:
        for mark in marks:
            found = name.rfind(mark)
            if found > place:
                best, place = kind, found
    return best
