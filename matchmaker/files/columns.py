"""Which field each column fills: by its header, then its values, then likeness; else it is asked."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace

from matchmaker.domain.parsed import plain_text
from matchmaker.files import evidence
from matchmaker.files.book import Cell
from matchmaker.files.findings import Column, HowMapped, Mapping, RecordKind
from matchmaker.files.headers import (
    SERIAL_HEADERS,
    Field,
    bound_of,
    clean_header,
    fields,
    full_header,
    is_never_imported,
    lexicon,
    likely_fields,
    look_up,
)
from matchmaker.files.joint_columns import contact_fields, joint_fields
from matchmaker.files.layout import Header
from matchmaker.files.place_columns import level_of, of_two_levels
from matchmaker.files.plain_columns import says_so_itself

_SAMPLED_ROWS = 200
_SHOWN_SAMPLES = 3
_ALIKE = 80  # rapidfuzz ratio from which two header words are offered as the same, never taken silently
_CLEARLY_UNFIT = 0.2
_ENOUGH_VALUES = 3
_FEWEST_TELLING = 2
# Several columns may fill one of these: their texts are joined under their headers, their numbers listed.
_JOINABLE = frozenset(
    {"longtext", "phone", "list", "person_list", "org_list", "patent_list", "enum_multi:ip_type"}
)
_COUNTS = re.compile("[数量]$|占比$|比例$|排名$")  # 需求数, 企业数量: how many there are, not what they are


def field_choices(kind: RecordKind) -> list[tuple[str, str]]:
    """Return (id, Chinese name) of every field a column may be given, in their order."""
    return [(field.id, field.zh) for field in fields(kind).values()]


def map_columns(
    headers: Sequence[Header],
    rows: Sequence[Sequence[Cell]],
    kind: RecordKind,
    *,
    remembered: Mapping | None = None,
) -> tuple[Column, ...]:
    """Return every column with the fields it fills.

    Never silently wrong: what only likeness or values suggest, what two columns claim, and what
    the values contradict carries a doubt. `remembered` was confirmed by a person and is replayed as
    it stands.
    """
    sampled = rows[:_SAMPLED_ROWS]
    drafts = [
        _Draft(header, [row[header.index] if header.index < len(row) else "" for row in sampled])
        for header in headers
    ]
    if remembered is not None and len(remembered.fields) == len(headers):
        return tuple(draft.chosen(names) for draft, names in zip(drafts, remembered.fields, strict=True))
    columns = [draft.column(kind) for draft in drafts]
    return tuple(_who_is_in_charge(_settle(columns, kind), kind))


class _Draft:
    """One column while its field is being found."""

    def __init__(self, header: Header, cells: list[Cell]) -> None:
        self.header = header
        self.cells = evidence.filled(cells)

    def chosen(self, names: tuple[str, ...]) -> Column:
        return self._made(names, HowMapped.CHOSEN if names else HowMapped.NONE)

    def column(self, kind: RecordKind) -> Column:
        """Return the column with the field that its header, its values or likeness give it."""
        word = clean_header(self.header.parts[-1])
        if not word or word in SERIAL_HEADERS or is_never_imported(self.header.parts[-1]):
            return self._made((), HowMapped.NONE)
        if contact := self._contact(kind):
            return contact
        known = fields(kind)
        named = [known[name] for name in look_up(kind, self.header.parts)]
        if named and named[0].type == "id" and evidence.is_serial(self.cells):
            return self._made((), HowMapped.NONE)
        if named and named[0].type == "org" and evidence.is_unit_of_measure(self.cells):
            asked = f"“{self.header.text}”列填的像是计量单位，没有导入；如是单位名称请指定。"
            doubt = "" if evidence.is_unit_of_money(self.cells) else asked
            return self._made((), HowMapped.NONE, doubt=doubt)
        if named:
            return self._by_header(named)
        return self._plainly(kind) or self._by_values(known) or self._by_likeness(kind, word)

    def _contact(self, kind: RecordKind) -> Column | None:
        """Return the column as 联系人及手机, by its header or because its cells hold both."""
        if kind is RecordKind.CONTRACT:
            return None
        if both := joint_fields(kind, self.header.parts[-1]):
            return self._made(both, HowMapped.SYNONYM)
        named = look_up(kind, self.header.parts)[:1]
        if named and named[0] in contact_fields(kind) and evidence.holds_contacts(self.cells):
            return self._made(contact_fields(kind), HowMapped.VALUES)
        return None

    def _by_header(self, named: list[Field]) -> Column:
        """Choose among the fields a header may name by how well the values suit; else ask."""
        if len(named) == 1 or len(self.cells) < _ENOUGH_VALUES:
            return self._checked(named[0], HowMapped.SYNONYM, named)
        fits = {field.id: self._fit(field) for field in named}
        best = max(named, key=lambda field: (fits[field.id], -named.index(field)))
        others = [fits[field.id] for field in named if field is not best]
        if fits[best.id] - max(others) >= 0.2:
            return self._checked(best, HowMapped.SYNONYM if best is named[0] else HowMapped.VALUES, named)
        choices = "还是".join(f"“{field.zh}”" for field in named[:3])
        return self._made(
            (named[0].id,),
            HowMapped.SYNONYM,
            doubt=f"“{self.header.text}”列是{choices}？现按“{named[0].zh}”处理。",
            candidates=tuple(field.id for field in named),
        )

    def _fit(self, field: Field) -> float:
        found = evidence.fit(field, self.cells, header=self.header.text)
        return 0.5 if found is None else found

    def _checked(self, field: Field, how: HowMapped, named: list[Field]) -> Column:
        """Return the column, with a doubt when its values plainly are something else."""
        fits = evidence.fit(field, self.cells, header=self.header.text)
        unfit = fits is not None and fits < _CLEARLY_UNFIT and len(self.cells) >= _ENOUGH_VALUES
        strict = field.type in ("phone", "email", "uscc", "money", "date", "period") or field.type == "org"
        doubt = ""
        if unfit and strict:
            example = self._samples()[0]
            doubt = f"“{self.header.text}”列的内容不像{field.zh}（如“{example}”），请确认。"
        return self._made((field.id,), how, doubt=doubt, candidates=tuple(field.id for field in named))

    def _by_values(self, known: dict[str, Field]) -> Column | None:
        """Offer a field for a header of unknown words whose values can be only one thing."""
        if len(self.cells) < _ENOUGH_VALUES:
            return None
        for kind, words in (
            ("phone", "电话号码"),
            ("email", "电子邮箱"),
            ("uscc", "统一社会信用代码"),
            ("patent_list", "专利号"),
        ):
            field = next((field for field in known.values() if field.type == kind), None)
            if field is not None and self._fit(field) >= 0.8:
                if kind == "phone" and evidence.holds_contacts(self.cells) and "contact_name" in known:
                    both = contact_fields(RecordKind.NEED)
                    doubt = f"“{self.header.text}”列的内容像联系人和电话，按“联系人＋手机”处理，请确认。"
                    return self._made(both, HowMapped.VALUES, doubt=doubt, candidates=both)
                doubt = f"“{self.header.text}”列的内容像{words}，按“{field.zh}”处理，请确认。"
                return self._made((field.id,), HowMapped.VALUES, doubt=doubt, candidates=(field.id,))
        return None

    def _by_likeness(self, kind: RecordKind, word: str) -> Column:
        """Offer the field whose header word is most like this one; without any the column is not imported."""
        from rapidfuzz import fuzz, process

        words = lexicon(kind)
        if len(word) >= 2 and not _COUNTS.search(word):
            close = word if len(word) >= 3 else ""
            found = process.extract(close, list(words), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=3)
            hinted = self._by_hints(kind)
            names = () if found else hinted
            found = found or _containing(word, words)
            known = fields(kind)
            alike = (words[match[0]][0] for match in found)
            fitting = (name for name in alike if self._fit(known[name]) >= _CLEARLY_UNFIT)
            names = tuple(dict.fromkeys((*names, *fitting, *hinted)))
            if names:
                zh = fields(kind)[names[0]].zh
                doubt = _asked(self.header.text, zh)
                return self._made((names[0],), HowMapped.SIMILAR, doubt=doubt, candidates=names)
        return self._made((), HowMapped.NONE)

    def _plainly(self, kind: RecordKind) -> Column | None:
        """Return the column as what its header hints at, where every value says the same."""
        names = self._by_hints(kind) if len(self.cells) >= _FEWEST_TELLING else ()
        if not names:
            return None
        field = fields(kind)[names[0]]
        fits = field.type == "region" or self._fit(field) == 1.0
        if fits and says_so_itself(field, kind, full_header(self.header.parts[-1]), self.cells):
            return self._made(names[:1], HowMapped.VALUES, candidates=names)
        return None

    def _by_hints(self, kind: RecordKind) -> tuple[str, ...]:
        """Return the fields that words in the header hint at, those whose values plainly differ left out."""
        known = fields(kind)
        likely = likely_fields(kind, self.header.parts[-1])
        return tuple(name for name in likely if self._fit(known[name]) >= _CLEARLY_UNFIT)[:3]

    def _made(
        self, names: tuple[str, ...], how: HowMapped, *, doubt: str = "", candidates: tuple[str, ...] = ()
    ) -> Column:
        return Column(
            index=self.header.index,
            header=self.header.text,
            fields=names,
            how=how,
            samples=self._samples(),
            doubt=doubt,
            candidates=candidates,
        )

    def _samples(self) -> tuple[str, ...]:
        shown = dict.fromkeys(plain_text(cell)[:40] for cell in self.cells)
        return tuple(shown)[:_SHOWN_SAMPLES]


def _containing(word: str, words: Iterable[str]) -> list[tuple[str, float, int]]:
    """Return the header words (of four characters and more) inside this longer one, longest first."""
    inside = [known for known in words if len(known) >= 4 and known in word]
    return [(known, 100.0, 0) for known in sorted(inside, key=len, reverse=True)[:3]]


def _settle(columns: list[Column], kind: RecordKind) -> list[Column]:
    """Give each field to one column; a second claimant is joined where that makes sense, else asked."""
    known = fields(kind)
    taken: dict[str, int] = {}
    order = sorted(range(len(columns)), key=lambda place: (*_weakness(columns, place, known), place))
    settled = list(columns)
    for place in order:
        column = columns[place]
        if len(column.fields) != 1:
            continue
        name = column.fields[0]
        free = [other for other in column.candidates if other not in taken]
        joins = _is_joinable(column, known[name]) and not _is_of_another(column, known[name])
        joins = joins and (name not in taken or _goes_with(column, columns[taken[name]], known[name]))
        if name not in taken or joins:
            taken.setdefault(name, place)
        elif free and column.how is not HowMapped.SIMILAR:
            settled[place] = replace(column, fields=(free[0],), how=HowMapped.VALUES)
            taken[free[0]] = place
        elif other := _other_likeness(column, known, taken):
            settled[place] = replace(
                column, fields=(other,), doubt=_asked(column.header, known[other].zh), candidates=(other,)
            )
            taken.setdefault(other, place)
        else:
            settled[place] = _second_claimant(column, columns[taken[name]], known[name])
    return settled


def _asked(header: str, zh: str) -> str:
    return f"“{header}”列按“{zh}”处理，请确认。"


def _other_likeness(column: Column, known: dict[str, Field], taken: Container[str]) -> str:
    """Return the next field that a header is like, where another column has the first: 技术需求背景."""
    if column.how is not HowMapped.SIMILAR:
        return ""
    open_ = (name for name in column.candidates[1:] if name not in taken or known[name].type == "longtext")
    return next(open_, "")


def _who_is_in_charge(columns: list[Column], kind: RecordKind) -> list[Column]:
    """Ask about 负责人 beside a telephone where nobody else is the contact: it may be the 法人代表."""
    filled = {name for column in columns for name in column.fields}
    if kind is not RecordKind.NEED or "contact_name" in filled or "contact_mobile" not in filled:
        return columns
    return [
        replace(
            column,
            fields=("contact_name",),
            doubt=f"“{column.header}”列是“联系人”还是“法人代表”？现按“联系人”处理。",
            candidates=("contact_name", "legal_rep"),
        )
        if column.fields == ("legal_rep",) and clean_header(column.header) == "负责人"
        else column
        for column in columns
    ]


def _is_joinable(column: Column, field: Field) -> bool:
    """Whether a column may fill a field together with others: each of 是否公开 and 是否涉密 is heeded.

    Not 是否公开联系方式: that one is about people, who are masked anyway.
    """
    if field.type == "money":
        return bool(bound_of(column.header))
    if field.type == "region":
        return level_of(column.header) is not None
    surely = column.how is not HowMapped.NONE and not _OF_PEOPLE.search(column.header)
    return field.type in _JOINABLE or (field.type == "enum:disclosure" and surely)


def _goes_with(column: Column, first: Column, field: Field) -> bool:
    """Whether a second column of numbers is of the same person: under no other group, no second 电话 afar."""
    if field.type == "money":
        return {bound_of(column.header), bound_of(first.header)} == {"low", "high"}
    if field.type == "region":
        return of_two_levels(column.header, first.header)
    if field.type != "phone":
        return True
    group, other = column.header.rpartition("/")[0], first.header.rpartition("/")[0]
    if group and other and group != other:
        return False
    return column.header != first.header or abs(column.index - first.index) == 1


_OF_PEOPLE = re.compile("联系|电话|手机|邮箱")
# Whose number this is, is somebody else than whom to call about the thing: 法人电话, 部门电话.
_SOMEBODY_ELSE = re.compile(
    "专家|教授|法人|法定|负责人|代表|领导|经理|部门|主管|专员|干部|院长|校长|书记|财务|人事"
)


def _is_of_another(column: Column, field: Field) -> bool:
    """Whether a column of numbers that no listed word names seems to be about another person."""
    unsure = column.how in (HowMapped.SIMILAR, HowMapped.VALUES)
    return unsure and field.type == "phone" and bool(_SOMEBODY_ELSE.search(clean_header(column.header)))


def _second_claimant(column: Column, first: Column, field: Field) -> Column:
    if _is_of_another(column, field):
        doubt = f"“{column.header}”列没有导入，因为“{first.header}”已是“{field.zh}”；如果也要，请指定。"
        return replace(column, fields=(), how=HowMapped.NONE, doubt=doubt, candidates=(field.id,))
    doubt = f"“{first.header}”和“{column.header}”都像是“{field.zh}”，现取前者；如不对请指定。"
    if _is_next(column, first) and column.samples:
        doubt = f"“{column.header}”列没有导入：一行里像有几项，现只取“{first.header}”，请拆成一行一项后再传。"
        return replace(column, fields=(), how=HowMapped.NONE, doubt=doubt, candidates=(field.id,))
    if column.how is HowMapped.SIMILAR or _is_code(column.header):
        return replace(column, fields=(), how=HowMapped.NONE, doubt="")
    return replace(column, fields=(), how=HowMapped.NONE, doubt=doubt, candidates=(field.id,))


_IN_CHARGE = re.compile(r"(?:企业|单位|公司)?(?:法人|法定|负责|分管)[^/]*/")
_NUMBER_BEHIND = re.compile(r"[(]?(?:\d{1,2}|[一二三四五六七八九十])[)]?$")


def _is_next(column: Column, first: Column) -> bool:
    """Whether headers differ in a number only: 技术需求1, 技术需求2."""
    bare, other = (_NUMBER_BEHIND.sub("", clean_header(one.header)) for one in (column, first))
    return bare == other and clean_header(column.header) != clean_header(first.header)


def _is_code(header: str) -> bool:
    """Whether a column gives the codes of what another one names: 国民经济行业代码."""
    return clean_header(header).endswith("行业代码")


_STRONGEST_FIRST = (
    HowMapped.SYNONYM,
    HowMapped.VALUES,
    HowMapped.SIMILAR,
    HowMapped.NONE,
    HowMapped.CHOSEN,
)


def _weakness(columns: Sequence[Column], place: int, known: dict[str, Field]) -> tuple[int, bool, bool]:
    """Return less for a surer column: the very name of a field (联系人) beats another word (技术负责人).

    A 电话 right behind somebody who is not the contact (法定代表人) comes last; so does a 姓名 under 负责人.
    """
    column = columns[place]
    named = {clean_header(known[name].zh) for name in column.fields}
    before = columns[place - 1].fields if place else ()
    of_another = any(known[name].type == "phone" for name in column.fields) and any(
        known[name].type == "person" and name not in ("contact_name", "name") for name in before
    )
    of_another = of_another or bool(_IN_CHARGE.match(column.header)) or _is_code(column.header)
    return _STRONGEST_FIRST.index(column.how), of_another, clean_header(column.header) not in named
