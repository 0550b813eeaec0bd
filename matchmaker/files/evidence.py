"""What the values of a column look like, to decide where its header leaves a choice."""

import itertools
import re
from collections.abc import Callable, Sequence

from matchmaker import resources
from matchmaker.domain import identifiers, persons
from matchmaker.domain.parsed import BLANKS, plain_text
from matchmaker.domain.values import LONGEST_CONTACT
from matchmaker.files.book import Cell
from matchmaker.files.headers import Field
from matchmaker.files.readers import field_codes, reader_for

_ORG = re.compile(
    r".*(?:公司|集团|厂|企业|大学|学院|学校|研究院|研究所|研究中心|实验室|医院|合作社|中心|协会|学会|商会|联盟|基地|局|处|厅|馆|站|院|所|社|农场|工作室)(?:[（(].*[)）])?",
    re.DOTALL,
)
_UNIT_WORDS = frozenset(
    [
        "元",
        "万元",
        "亿元",
        "台",
        "套",
        "个",
        "件",
        "项",
        "吨",
        "公斤",
        "千克",
        "米",
        "平方米",
        "人",
        "次",
        "年",
        "月",
    ]
)
_PERSON = re.compile(r"[一-鿿]{2,4}|[一-鿿]{1,6}·[一-鿿]{1,8}|[A-Za-z]+(?: [A-Za-z.]+){1,3}")


def filled(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells that say something, each as far as it tells what it is."""
    begun = (cell[:LONGEST_CONTACT].strip() if type(cell) is str else cell for cell in cells)
    return [cell for cell in begun if plain_text(cell) not in BLANKS]


def share(cells: Sequence[Cell], test: Callable[[Cell], bool]) -> float:
    """Return the share of cells that pass; 0 for none."""
    return sum(test(cell) for cell in cells) / len(cells) if cells else 0.0


def fit(field: Field, cells: Sequence[Cell], *, header: str = "") -> float | None:
    """Return how well a column's values suit a field, 0–1; None where any text would do."""
    test = _TESTS.get(field.type)
    if test is not None:
        return share(cells, test)
    if field.type.startswith("enum") or field.type in (
        "phone",
        "email",
        "money",
        "date",
        "datetime",
        "period",
    ):
        read = reader_for(field, header=header)
        return share(cells, lambda cell: bool(read(cell)[0]))
    return None


def is_industry(cell: Cell) -> bool:
    """Whether a cell names a section or division of GB/T 4754, or gives its code."""
    text = plain_text(cell)
    if re.fullmatch(r"[A-T](?:\d{2,4})?|\d{2,4}", text):
        return True
    return text in _industry_names() or text.endswith(("业", "产业"))


def _industry_names() -> frozenset[str]:
    return frozenset(row["name"] for row in resources.config_rows("gbt4754_2017_level1_2"))


def is_serial(cells: Sequence[Cell]) -> bool:
    """Whether a column just counts: 1, 2, 3 … with gaps for blank cells allowed."""
    numbers = [plain_text(cell) for cell in cells]
    if not numbers or not all(re.fullmatch(r"\d{1,6}", number) for number in numbers):
        return False
    counted = [int(number) for number in numbers]
    rising = all(0 < after - before <= 3 for before, after in itertools.pairwise(counted))
    return rising and counted[0] <= 3 + len(counted)


def is_unit_of_measure(cells: Sequence[Cell]) -> bool:
    """Whether a 单位 column holds units of measure, not organisations."""
    return share(cells, lambda cell: plain_text(cell) in _UNIT_WORDS) > 0.5


def is_unit_of_money(cells: Sequence[Cell]) -> bool:
    """Whether a 单位 column says in what the amounts beside it are: 万元, 元."""
    return share(cells, lambda cell: plain_text(cell).endswith("元")) == 1.0


def holds_contacts(cells: Sequence[Cell]) -> bool:
    """Whether most cells hold a person's name beside a telephone."""
    return share(cells, lambda cell: all(persons.split_contact(cell))) > 0.5


def _is_org(cell: Cell) -> bool:
    return bool(_ORG.fullmatch(plain_text(cell)))


_TESTS: dict[str, Callable[[Cell], bool]] = {
    "industry": is_industry,
    "enum:tech_field": lambda cell: bool(field_codes(plain_text(cell))),
    "org": _is_org,
    "org_list": _is_org,
    "person": lambda cell: bool(_PERSON.fullmatch(plain_text(cell))),
    "uscc": lambda cell: len(identifiers.clean_uscc(cell)) in (9, 18),
    "patent_list": lambda cell: identifiers.parse_patents(cell).value is not None,
    "int1-9": lambda cell: plain_text(cell) in tuple("123456789"),
}
