"""Every kind of list, in every format: what goes out goes in again as the same, and elsewhere as it was."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from factories import People, make_achievement, make_need, make_organisation, make_person
from lists_in import taken_in
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock, wording
from matchmaker.domain.achievements import title_key
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.states import (
    ContractKind,
    ContractState,
    Direction,
    Disclosure,
    OrganisationKind,
    RecordType,
    Role,
)
from matchmaker.domain.written_contacts import bare_of_contacts
from matchmaker.errors import NotAllowed
from matchmaker.services.list_export import LISTS, Format, log_list
from matchmaker.store.engine import Database
from matchmaker.store.queries.contract_lists import COLUMNS as CONTRACT_COLUMNS
from matchmaker.store.queries.imports import ACHIEVEMENT_COLUMNS, NEED_COLUMNS, PERSON_COLUMNS
from matchmaker.store.tables import (
    Achievement,
    ContactAccess,
    Need,
    Organisation,
    Person,
    TechContract,
    UploadRow,
)

WORDS = (
    "涂层、抗热疲劳；≥ 5 万次",
    "=1+1",
    "'=1+1",
    "-40 ℃ 至 +85 ℃",
    "+8613800000000",
    "@SUM(A1)",
    '他说"可以"，\n第二行；1. 第三点',
    "第一行\r\n第二行\tx",
    "00123",
    "1e10",
    "2026-01-02",
    "'引号",
    "０全角　空格",
    "𠮷野家 ﷽ Z͑ͫ̓a̴ 零\u200b宽",
    "<b>粗</b> {{7*7}} %s",
    "合计",
    "小计：3",
    "注：无",
    "TRUE",
    "#REF!是什么",
    "x" * 300,
)
TABLES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "needs": (Need, NEED_COLUMNS),
    "achievements": (Achievement, ACHIEVEMENT_COLUMNS),
    "people": (Person, PERSON_COLUMNS),
    "contracts": (TechContract, CONTRACT_COLUMNS),
}


def a_house(session: Session, name: str, kind: OrganisationKind = OrganisationKind.ENTERPRISE) -> int:
    return make_organisation(session, name=name, normalised_name=name, kind=kind).id


def titled(number: int, text: str) -> str:
    return f"第{number}项 {' '.join(text.split())}"[:100].strip()


def needs(session: Session) -> None:
    firm = a_house(session, "青禾模具有限公司")
    kinds = [value for value, _ in wording.choices("need_type")]
    for number, text in enumerate(WORDS):
        contact = make_person(session, organisation_id=firm, name=f"王{number}二")
        make_need(
            session,
            organisation_id=firm,
            contact_id=contact.id,
            title=titled(number, text),
            problem=f"{number} {text}",
            key_points=text,
            goal=text,
            background=text,
            need_type=kinds[number % len(kinds)],
            coop_modes=[value for value, _ in wording.choices("coop_mode")][number % 3 :],
            fields=["40", "10"] if number % 2 else [],
            industry="C35" if number % 2 else "",
            keywords=["涂层", f"词{number}"],
            budget_min_fen=(None, 1, 12_345_678, 50_000_000)[number % 4],
            budget_max_fen=(None, 99, 12_345_679, 50_000_000)[number % 4],
            period_from=date(2026, 1, 2) if number % 3 else None,
            period_to=date(2027, 12, 31) if number % 3 != 1 else None,
            town=text[:60].strip() if "\n" not in text and "\t" not in text else "南溪镇",
            wished_partner="江州大学、海州理工学院" if number % 2 else "",
            disclosure=[Disclosure.PUBLIC, Disclosure.MASKED, Disclosure.INTERNAL][number % 3],
            external_id=f"X-{number:03d}",
        )


def achievements(session: Session) -> None:
    house = a_house(session, "江州大学", OrganisationKind.UNIVERSITY)
    for number, text in enumerate(WORDS):
        make_achievement(
            session,
            organisation_id=house,
            record_type=list(RecordType)[number % 4],
            title=(title := bare_of_contacts(titled(number, text))),  # no list brings a contact into a title
            title_key=title_key(title),
            owner_text="江州大学",
            summary=text,
            application=text,
            keywords=["涂层", f"词{number}"],
            fields=["40"] if number % 2 else [],
            industry="C35" if number % 2 else "模具",
            authors_text="沈知行、陆知远",
            maturity=("lab", "pilot", "")[number % 3],
            coop_modes=[value for value, _ in wording.choices("coop_mode")][: number % 3],
            price_min_fen=(None, 1, 30_000_000)[number % 3],
            price_max_fen=(None, 1, 50_000_000)[number % 3],
            ip_type="invention" if number % 2 else "",
            patent_nos=["ZL201910123456.3"] if number == 1 else [],
            classification=("0805", "")[number % 2],
            completed_on=date(2025, 3, 31) if number % 2 else None,
            region="江州市",
            disclosure=[Disclosure.PUBLIC, Disclosure.INTERNAL][number % 2],
        )


def people(session: Session) -> None:
    house = a_house(session, "江州大学", OrganisationKind.UNIVERSITY)
    roles = [value for value, _ in wording.choices("person_role")]
    for number, text in enumerate(WORDS):
        line = " ".join(text.split())
        make_person(
            session,
            organisation_id=house,
            name=f"陆{number}远",
            role=roles[number % len(roles)],
            title=("教授", "正高级工程师、博士生导师", "", "=1+1")[number % 4],
            position=line[:60].strip(),
            phone=f"1390000{number:04d}、0574-6551{number:04d}",
            expertise=(text, "新材料", "")[number % 3],
            fields=["40"] if number % 2 else [],
        )


def contracts(session: Session) -> None:
    buyer = a_house(session, "青禾模具有限公司")
    seller = a_house(session, "江州大学", OrganisationKind.UNIVERSITY)
    states = [state for state in ContractState if state is not ContractState.DRAFT]
    for number, text in enumerate(WORDS):
        registered = states[number % len(states)] not in (
            ContractState.SIGNED,
            ContractState.SUBMITTED,
            ContractState.REJECTED,
            ContractState.AMENDED,
        )
        session.add(
            TechContract(
                kind=list(ContractKind)[number % 5],
                subtype="委托开发" if number % 2 else "",
                title=titled(number % 19, text),
                status=states[number % len(states)],
                buyer_id=buyer,
                seller_id=seller,
                direction=Direction.IN,
                amount_total_fen=(80_000_000, 1, 123_456_789)[number % 3],
                amount_tech_fen=(None, 1, 123_456_788)[number % 3],
                amount_received_fen=(None, 0, 10_050)[number % 3],
                signed_on=date(2026, 3, 1 + number),
                registration_no=f"3302202600{number:04d}" if registered else None,
                registered_on=date(2026, 4, 20) if registered else None,
                registration_office="南溪县技术合同登记处" if registered else "",
                valid_from=date(2026, 3, 1) if number % 3 else None,
                valid_to=date(2027, 3, 1) if number % 3 != 1 else None,
                created_at=clock.now(),
            )
        )
    session.flush()


FILL: dict[str, Callable[[Session], None]] = {
    "needs": needs,
    "achievements": achievements,
    "people": people,
    "contracts": contracts,
}


def sent_in(database: Database, content: bytes, name: str, *, confirm: bool) -> list[UploadRow]:
    upload_id = taken_in(database, content, name, confirm=confirm)
    with database.reading() as session:
        query = select(UploadRow).where(UploadRow.upload_id == upload_id).order_by(UploadRow.position)
        return list(session.scalars(query))


@pytest.fixture
def elsewhere(tmp_path: Path, empty_database: Path) -> Iterator[Database]:
    """A second, empty installation."""
    place = tmp_path / "elsewhere.db"
    place.write_bytes(empty_database.read_bytes())
    database = Database(f"sqlite:///{place}")
    yield database
    database.close()


def told(database: Database, kind: str) -> list[dict[str, Any]]:
    """Return what is kept of a kind, in the columns that lists fill, without ids."""
    table, columns = TABLES[kind]
    with database.reading() as session:
        houses = {row.id: row.name for row in session.scalars(select(Organisation))}

        def place(row: Any) -> tuple[str, str, int]:
            house = houses.get(getattr(row, "organisation_id", 0), "")
            return row.name if kind == "people" else row.title, house, row.id

        # by our own order: each database sorts Chinese in its own way, and what is equal in any
        rows = sorted(session.scalars(select(table)), key=place)
        return [
            {name: getattr(row, name) for name in columns}
            | {
                name: houses[getattr(row, name)]
                for name in ("organisation_id", "buyer_id", "seller_id")
                if hasattr(row, name)
            }
            for row in rows
        ]


def differences(
    here: list[dict[str, Any]], there: list[dict[str, Any]]
) -> list[tuple[int, str, object, object]]:
    """Return what differs, by number and column: line ends are made equal, words for the file may be new."""
    return [
        (number, name, one[name], other[name])
        for number, (one, other) in enumerate(zip(here, there, strict=True))
        for name in one
        if one[name] or not name.endswith("_text")
        if str(one[name]).replace("\r\n", "\n") != str(other[name])
    ]


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize("kind", list(FILL))
def test_a_list_goes_in_again_as_the_same_and_elsewhere_as_it_was(
    database: Database, elsewhere: Database, kind: str, form: Format
) -> None:
    with database.writing() as session:
        FILL[kind](session)
    with database.writing() as session:
        content = LISTS[kind](session, SYSTEM, contacts=True, form=form).content

    again = sent_in(database, content, f"导出.{form}", confirm=False)

    there = sent_in(elsewhere, content, f"导出.{form}", confirm=True)

    assert [(row.verdict.value, row.changes, row.problems) for row in again if row.verdict != "same"] == []
    assert len(again) == len(told(database, kind))
    assert [row.problems for row in there if row.verdict != "new"] == []
    assert differences(told(database, kind), told(elsewhere, kind)) == []


def test_a_time_that_has_its_year_from_its_list_keeps_it_in_other_lists(
    database: Database, elsewhere: Database
) -> None:
    rows = "2026年技术需求汇总表,,\n企业名称,需求名称,完成时间\n青禾模具有限公司,涂层,三季度\n"
    sent_in(database, rows.encode("utf-8-sig"), "清单.csv", confirm=True)
    with database.writing() as session:
        content = LISTS["needs"](session, SYSTEM, contacts=True, form=Format.XLSX).content

    sent_in(elsewhere, content, "导出.xlsx", confirm=True)

    assert [need["period_to"] for need in told(elsewhere, "needs")] == [date(2026, 9, 30)]


def test_things_that_share_a_name_are_each_found_again(database: Database) -> None:
    with database.writing() as session:
        firm = a_house(session, "青禾模具有限公司")
        for problem in ("两万模次后龟裂", "装夹要半小时"):
            make_need(session, organisation_id=firm, title="模具改进", problem=problem)
        for phone, position in (("13900000001", "车间主任"), ("13900000002", "总工")):
            make_person(session, organisation_id=firm, name="张伟", phone=phone, position=position)
        needs, people = (
            LISTS[kind](session, SYSTEM, contacts=True, form=Format.XLSX).content
            for kind in ("needs", "people")
        )

    found = [sent_in(database, content, "导出.xlsx", confirm=False) for content in (needs, people)]

    assert [[row.verdict.value for row in rows] for rows in found] == [["same", "same"], ["same", "same"]]
    assert [len({row.target_id for row in rows}) for rows in found] == [2, 2]


def test_a_namesake_is_changed_by_the_row_with_the_own_number(database: Database) -> None:
    with database.writing() as session:
        firm = a_house(session, "青禾模具有限公司")
        kept = [
            make_person(session, organisation_id=firm, name="张伟", phone=phone, email="", source="import").id
            for phone in ("13900000001", "13900000002")
        ]
    content = "姓名,单位,职务,手机\n张伟,青禾模具有限公司,总工,13900000002\n".encode("utf-8-sig")

    (row,) = sent_in(database, content, "名单.csv", confirm=False)

    assert (row.verdict.value, row.target_id, row.changes) == ("changed", kept[1], {"position": ["", "总工"]})


def test_contacts_leave_with_the_owner_or_a_purpose_and_contracts_with_the_bureau_alone(
    people: People, database: Database
) -> None:
    bureau = Actor(user_id=people.organiser, roles=frozenset({Role.ORGANISER}))
    firm = Actor(
        user_id=people.enterprise_user,
        roles=frozenset({Role.ENTERPRISE}),
        organisation_id=people.huaxing,
        organisation_ids=frozenset({people.huaxing}),
    )
    with database.writing() as session:
        make_person(session, organisation_id=people.yuanhang, name="林晓", phone="13800000002")
        make_person(session, organisation_id=people.huaxing, name="郑文清", phone="13800000001")
        texts = [
            LISTS["people"](session, actor, form=Format.CSV).content.decode("utf-8-sig")
            for actor in (bureau, firm)
        ]
        logged = session.scalars(select(ContactAccess)).all()
        file = LISTS["people"](session, bureau, contacts=True, form=Format.CSV)
        log_list(session, bureau, file, purpose="逐家电话核对")
        after = session.scalars(select(ContactAccess.subject_id)).all()
        everybody = session.scalars(select(Person.id).where(Person.organisation_id.is_not(None))).all()
        with pytest.raises(NotAllowed):
            LISTS["contracts"](session, firm, form=Format.CSV)
    assert [("13800000001" in text, "林晓" in text, "手机" in text) for text in texts] == [
        (False, True, False),
        (True, False, True),
    ]
    assert (list(logged), sorted(after)) == ([], sorted(everybody))
