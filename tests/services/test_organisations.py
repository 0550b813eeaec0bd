"""Organisations and people are found again under any spelling."""

import threading
from concurrent.futures import ThreadPoolExecutor

from factories import People
from sqlalchemy import func, select

from matchmaker.domain.permissions import ANYONE, SYSTEM, Actor
from matchmaker.domain.states import ApprovalState, OrganisationKind
from matchmaker.services.organisations import find_or_create_organisation, find_or_create_person
from matchmaker.store.engine import Database
from matchmaker.store.tables import Organisation, OrganisationAlias

FIRM = OrganisationKind.ENTERPRISE


def _find(database: Database, name: str, **given: object) -> Organisation:
    with database.writing() as session:
        return find_or_create_organisation(
            session,
            SYSTEM,
            **{"name": name, "kind": FIRM, "source": "excel", **given},  # type: ignore[arg-type]
        )


def test_one_firm_under_three_spellings_is_one_row(database: Database) -> None:
    first = _find(database, "临澜晨光（象西）模具有限公司")

    assert _find(database, " 临澜晨光(象西)模具有限公司（盖章）").id == first.id
    assert _find(database, "临澜晨光 （象西） 模具有限公司").id == first.id


def test_a_part_of_a_name_is_another_firm(database: Database, people: People) -> None:
    assert _find(database, "华星模具").id != people.huaxing


def test_an_alias_leads_to_its_organisation(database: Database, people: People) -> None:
    with database.writing() as session:
        session.add(
            OrganisationAlias(
                organisation_id=people.huaxing, alias="华星模具厂", normalised_alias="华星模具厂"
            )
        )

    assert _find(database, "华星模具厂").id == people.huaxing


def test_the_code_wins_over_the_name(database: Database) -> None:
    first = _find(database, "旧名机械有限公司", uscc="9133022600000001XY", town="南溪镇")

    again = _find(database, "新名机械有限公司", uscc="9133 0226 0000 0001 xy")

    assert (again.id, again.name, again.town) == (first.id, "旧名机械有限公司", "南溪镇")


def test_a_code_with_a_wrong_check_digit_identifies_nothing(database: Database, people: People) -> None:
    found = _find(database, "华星模具有限公司", uscc="9133022600000001X1")

    assert (found.id, found.uscc) == (people.huaxing, None)


def test_a_college_is_kept_under_its_university(database: Database, people: People) -> None:
    with database.reading() as session:
        jiangda = session.get_one(Organisation, people.jiangda)
    college = OrganisationKind.COLLEGE

    known = _find(database, "机械工程学院", kind=college, parent=jiangda)
    new = _find(database, "化学学院", kind=college, parent=jiangda)

    assert known.id == people.jiangda_college
    assert (new.name, new.parent_id, new.status) == ("江州大学化学学院", jiangda.id, ApprovalState.APPROVED)


def test_a_strangers_new_organisation_waits_and_a_merged_one_leads_on(
    database: Database, people: People
) -> None:
    with database.writing() as session:
        stranger = find_or_create_organisation(
            session, ANYONE, name="新来有限公司", kind=FIRM, source="web_form"
        )
        stranger.merged_into_id = people.huaxing

    assert stranger.status is ApprovalState.WAITING
    assert _find(database, "新来有限公司").id == people.huaxing


def test_the_organisers_list_vouches_for_a_firm_that_waits(database: Database, people: People) -> None:
    with database.writing() as session:
        waiting = find_or_create_organisation(
            session, ANYONE, name="新来有限公司", kind=FIRM, source="web_form"
        )

    assert (_find(database, "新来有限公司").id, _find(database, "新来有限公司").status) == (
        waiting.id,
        ApprovalState.APPROVED,
    )


def test_people_are_told_apart_by_what_is_known_of_them(database: Database, people: People) -> None:
    def person(name: str, **given: str) -> tuple[int, str, str, str]:
        with database.writing() as session:
            row = find_or_create_person(
                session, Actor(), organisation_id=people.huaxing, name=name, source="excel", **given
            )
            return row.id, row.phone, row.email, row.role

    first = person("程 远", phone="13900000001")
    assert person("程远") == first
    assert person("程远", email="cy@example.com", role="expert") == (
        first[0],
        "13900000001",
        "cy@example.com",
        "expert",
    )
    assert person("程远", phone="139 0000 0001")[0] == first[0]
    assert person("程远", phone="13900000002", email="other@example.com")[0] != first[0]


def test_a_strangers_list_changes_nothing_of_a_known_firm(database: Database, people: People) -> None:
    stranger = Actor(user_id=people.university_user, organisation_ids=frozenset({people.jiangda}))
    with database.writing() as session:
        found = find_or_create_organisation(
            session,
            stranger,
            name="华星模具有限公司",
            kind=FIRM,
            uscc="9133022600000001XY",
            town="别处",
            source="excel",
        )

    assert (found.id, found.uscc, found.town) == (people.huaxing, None, "临江街道")


def test_requests_naming_a_new_firm_at_once_make_one(database: Database) -> None:
    together = threading.Barrier(4)

    def name_it(_number: int) -> int:
        together.wait()
        return _find(database, "远山泵业有限公司").id

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(name_it, range(4)))

    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) == len(ids) == 1
