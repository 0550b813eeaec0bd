"""Two entries of one thing: found, put side by side, merged, and taken apart again."""

from collections.abc import Iterator
from datetime import date

import pytest
from event_cast import make_event
from factories import People, make_achievement, make_need, make_organisation, make_person
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.imports import Decision, Deed
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.states import (
    AchievementState,
    ApprovalState,
    Disclosure,
    EnquiryState,
    IntentLevel,
    NeedState,
    OrganisationKind,
    Role,
)
from matchmaker.errors import NotAllowed, WrongState
from matchmaker.services.duplicates import likely_pairs, merge_certain, shared_needs
from matchmaker.services.kept_apart import keep_apart
from matchmaker.services.merging import merge, undo_merge
from matchmaker.services.need_changes import record_changes, snapshot
from matchmaker.services.need_groups import make_group, set_apart
from matchmaker.services.organisations import find_or_create_organisation, find_or_create_person
from matchmaker.services.upload_import import confirm_upload
from matchmaker.services.upload_reading import read_list
from matchmaker.services.uploads import decide_rows, deed_of, receive_upload
from matchmaker.store.engine import Database
from matchmaker.store.queries.duplicates import pairs_kept_apart
from matchmaker.store.queries.list_rows import rows_of_upload
from matchmaker.store.queries.need_groups import group_lines, group_page
from matchmaker.store.tables import (
    AchievementPatent,
    AchievementPerson,
    EventItem,
    Intent,
    Merge,
    Need,
    NeedChange,
    NeedEnquiry,
    NeedsApart,
    Organisation,
    Person,
)

CODE = "91330226MA28ABCD1L"
OTHER_CODE = "91330226MA2AGXXX2X"
PROBLEM = "模具在两万模次后出现龟裂，需要提高表面抗热疲劳性能，寿命提高五成，并能在线检测裂纹的扩展。"


@pytest.fixture
def session(database: Database, people: People) -> Iterator[Session]:
    """One writing session for the whole test."""
    with database.writing() as session:
        yield session


def pairs(session: Session, kind: str) -> list[tuple[int, int, bool, str]]:
    return [(pair.low, pair.high, pair.certain, pair.why) for pair in likely_pairs(session, kind)]


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ("宁海县青峰模具有限公司", "青峰模具有限责任公司", "名称只差地名、括号、校区或公司形式"),
        ("青峰模具（宁海）有限公司", "青峰模具有限公司", "名称只差地名、括号、校区或公司形式"),
        ("青峰精密模具有限公司", "青锋精密模具有限公司", "名称只差一个字"),
        ("浙江青峰模具有限公司", "青峰模具有限公司", "一个名称是另一个的后半部分"),
        ("青峰模具有限公司", "青峰模具有限公司分公司", ""),
        ("青峰模具有限公司", "远山文具有限公司", ""),
    ],
)
def test_firms_whose_names_are_nearly_one_are_shown(
    session: Session, first: str, second: str, why: str
) -> None:
    one, other = (make_organisation(session, name=name, normalised_name=name).id for name in (first, second))
    assert pairs(session, "organisation") == ([(one, other, False, why)] if why else [])


def test_a_university_is_never_taken_for_its_namesake(session: Session) -> None:
    kind = OrganisationKind.UNIVERSITY
    for name in ("临江大学", "临江大学白溪理工学院", "临江医科大学"):
        make_organisation(session, kind=kind, name=name, normalised_name=name)
    campus = make_organisation(
        session, kind=kind, name="临江大学（东校区）", normalised_name="临江大学东校区"
    )
    assert [pair[1] for pair in pairs(session, "organisation")] == [campus.id]


def test_a_renamed_firm_is_known_by_its_contact(session: Session) -> None:
    one, other = (
        make_organisation(session, name="老字号铸造厂"),
        make_organisation(session, name="新程精工有限公司"),
    )
    for firm in (one, other):
        make_person(session, organisation_id=firm.id, name="郑一凡", phone="13800009999")
    assert pairs(session, "organisation") == [(one.id, other.id, False, "联系人和电话相同，可能更过名")]


def test_two_firms_become_one_and_two_again(session: Session, people: People) -> None:
    kept = session.get_one(Organisation, people.huaxing)
    gone = make_organisation(session, name="华星模具厂", normalised_name="华星模具厂", uscc=CODE)
    person = make_person(session, organisation_id=gone.id)
    need = make_need(session, organisation_id=gone.id, title="老厂的需求")
    done = merge(session, SYSTEM, kind="organisation", kept_id=kept.id, gone_id=gone.id)

    assert (need.organisation_id, person.organisation_id) == (kept.id, kept.id)
    assert (gone.status, gone.merged_into_id, kept.uscc) == (
        ApprovalState.MERGED,
        kept.id,
        CODE,
    )
    same = find_or_create_organisation(
        session, SYSTEM, name="华星模具厂", kind=OrganisationKind.ENTERPRISE, source="import"
    )
    assert same.id == kept.id
    assert pairs(session, "organisation") == []

    undo_merge(session, SYSTEM, merge_id=done.id)
    assert (need.organisation_id, person.organisation_id) == (gone.id, gone.id)
    assert (gone.status, gone.merged_into_id, gone.uscc, kept.uscc) == (
        ApprovalState.APPROVED, None, CODE, None,
    )  # fmt: skip
    with pytest.raises(WrongState):
        undo_merge(session, SYSTEM, merge_id=done.id)


def test_a_code_typed_in_after_a_merge_stays_when_it_is_taken_back(session: Session) -> None:
    kept, gone = (make_organisation(session, name=name) for name in ("甲星模具有限公司", "甲星模具厂"))
    done = merge(session, SYSTEM, kind="organisation", kept_id=kept.id, gone_id=gone.id)
    kept.uscc = CODE

    undo_merge(session, SYSTEM, merge_id=done.id)

    assert (kept.uscc, gone.uscc) == (CODE, None)


def test_a_merge_is_not_taken_back_while_another_unit_has_the_code(session: Session) -> None:
    kept = make_organisation(session, name="甲星模具有限公司", uscc=OTHER_CODE)
    gone = make_organisation(session, name="甲星模具厂", uscc=CODE)
    done = merge(session, SYSTEM, kind="organisation", kept_id=kept.id, gone_id=gone.id)
    make_organisation(session, name="丙厂", uscc=CODE)

    with pytest.raises(WrongState, match=f"信用代码 {CODE} 现在记在“丙厂”名下"):
        undo_merge(session, SYSTEM, merge_id=done.id)


def test_needs_of_one_firm_are_shown_and_those_of_two_are_shared(session: Session, people: People) -> None:
    def need(owner: int, title: str, problem: str = PROBLEM) -> int:
        return make_need(session, organisation_id=owner, title=title, problem=problem).id

    first = need(people.huaxing, "压铸模具热裂纹控制技术")
    exact = need(people.huaxing, "压铸模具热裂纹控制技术。")
    short = need(people.huaxing, "模具热裂纹控制", "请专家到厂里看一看。")
    other = need(people.yuanhang, "压铸模具热裂纹控制技术")
    need(people.huaxing, "注塑车间能耗监测", "想知道每台注塑机每班用多少电。")
    assert pairs(session, "need") == [
        (first, exact, True, "名称和内容相同"),
        (first, short, False, "一个名称是另一个的缩写"),
        (exact, short, False, "一个名称是另一个的缩写"),
    ]
    assert [(pair.low, pair.high) for pair in shared_needs(session)] == [(first, other), (exact, other)]
    with pytest.raises(WrongState, match="共性需求"):
        merge(session, SYSTEM, kind="need", kept_id=first, gone_id=other)
    keep_apart(session, SYSTEM, kind="need", one_id=short, other_id=first)
    assert [pair[:2] for pair in pairs(session, "need")] == [(first, exact), (exact, short)]


def test_what_hung_on_a_need_follows_it_and_returns(session: Session, people: People, event_id: int) -> None:
    kept = make_need(session, organisation_id=people.huaxing, title="热裂纹控制技术", budget_text="")
    gone = make_need(
        session,
        organisation_id=people.huaxing,
        title="模具热裂纹控制技术",
        budget_text="50万",
        budget_min_fen=5_000_000,
    )
    intent = Intent(
        enterprise_id=people.huaxing, partner_id=people.jiangda, matter="热裂纹", matter_key="热裂纹",
        need_id=gone.id, level=IntentLevel.WRITTEN, last_news_on=date(2026, 3, 1), created_at=clock.now(),
    )  # fmt: skip
    item = EventItem(event_id=event_id, subject_kind="need", subject_id=gone.id)
    session.add_all([intent, item])
    session.flush()
    done = merge(session, SYSTEM, kind="need", kept_id=kept.id, gone_id=gone.id, taken={"title"})

    assert (kept.title, kept.budget_text, kept.budget_min_fen) == ("模具热裂纹控制技术", "50万", 5_000_000)
    assert (gone.status, gone.duplicate_of_id) == (NeedState.DUPLICATE, kept.id)
    assert (intent.need_id, item.subject_id) == (kept.id, kept.id)
    kept.budget_text = "60万"  # somebody goes on working
    undo_merge(session, SYSTEM, merge_id=done.id)
    assert (kept.title, kept.budget_text, kept.budget_min_fen) == ("热裂纹控制技术", "60万", None)
    assert (gone.status, gone.duplicate_of_id) == (NeedState.SUBMITTED, None)
    assert (intent.need_id, item.subject_id) == (gone.id, gone.id)


@pytest.mark.parametrize(
    ("kept_level", "gone_level", "taken", "budget", "held_back"),
    [
        ("public", "internal", (), "", ["budget_text"]),
        ("masked", "targeted", (), "", ["budget_text"]),
        ("public", "internal", ("budget_text",), "50万", None),
        ("public", "internal", ("disclosure",), "50万", None),
        ("masked", "masked", (), "50万", None),
        ("internal", "public", (), "50万", None),
    ],
)
def test_what_is_meant_for_fewer_readers_fills_no_blank_unasked(
    session: Session,
    people: People,
    kept_level: str,
    gone_level: str,
    taken: tuple[str, ...],
    budget: str,
    held_back: list[str] | None,
) -> None:
    owner = people.huaxing
    kept = make_need(session, organisation_id=owner, budget_text="", disclosure=Disclosure(kept_level))
    gone = make_need(session, organisation_id=owner, budget_text="50万", disclosure=Disclosure(gone_level))
    done = merge(session, SYSTEM, kind="need", kept_id=kept.id, gone_id=gone.id, taken=taken)

    assert (kept.budget_text, done.gone.get("held_back")) == (budget, held_back)
    undo_merge(session, SYSTEM, merge_id=done.id)
    assert (kept.budget_text, gone.budget_text) == ("", "50万")


def test_what_is_kept_is_as_far_as_either_was_and_goes_back(session: Session, people: People) -> None:
    approved = {"public_title": "公开的名称", "public_text": "公开的文字", "published_at": clock.now()}
    shown = make_need(
        session,
        organisation_id=people.huaxing,
        status=NeedState.PUBLISHED,
        accepted_at=clock.now(),
        **approved,
    )
    fresh = make_need(session, organisation_id=people.huaxing, title="压铸模涂层")
    open_one = make_need(
        session, organisation_id=people.huaxing, title="第三条", disclosure=Disclosure.PUBLIC
    )
    library = make_achievement(session, organisation_id=people.jiangda)
    waiting = make_achievement(
        session, organisation_id=people.jiangda, status=AchievementState.SUBMITTED, published_at=None
    )

    first = merge(session, SYSTEM, kind="need", kept_id=fresh.id, gone_id=shown.id)
    assert (fresh.status, fresh.public_title, fresh.public_text, fresh.published_at) == (
        NeedState.PUBLISHED,
        *approved.values(),
    )
    second = merge(session, SYSTEM, kind="need", kept_id=open_one.id, gone_id=fresh.id)
    assert (open_one.status, open_one.public_text) == (NeedState.ACCEPTED, "")
    third = merge(session, SYSTEM, kind="achievement", kept_id=waiting.id, gone_id=library.id)
    assert (waiting.status, waiting.published_at) == (AchievementState.PUBLISHED, library.published_at)

    for done in (third, second, first):
        undo_merge(session, SYSTEM, merge_id=done.id)
    assert (open_one.status, open_one.accepted_at) == (NeedState.SUBMITTED, None)
    assert (fresh.status, fresh.public_title, fresh.public_text) == (NeedState.SUBMITTED, "", "")
    assert (shown.status, shown.public_text) == (NeedState.PUBLISHED, "公开的文字")
    assert (waiting.status, library.status) == (AchievementState.SUBMITTED, AchievementState.PUBLISHED)


def test_what_is_kept_is_not_shown_outside_by_a_merge_alone(session: Session, people: People) -> None:
    def need(status: NeedState, disclosure: Disclosure, text: str = "") -> Need:
        return make_need(
            session,
            organisation_id=people.huaxing,
            status=status,
            disclosure=disclosure,
            public_title=text,
            public_text=text,
        )

    unseen = need(NeedState.SUBMITTED, Disclosure.PUBLIC)
    inside = need(NeedState.SUBMITTED, Disclosure.INTERNAL)
    nameless = need(NeedState.SUBMITTED, Disclosure.MASKED)
    for kept, gone in (
        (unseen, need(NeedState.MATCHING, Disclosure.MASKED, "公开的文字")),
        (inside, need(NeedState.PUBLISHED, Disclosure.PUBLIC, "公开的文字")),
        (nameless, need(NeedState.INTENDED, Disclosure.MASKED)),
    ):
        merge(session, SYSTEM, kind="need", kept_id=kept.id, gone_id=gone.id)

    assert [one.status for one in (unseen, inside, nameless)] == [
        *(NeedState.ACCEPTED, NeedState.ACCEPTED, NeedState.INTENDED)
    ]
    assert unseen.public_text == ""


def test_open_questions_about_a_need_follow_it_and_return(session: Session, people: People) -> None:
    kept, gone = (make_need(session, organisation_id=people.huaxing) for _ in range(2))
    asked = NeedEnquiry(need_id=gone.id, state=EnquiryState.OPEN, questions=[], asked_at=clock.now())
    session.add(asked)
    session.flush()
    done = merge(session, SYSTEM, kind="need", kept_id=kept.id, gone_id=gone.id)
    assert (asked.need_id, asked.state) == (kept.id, EnquiryState.OPEN)
    undo_merge(session, SYSTEM, merge_id=done.id)
    assert (asked.need_id, asked.state) == (gone.id, EnquiryState.OPEN)


def test_what_a_person_said_about_a_need_follows_it_and_returns(session: Session, people: People) -> None:
    first, kept, gone = (make_need(session, organisation_id=people.huaxing) for _ in range(3))
    other, third = (make_need(session, organisation_id=people.yuanhang) for _ in range(2))
    group = make_group(session, SYSTEM, name="模具热裂纹", need_ids=[gone.id, other.id])
    set_apart(session, SYSTEM, need_ids=[third.id, gone.id])
    keep_apart(session, SYSTEM, kind="need", one_id=first.id, other_id=gone.id)
    old = snapshot(gone)
    gone.budget_text = "50万"
    record_changes(session, SYSTEM, gone, old, cause="edit")
    session.flush()

    def said() -> tuple[list[int], list[set[int]], set[tuple[int, int]], list[int]]:
        page = group_page(session, group.id)
        return (
            [member.id for member in page.members] if page else [],
            [{row.first_id, row.second_id} for row in session.scalars(select(NeedsApart))],
            pairs_kept_apart(session, "need"),
            list(session.scalars(select(NeedChange.need_id))),
        )

    ids = (first.id, kept.id, gone.id, other.id, third.id)
    done = merge(session, SYSTEM, kind="need", kept_id=kept.id, gone_id=gone.id)
    followed = said()
    undo_merge(session, SYSTEM, merge_id=done.id)

    one, two, three, four, five = ids
    assert followed == ([two, four], [{five, two}], {(one, three), (one, two)}, [two])
    assert said() == ([three, four], [{five, three}], {(one, three), (two, three)}, [three])


def test_a_group_that_held_both_needs_of_a_firm_counts_one_of_them(session: Session, people: People) -> None:
    kept, gone = (make_need(session, organisation_id=people.huaxing) for _ in range(2))
    other = make_need(session, organisation_id=people.yuanhang)
    group = make_group(session, SYSTEM, name="模具热裂纹", need_ids=[kept.id, gone.id, other.id])
    before = [line.needs for line in group_lines(session)]
    done = merge(session, SYSTEM, kind="need", kept_id=kept.id, gone_id=gone.id)
    merged = [line.needs for line in group_lines(session)]
    undo_merge(session, SYSTEM, merge_id=done.id)

    assert (before, merged) == ([3], [2])
    assert [(line.id, line.needs, line.firms) for line in group_lines(session)] == [(group.id, 3, 2)]


@pytest.fixture
def event_id(session: Session) -> int:
    """An event in a campaign."""
    return make_event(session).id


def test_two_needs_on_one_table_are_left_to_a_person(session: Session, people: People, event_id: int) -> None:
    one, other = (make_need(session, organisation_id=people.huaxing, problem=PROBLEM).id for _ in range(2))
    session.add_all(
        EventItem(event_id=event_id, subject_kind="need", subject_id=need_id) for need_id in (one, other)
    )
    with pytest.raises(WrongState, match="同一场活动"):
        merge(session, SYSTEM, kind="need", kept_id=one, gone_id=other)


def test_achievements_are_one_by_number_or_by_title_and_owner(session: Session, people: People) -> None:
    def achievement(owner: int, title: str, *numbers: str) -> int:
        row = make_achievement(session, organisation_id=owner, title=title, title_key=title, summary=title)
        session.add_all(AchievementPatent(achievement_id=row.id, number=number) for number in numbers)
        session.flush()
        return row.id

    first = achievement(people.jiangda, "高温耐磨涂层的制备方法", "2019101234567")
    renumbered = achievement(people.jiangda, "一种涂层及其制备", "2019101234567")
    other = achievement(people.jiangda, "高温耐磨涂层的制备方法", "2020101234568")
    elsewhere = achievement(people.haiyuan, "高温耐磨涂层的制备方法")
    twin = achievement(people.haiyuan, "高温耐磨涂层的制备方法")
    together = [
        achievement(owner, "共有的专利", "2021101234569") for owner in (people.jiangda, people.haiyuan)
    ]
    assert pairs(session, "achievement") == [
        (elsewhere, twin, True, "单位和名称相同"),
        (first, renumbered, False, "专利号相同，名称不同"),
        (first, other, False, "名称相同，专利号不同"),
        (first, elsewhere, False, "名称相同，单位不同"),
        (first, twin, False, "名称相同，单位不同"),
        (other, elsewhere, False, "名称相同，单位不同"),
        (other, twin, False, "名称相同，单位不同"),
        (*together, False, "专利号和名称相同"),
    ]


def test_a_person_entered_twice_is_one_under_the_university(session: Session, people: People) -> None:
    kept = make_person(session, organisation_id=people.jiangda, name="陆知远", phone="13800001111", title="")
    gone = make_person(
        session,
        organisation_id=people.jiangda_college,
        name="陆知远",
        phone="13800002222",
        title="教授",
        role="expert",
    )
    row = make_achievement(session, organisation_id=people.jiangda)
    session.add(AchievementPerson(achievement_id=row.id, person_id=gone.id))
    make_person(session, organisation_id=people.haiyuan, name="陆知远")
    session.flush()
    kept_id, gone_id = kept.id, gone.id
    assert pairs(session, "person") == [(kept_id, gone_id, False, "同一学校不同学院的同名人员")]
    done = merge(session, SYSTEM, kind="person", kept_id=kept_id, gone_id=gone_id)

    assert (kept.phone, kept.title, session.get(Person, gone_id)) == (
        "13800001111、13800002222",
        "教授",
        None,
    )
    makers = select(AchievementPerson.person_id).where(AchievementPerson.achievement_id == row.id)
    assert list(session.scalars(makers)) == [kept_id]
    again = find_or_create_person(
        session, SYSTEM, organisation_id=people.jiangda, name="陆知远", phone="13800002222", source="import"
    )
    assert again.id == kept_id
    undo_merge(session, SYSTEM, merge_id=done.id)
    back = session.scalars(select(Person).where(Person.phone == "13800002222")).one()
    assert (back.organisation_id, back.title, list(session.scalars(makers))) == (
        people.jiangda_college, "教授", [back.id],
    )  # fmt: skip
    assert (kept.phone, kept.title) == ("13800001111", "")


def test_what_was_merged_inside_a_merged_firm_is_taken_apart_before_the_firm(session: Session) -> None:
    firms = [make_organisation(session, name=name) for name in ("远山文具有限公司", "远山文具厂")]
    contacts = [
        make_person(session, organisation_id=firm.id, name="林小满", phone="13800001111") for firm in firms
    ]
    session.flush()
    ids, people_ids = [firm.id for firm in firms], [person.id for person in contacts]
    firm_merge = merge(session, SYSTEM, kind="organisation", kept_id=ids[0], gone_id=ids[1])
    person_merge = merge(session, SYSTEM, kind="person", kept_id=people_ids[0], gone_id=people_ids[1])

    with pytest.raises(WrongState, match="转过来的“林小满”后来又与“林小满”合并，请先撤销那一次合并。"):
        undo_merge(session, SYSTEM, merge_id=firm_merge.id)
    undo_merge(session, SYSTEM, merge_id=person_merge.id)
    undo_merge(session, SYSTEM, merge_id=firm_merge.id)

    found = session.scalars(select(Person).where(Person.name == "林小满").order_by(Person.id))
    assert [person.organisation_id for person in found] == ids


def test_certain_ones_merge_by_rule_and_are_logged(database: Database, people: People) -> None:
    with database.writing() as session:
        for _ in range(3):
            make_need(session, organisation_id=people.huaxing, title="热裂纹控制", problem=PROBLEM)
        make_need(session, organisation_id=people.yuanhang, title="热裂纹控制", problem=PROBLEM)
    assert (merge_certain(database), merge_certain(database)) == (2, 0)
    with database.reading() as session:
        standing = select(Need.organisation_id).where(Need.status == NeedState.SUBMITTED).order_by(Need.id)
        assert list(session.scalars(standing)) == [people.huaxing, people.yuanhang]
        assert {row.rule for row in session.scalars(select(Merge))} == {"名称和内容相同"}

    with database.writing() as session:
        (last, *_) = session.scalars(select(Merge.id).order_by(Merge.id.desc()))
        undo_merge(session, SYSTEM, merge_id=last)
    assert merge_certain(database) == 0  # what a person took apart stays so


def test_a_registration_is_merged_by_nobody_but_the_organiser(database: Database, people: People) -> None:
    with database.writing() as session:
        for name, states in (
            ("青峰模具有限公司", (ApprovalState.APPROVED, ApprovalState.WAITING)),
            ("远山文具有限公司", (ApprovalState.REFUSED, ApprovalState.APPROVED)),
        ):
            for state in states:
                make_organisation(session, name=name, normalised_name=name, status=state)
    with database.reading() as session:
        found = [(certain, why) for *_, certain, why in pairs(session, "organisation")]

    assert found == [(False, "名称相同")]
    assert merge_certain(database) == 0


def test_a_list_that_names_a_merged_need_again_adds_nothing(database: Database, people: People) -> None:
    lines = (
        f"企业名称,技术需求名称,需求描述\n华星模具有限公司,热裂纹控制技术,{PROBLEM}\n"
        "华星模具有限公司,热裂纹控制,请专家来看。\n"
    )
    decided = []
    for _ in range(2):
        content = lines.encode("utf-8-sig")
        with database.writing() as session:
            upload = receive_upload(
                session, SYSTEM, filename="需求.csv", content=content,
                reading=read_list(content, "需求.csv", answers={}),
            )  # fmt: skip
            confirm_upload(session, SYSTEM, upload_id=upload.id)
            decided.append([deed_of(upload, row) for row in rows_of_upload(session, upload.id)])
            ids = list(session.scalars(select(Need.id).order_by(Need.id)))
            if len(decided) == 1:
                merge(session, SYSTEM, kind="need", kept_id=ids[0], gone_id=ids[1])
    assert decided == [[Deed.ADD, Deed.ADD], [Deed.NOTHING, Deed.NOTHING]]


def test_what_was_imported_as_new_on_purpose_is_not_merged_by_rule(
    database: Database, people: People
) -> None:
    line = f"华星模具有限公司,热裂纹控制技术,{PROBLEM}\n"
    content = f"企业名称,技术需求名称,需求描述\n{line}{line}".encode("utf-8-sig")
    with database.writing() as session:
        upload = receive_upload(
            session, SYSTEM, filename="需求.csv", content=content,
            reading=read_list(content, "需求.csv", answers={}),
        )  # fmt: skip
        (_, twin) = rows_of_upload(session, upload.id)
        decide_rows(session, SYSTEM, upload_id=upload.id, positions=[twin.position], decision=Decision.NEW)
        confirm_upload(session, SYSTEM, upload_id=upload.id)
    decided_apart = merge_certain(database)
    with database.writing() as session:  # a third one, about which nobody has decided
        make_need(session, organisation_id=people.huaxing, title="热裂纹控制技术", problem=PROBLEM)

    assert (decided_apart, merge_certain(database)) == (0, 1)
    with database.reading() as session:
        standing = session.scalars(select(Need.id).where(Need.status == NeedState.SUBMITTED))
        assert len(list(standing)) == 2


def test_only_the_organiser_merges(session: Session, people: People) -> None:
    stranger = Actor(user_id=people.enterprise_user, roles=frozenset({Role.ENTERPRISE}))
    with pytest.raises(NotAllowed):
        merge(session, stranger, kind="need", kept_id=1, gone_id=2)
    with pytest.raises(NotAllowed):
        keep_apart(session, stranger, kind="need", one_id=1, other_id=2)
