"""A Book to records: finds its tables, understands their columns, reads every row, says what is wrong."""

import re
from collections.abc import Container, Iterable, Iterator, Sequence

from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.values import first_clause, unit_of_header
from matchmaker.files import columns as mapping
from matchmaker.files import remarks
from matchmaker.files.book import Book, Cell, Question, Sheet
from matchmaker.files.cell_readings import Reader
from matchmaker.files.column_readers import ColumnReader, read_cells, without_label
from matchmaker.files.contact_lines import give_contact
from matchmaker.files.continued import is_more_text, join_continued
from matchmaker.files.ditto import written_out
from matchmaker.files.findings import (
    Column,
    Findings,
    Layout,
    Mapping,
    Record,
    RecordKind,
    TableFindings,
    fingerprint_of,
)
from matchmaker.files.group_values import Groups, Told, remarks_on, told_by_lines
from matchmaker.files.groups import gone_on, is_reference, passed_over, samples_in, tables_of, unread
from matchmaker.files.headers import Field, clean_header, fields, is_known
from matchmaker.files.joint_readers import joint_reader
from matchmaker.files.layout import Body, Header, RawTable
from matchmaker.files.list_kinds import guess_kind
from matchmaker.files.place_columns import from_large_to_small
from matchmaker.files.readers import FILLED_AS_WELL, reader_for
from matchmaker.files.row_units import units_beside, with_units
from matchmaker.files.several_people import part_people
from matchmaker.files.year_of_list import with_year, year_named

# Without these a row names nothing; everything else is for the rules of the thing itself to judge.
_IDENTITY = {
    RecordKind.NEED: ("title", "enterprise_name"),
    RecordKind.ACHIEVEMENT: ("title",),
    RecordKind.CONTRACT: ("title",),
    RecordKind.PEOPLE: ("name",),
}
# One column's reader may fill these beside its own field.
_FILLED_BY_OTHERS = frozenset(
    {
        "ip_type",
        "patent_no",
        "trl",
        "stage",
        "email",
        "contact_email",
        "contract_subtype",
        "position",
        "contact_position",
        "leader_title",
    }
)
_OF_SEVERAL_LINES = frozenset({"longtext", "phone", "list", "org_list", "person_list", "patent_list"})
_SAID_BY = (
    r"(?:填报|申报|报送|需求|成果|完成)?(?:单位|企业|高校|院校)(?:名称)?\s*(?:[（(][^）)]*[)）])?\s*[:：]\s*"
)
_REPORTING_FIRM = re.compile(_SAID_BY + r"(\S{4,40}?(?:公司|厂|集团|合作社))(?=\s|$)")
_REPORTING_INSTITUTION = re.compile(
    # a bureau that collected the list owns nothing in it
    _SAID_BY + r"(\S{4,40}?(?:大学|学院|学校|研究院|研究所|实验室|医院|中心|公司|厂|集团))(?=\s|$)"
)
_FILLED_BY_REPORTER = {RecordKind.NEED: "enterprise_name", RecordKind.ACHIEVEMENT: "org"}

_UNIT_OF_TABLE = re.compile(r"单\s*位\s*[:：]\s*(?:人民币)?\s*((?:亿|百万|万|千)?元)(?![一-鿿])")


def find_records(
    book: Book, *, kind: RecordKind | None = None, mappings: Iterable[Mapping] = (), drop_hidden: bool = False
) -> Findings:
    """Return every table of the visible sheets with its records and problems.

    `kind` says what the lists are when the person has said so; without it each table is guessed by
    its words. `mappings` are replayed on tables with their fingerprint. `drop_hidden` leaves out
    rows and columns that are hidden in the file, and rows that are crossed out. Tables, rows and
    problems keep the file's order.
    """
    remembered = {stored.fingerprint: stored for stored in mappings}
    found: list[TableFindings] = []
    empty: list[Sheet] = []
    passed: list[Sheet] = samples_in(book)
    questions = list(book.questions)
    notices = list(book.notices)
    if drop_hidden:
        questions = [question for question in questions if question.code != "hidden"]
    read: list[Sheet] = []
    for group in tables_of(book):
        first = group[0]
        if drop_hidden:
            _drop_hidden(group)
        reading = _Reading(group, book=book, kind=kind, remembered=remembered)
        if not reading.row_count and (
            reading.kind is None or (reading.names_nothing and book.format == "docx")
        ):
            empty.append(first.sheet)
            continue
        if reading.names_nothing and is_reference(first, book):
            passed.append(first.sheet)
            continue
        found.append(reading.findings())
        read += [sheet for part in group for sheet in (part.sheet, *part.other_parts)]
        notices += gone_on(group)
        questions += _repeated_headers(first)
    notices += [*unread(book, read=[*read, *passed], empty=empty), *passed_over(passed)]
    return Findings(tables=tuple(found), questions=tuple(questions), notices=tuple(notices))


def _drop_hidden(group: list[RawTable]) -> None:
    for table in group:
        hidden = table.sheet.hidden_rows | table.sheet.struck_rows
        table.body = [row for row in table.body if row.row not in hidden]
        columns = table.sheet.hidden_columns
        table.headers = tuple(
            Header(index=header.index, parts=("",)) if header.index in columns else header
            for header in table.headers
        )


def _repeated_headers(table: RawTable) -> list[Question]:
    """Ask when two columns bear the same known header: which of them is meant cannot be told.

    One header merged over both names both.
    """
    seen: dict[str, int] = {}
    repeated = []
    merged = {
        column
        for merge in table.sheet.merges
        if merge.first_row <= table.first_data_row - 1 <= merge.last_row
        for column in range(merge.first_column + 1, merge.last_column + 1)
    }
    for header in table.headers:
        word = clean_header(header.text)
        if word in seen and is_known(header.parts[-1]) and header.index not in merged:
            repeated.append(header.text)
        seen[word] = header.index
    if not repeated:
        return []
    names = "、".join(f"“{name}”" for name in dict.fromkeys(repeated))
    text = f"表头{names}出现了不止一次（{table.place}），请在列对应页指定各列的含义。"
    return [Question(code="duplicate_header", text=text)]


class _Reading:
    """The reading of one table, or of the forms of one layout."""

    def __init__(
        self, group: list[RawTable], *, book: Book, kind: RecordKind | None, remembered: dict[str, Mapping]
    ) -> None:
        self._group = group
        self._table = table = group[0]
        self.row_count = sum(len(part.body) for part in group)
        self._fingerprint = fingerprint_of(tuple(header.text for header in table.headers))
        stored = remembered.get(self._fingerprint)
        title = " ".join((table.title, table.sheet.name, book.filename))
        guess = guess_kind(table.headers, title)
        self.kind = kind or (stored.kind if stored else guess.kind)
        self._certain = kind is not None or stored is not None or guess.certain
        self._title = title
        self._sampled = [row.cells for part in group for row in part.body[:200]]
        use = stored if stored and stored.kind is self.kind else None
        self._columns = self._map(self._sampled, use)
        self._width = max((header.index + 1 for header in table.headers if header.parts != ("",)), default=0)

    def _map(self, rows: Sequence[Sequence[Cell]], stored: Mapping | None) -> tuple[Column, ...]:
        if self.kind is None:
            nothing = Mapping(kind=RecordKind.NEED, fingerprint="", fields=((),) * len(self._table.headers))
            return mapping.map_columns(self._table.headers, rows, RecordKind.NEED, remembered=nothing)
        return mapping.map_columns(self._table.headers, rows, self.kind, remembered=stored)

    def findings(self) -> TableFindings:
        table = self._table
        records = self._read(self.kind) if self.kind else []
        lines = [table.title, *(line.text for line in table.skipped)]
        beside = give_contact(lines, records, mapped=self._mapped, where=table.place)
        stray = [] if self.kind else list(self._faults_alone())
        return TableFindings(
            sheet=table.sheet.name,
            title=table.title,
            header_place=table.place,
            first_data_row=table.first_data_row + 1,
            kind=self.kind,
            kind_certain=self._certain,
            record_type=self._record_type(),
            columns=self._columns,
            records=records,
            row_count=self.row_count,
            skipped=tuple(table.skipped),
            problems=(*self._table_problems(), *beside, *stray),
            fingerprint=self._fingerprint,
        )

    @property
    def _mapped(self) -> set[str]:
        return {name for column in self._columns for name in column.fields}

    @property
    def names_nothing(self) -> bool:
        """Whether no column names what the rows are about."""
        return self.kind is None or not self._mapped & set(_IDENTITY[self.kind])

    def _record_type(self) -> str:
        """Return which of the four libraries the list belongs to, by the word over its titles."""
        if self.kind is not RecordKind.ACHIEVEMENT:
            return ""
        over_titles = next((column.header for column in self._columns if "title" in column.fields), "")
        if "论文" in over_titles or "题名" in over_titles:
            return "paper"
        if "成果" not in over_titles and ("专利" in over_titles or "发明名称" in over_titles):
            return "patent"
        return "paper" if "论文" in self._title and "成果" not in over_titles else "achievement"

    def _table_problems(self) -> list[Problem]:
        table = self._table
        if self.kind is None:
            message = "看不出这张表列的是需求、成果、合同还是人员，请选择后再读。"
            return [
                Problem(
                    field="",
                    code="unknown_kind",
                    message=message,
                    where=table.place,
                    severity=Severity.WARNING,
                )
            ]
        mapped = self._mapped
        told = [(part, self._told(part, self.kind)) for part in self._group]
        by_lines = {name for _, lines in told for _, name, _ in lines}
        said = [
            problem
            for part, lines in told
            for problem in remarks_on(part.group_lines, lines, kind=self.kind, where=part.place)
        ]
        said += list(remarks.of_several(table.several, where=table.place))
        said += [remarks.not_read(*rest) for part in self._group for rest in part.beside]
        missing = [name for name in _IDENTITY[self.kind] if name not in mapped | by_lines]
        if self._titled_by_text(mapped):
            missing.remove("title")
            said.append(remarks.titled_by_text(where=table.place))
        if self.kind is RecordKind.NEED and "enterprise_name" in missing and self._reporting_org(self.kind):
            missing.remove("enterprise_name")
        return said + [
            Problem(
                field=name,
                code="missing_column",
                message=f"没有找到“{fields(self.kind)[name].zh}”这一列，请在列对应页指定。",
                where=table.place,
                severity=Severity.WARNING,
            )
            for name in missing
        ]

    def _reporting_org(self, kind: RecordKind) -> str:
        pattern = _REPORTING_FIRM if kind is RecordKind.NEED else _REPORTING_INSTITUTION
        found = pattern.search(self._table.title)
        return found[1] if found else ""

    def _readers(self, kind: RecordKind) -> list[ColumnReader]:
        known = fields(kind)
        claims = [
            name for column in self._columns for name in column.fields if known[name].type == "longtext"
        ]
        filled = [name for column in self._columns for name in column.fields]
        shared = {name for name in filled if filled.count(name) > 1} | _FILLED_BY_OTHERS
        shared |= {name for name, also in FILLED_AS_WELL.items() if also in filled}
        made = []
        for column in from_large_to_small(self._columns):
            if not column.fields:
                continue
            name = column.fields[0]
            reader = self._reader(column, kind)
            label = column.header if claims.count(name) > 1 else ""
            made.append(
                ColumnReader(
                    index=column.index,
                    field=name,
                    read=reader,
                    label=label,
                    shares=name in shared or len(column.fields) > 1,
                )
            )
        return made

    def _reader(self, column: Column, kind: RecordKind) -> Reader:
        known, name = fields(kind), column.fields[0]
        if len(column.fields) == 1:
            header = self._with_unit(known[name], column.header)
            read = reader_for(known[name], header=header, beside=known)
            year = year_named(self._title) if known[name].type == "period" else None
            return with_year(read, field=name, header=column.header, year=year) if year else read
        return joint_reader(column.fields, kind)

    def _with_unit(self, field: Field, header: str) -> str:
        """Return a header of amounts with the unit that stands above the whole table, if it names none."""
        if field.type != "money" or unit_of_header(header) is not None:
            return header
        unit = _UNIT_OF_TABLE.search(self._table.title)
        return f"{header}({unit[1]})" if unit else header

    def _read(self, kind: RecordKind) -> list[Record]:
        readers = self._readers(kind)
        columns_of: dict[str, tuple[int, ...]] = {}
        for column in self._columns:
            for name in column.fields:
                columns_of[name] = (*columns_of.get(name, ()), column.index)
        if "ip_type" in columns_of:  # one column may hold both, the reader fills both
            columns_of.setdefault("patent_no", columns_of["ip_type"])
        identity = [name for name in _IDENTITY[kind] if name in columns_of]
        untitled = self._titled_by_text(columns_of)
        labels = tuple(reader.label for reader in readers if reader.label)
        default = self._default_values(kind, columns_of)
        units = units_beside(self._columns, self._sampled, fields(kind))
        records: list[Record] = []
        for part in self._group:
            layout = Layout(sheet=part.sheet, kind=kind, columns_of=columns_of)
            body, continued = self._whole_rows(part, columns_of, kind)
            people = kind is RecordKind.PEOPLE
            body, parted = part_people(body, self._columns) if people else (body, {})
            of_sheet = remarks.OfSheet(part.sheet, continued=continued, parted=parted, width=self._width)
            told = self._told(part, kind)
            groups = Groups(told) if told else None
            for row, same_as_above in written_out(body):
                values, problems = read_cells(with_units(row.cells, units) if units else row.cells, readers)
                if groups:
                    values = {**groups.values_at(row.row), **values}
                if untitled and "problem" in values:
                    values["title"] = first_clause(without_label(str(values["problem"]), labels))
                record = Record(
                    layout=layout,
                    row=row.row + 1,
                    cells=row.cells,
                    values={**default, **values} if default else values,
                    spots=row.spots,
                )
                said = [problem.at(record.where(problem.field)) for problem in problems]
                said += [remarks.missing(record, name) for name in identity if name not in values]
                said += of_sheet.about(record, same_as_above)
                records.append(record if not said else _with(record, said))
        return records

    def _titled_by_text(self, mapped: Container[str]) -> bool:
        """Whether needs bear no names, only texts: a list then has each begin of a text for a name."""
        return self.kind is RecordKind.NEED and "title" not in mapped and "problem" in mapped

    def _whole_rows(
        self, part: RawTable, columns_of: dict[str, tuple[int, ...]], kind: RecordKind
    ) -> tuple[list[Body], dict[int, int]]:
        """Return the rows with one thing to a row, and the first row → how many more it was written over."""
        naming = {column for name in _IDENTITY[kind] for column in columns_of.get(name, ())}
        if not naming or not columns_of.get(_IDENTITY[kind][0]):
            return part.body, {}
        texts = self._columns_of_types({"longtext"}, columns_of, kind)
        title = columns_of[_IDENTITY[kind][0]][0]
        if not part.sheet.merges and not any(
            (title >= len(body.cells) or body.cells[title] == "")
            and is_more_text(body.cells, naming=naming, texts=texts)
            for body in part.body
        ):
            return part.body, {}
        lines = self._columns_of_types(_OF_SEVERAL_LINES, columns_of, kind)
        return join_continued(part, naming=naming, title=title, lines=lines, texts=texts)

    def _columns_of_types(
        self, types: Container[str], columns_of: dict[str, tuple[int, ...]], kind: RecordKind
    ) -> set[int]:
        """Return the columns that fill fields of these types; a contract has no field for patent numbers."""
        known = fields(kind)
        return {
            column
            for name, places in columns_of.items()
            for column in places
            if name in known and known[name].type in types
        }

    def _default_values(self, kind: RecordKind, columns_of: dict[str, tuple[int, ...]]) -> dict[str, object]:
        name = _FILLED_BY_REPORTER.get(kind)
        org = self._reporting_org(kind) if name is not None and name not in columns_of else ""
        return {name: org} if name is not None and org else {}

    def _told(self, part: RawTable, kind: RecordKind) -> list[Told]:
        """Return what the lines between the rows tell of fields that no column fills."""
        lines = part.group_lines
        return told_by_lines(lines, kind=kind, taken=self._mapped) if lines else []

    def _faults_alone(self) -> Iterator[Problem]:
        """Yield what could not be read in a table of unknown kind."""
        for part in self._group:
            rows = {row.row for row in part.body}
            for fault in part.sheet.faults:
                if fault.row in rows:
                    yield remarks.of_fault(fault, part.sheet.where(fault.row, fault.column))


def _with(record: Record, problems: list[Problem]) -> Record:
    return Record(
        layout=record.layout,
        row=record.row,
        cells=record.cells,
        values=record.values,
        problems=tuple(problems),
        spots=record.spots,
    )
