"""The desk's pages: what the hall sees, one button at a time, without a script."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from desk_cast import ORGANISER, Hall, make_hall
from factories import People
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.states import MeetingOutcome
from matchmaker.services.desk import open_desk
from matchmaker.services.desk_badges import badge_address
from matchmaker.services.desk_paper import read_code, sheet_code
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import DeskStep, Intent, Invitation, Need, Organisation, Pairing, Person


@pytest.fixture
def hall(database: Database, people: People) -> Hall:
    with database.writing() as session:
        return make_hall(session)


@pytest.fixture
def phone(sign_in: Callable[[int], FlaskClient], people: People) -> FlaskClient:
    return sign_in(people.organiser)


def page(phone: FlaskClient, address: str) -> str:
    answer = phone.get(address, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def press(phone: FlaskClient, address: str, /, **fields: object) -> str:
    answer = phone.post(address, data=fields, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def steps(session: Session) -> list[str]:
    return list(session.scalars(select(DeskStep.words).order_by(DeskStep.number)))


def first_sitting(database: Database, hall: Hall) -> tuple[int, int, int]:
    with database.reading() as session:
        one = next(one for one in open_desk(session, ORGANISER, hall.event).sittings if one.slot == 1)
    return one.pairing_id, one.slot, one.table


def test_the_board_shows_tables_who_is_missing_and_the_figures(phone: FlaskClient, hall: Hall) -> None:
    text = page(phone, f"/events/{hall.event}/desk")

    assert "第 2 段" in text
    assert "到场 0/10" in text
    assert "马上要谈，人还没到" in text
    assert text.count('class="card desk-table') == 4


@pytest.mark.parametrize("search", ["教授2", "yjs2", "YJ"])
def test_a_guest_is_found_by_name_and_by_initials(phone: FlaskClient, hall: Hall, search: str) -> None:
    text = page(phone, f"/events/{hall.event}/desk?view=people&q={search}")

    assert "乙教授2" in text
    assert "机械有限公司</b>" not in text


def test_a_guest_is_found_by_badge_number(phone: FlaskClient, hall: Hall, database: Database) -> None:
    with database.reading() as session:
        row = session.scalars(select(Invitation).order_by(Invitation.id)).first()
    assert row is not None

    text = page(phone, f"/events/{hall.event}/desk?view=people&q={row.id:04d}")

    assert "第1号机械有限公司</b>" in text
    assert "第2号机械有限公司</b>" not in text


def test_a_badge_opens_its_owner_for_the_desk_only(
    phone: FlaskClient,
    hall: Hall,
    database: Database,
    settings: Settings,
    sign_in: Callable[[int], FlaskClient],
    people: People,
) -> None:
    with database.reading() as session:
        row = session.scalars(select(Invitation).where(Invitation.person_id == hall.experts[0])).one()
    address = badge_address(settings, row.id).removeprefix(settings.public_url)
    told, _, seal = address.rpartition(".")  # the last letter of a seal holds bits that say nothing

    assert "乙教授1" in page(phone, address)
    assert phone.get(f"{told}.{'a' if seal[0] != 'a' else 'b'}{seal[1:]}").status_code == 404
    assert sign_in(people.enterprise_user).get(address).status_code == 403
    assert "胸牌号" in page(phone, f"/events/{hall.event}/desk/badges")


def test_two_presses_take_a_missing_guest_out_and_tell_people(
    phone: FlaskClient, hall: Hall, database: Database
) -> None:
    at = f"/events/{hall.event}/desk"
    text = press(phone, f"{at}/propose", kind="absent", who=f"expert-{hall.experts[0]}")
    proposal = re.search(rf"{at}/proposals/(\d+)/confirm", text)
    assert proposal is not None
    assert "乙教授1 缺席" in text
    assert "确认并通知" in text

    text = press(phone, f"{at}/proposals/{proposal[1]}/confirm", take=["0", "1"])

    assert "已调整，正在通知有关的人" in text
    with database.reading() as session:
        assert steps(session) == ["乙教授1 缺席"]
        changes = session.scalars(select(DeskStep.changes)).one()
    assert sum(change["new"] for change in changes) == 2
    assert "缺席 1" in page(phone, at)


def test_a_proposal_that_no_longer_fits_is_computed_anew_and_asked_again(
    phone: FlaskClient, hall: Hall, database: Database
) -> None:
    at = f"/events/{hall.event}/desk"
    mine = re.search(
        r"proposals/(\d+)/confirm",
        press(phone, f"{at}/propose", kind="absent", who=f"expert-{hall.experts[0]}"),
    )
    theirs = re.search(r"proposals/(\d+)/confirm", press(phone, f"{at}/propose", kind="table_lost", table=1))
    assert mine is not None
    assert theirs is not None
    press(phone, f"{at}/proposals/{theirs[1]}/confirm")

    text = press(phone, f"{at}/proposals/{mine[1]}/confirm")

    assert "有人刚改过现场的安排" in text
    again = re.search(r"proposals/(\d+)/confirm", text)
    assert again is not None
    assert again[1] not in (mine[1], theirs[1])
    with database.reading() as session:
        assert steps(session) == ["1 号桌停用"]


def test_the_live_part_is_sent_only_when_something_is_new(phone: FlaskClient, hall: Hall) -> None:
    at = f"/events/{hall.event}/desk"
    seen = re.search(r"part=live&seen=([\d.-]+)", page(phone, at))
    assert seen is not None

    assert phone.get(f"{at}?part=live&seen={seen[1]}").status_code == 204
    press(phone, f"{at}/arrive", who=f"enterprise-{hall.firms[0]}")
    answer = phone.get(f"{at}?part=live&seen={seen[1]}")
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="desk-live"')
    assert "到场 1/10" in answer.text


def test_a_meeting_starts_and_ends_from_its_page(phone: FlaskClient, hall: Hall, database: Database) -> None:
    pairing_id, slot, table = first_sitting(database, hall)
    at, seen = f"/events/{hall.event}/desk/meetings/{pairing_id}", f"{slot + 1}-{table}"

    assert "已记下开始" in press(phone, f"{at}/start", seen=seen)
    assert "别人已经记过了" in press(phone, f"{at}/start", seen=seen)
    assert "谈完了，结果是" in page(phone, at)
    assert "已记下结果" in press(phone, f"{at}/end", seen=seen, outcome="intent", note="下周去厂里看")
    assert "有人刚改过" in press(phone, f"{at}/end", seen="9-9", outcome="held")

    with database.reading() as session:
        assert session.get_one(Pairing, pairing_id).outcome is MeetingOutcome.INTENT
        assert session.scalars(select(Intent)).one().pairing_id == pairing_id


def test_a_step_is_taken_back_from_the_log(phone: FlaskClient, hall: Hall, database: Database) -> None:
    at = f"/events/{hall.event}/desk"
    press(phone, f"{at}/arrive", who=f"enterprise-{hall.firms[0]}")

    text = press(phone, f"{at}/undo", number=1, next=f"{at}?view=log")

    assert "已撤销：第1号机械有限公司 甲联系1 已到" in text
    assert "已经撤销过了" in press(phone, f"{at}/undo", number=1)


def test_a_walk_in_is_taken_down_chosen_for_and_seated(
    phone: FlaskClient, hall: Hall, database: Database
) -> None:
    at = f"/events/{hall.event}/desk/walk-in"
    answer = phone.post(f"{at}/new", data={"organisation": "路过"})
    assert answer.status_code == 422
    assert "请填写单位全称" in answer.text

    text = press(
        phone,
        f"{at}/new",
        organisation="路过精密科技有限公司",
        person="丙来宾",
        phone="13800000002",
        title="轴承温升过高",
        problem="高速主轴轴承连续运行两小时后温升超过限值，只能停机。",
        agreed="1",
    )
    assert "想见谁" in text
    with database.reading() as session:
        need_id = session.scalars(select(Need.id).order_by(Need.id.desc())).first()
    assert "轴承温升过高" in page(phone, f"{at}?q=路过精密")
    text = press(phone, at, subject="need", subject_id=need_id, wishes=hall.experts[1])
    proposal = re.search(r"proposals/(\d+)/confirm", text)
    assert proposal is not None
    press(phone, f"/events/{hall.event}/desk/proposals/{proposal[1]}/confirm", take="0")

    with database.reading() as session:
        desk = open_desk(session, ORGANISER, hall.event)
        firm = session.scalars(
            select(Organisation.id).where(Organisation.name == "路过精密科技有限公司")
        ).one()
        assert [one.expert_id for one in desk.sittings if one.enterprise_id == firm] == [hall.experts[1]]


def test_a_walk_in_form_sent_twice_takes_the_need_down_once(
    phone: FlaskClient, hall: Hall, database: Database
) -> None:
    form = {
        "organisation": "路过精密科技有限公司",
        "person": "丙来宾",
        "phone": "13800000002",
        "title": "轴承温升过高",
        "problem": "高速主轴轴承连续运行两小时后温升超过限值，只能停机。",
        "agreed": "1",
    }
    at = f"/events/{hall.event}/desk/walk-in/new"
    first = phone.post(at, data=form)
    again = phone.post(at, data=form)
    with_a_space = phone.post(at, data=form | {"title": "轴承 温升过高"})
    another = phone.post(at, data=form | {"title": "主轴异响"})

    assert [one.status_code for one in (first, again, with_a_space, another)] == [303] * 4
    assert first.location == again.location == with_a_space.location != another.location
    with database.reading() as session:
        firm = session.scalars(
            select(Organisation.id).where(Organisation.name == "路过精密科技有限公司")
        ).one()
        titles = session.scalars(select(Need.title).where(Need.organisation_id == firm).order_by(Need.id))
        assert list(titles) == ["轴承 温升过高", "主轴异响"]  # the words sent last


def test_a_walk_in_form_sent_again_with_other_words_corrects_the_need(
    phone: FlaskClient, hall: Hall, database: Database
) -> None:
    form = {
        "organisation": "路过精密科技有限公司",
        "person": "丙来宾",
        "phone": "13800000002",
        "title": "轴承温升过高",
        "problem": "高速主轴轴承连续运行两小时后温升超过限值，只能停机。",
        "agreed": "1",
        "form_key": "0123456789abcdef",
    }
    at = f"/events/{hall.event}/desk/walk-in"
    phone.post(f"{at}/new", data=form)
    phone.post(f"{at}/new", data=form | {"problem": "主轴轴承运行两小时后温升超过 45 度，只能停机。"})
    corrected = {"title": "主轴轴承温升过高", "phone": "13800000003", "organisation": "路过精密机械有限公司"}
    answer = phone.post(f"{at}/new", data=form | corrected)

    with database.reading() as session:
        (need,) = session.scalars(select(Need).where(Need.source == "event"))
        assert (need.title, need.problem, str(need.status)) == (
            "主轴轴承温升过高",
            form["problem"],
            "accepted",
        )
        assert session.get_one(Organisation, need.organisation_id).name == "路过精密机械有限公司"
        assert session.get_one(Person, need.contact_id).phone == "13800000003"
    assert answer.location.endswith(f"subject_id={need.id}")

    text = page(phone, answer.location)
    assert "更正登记的内容" in text
    form_again = page(phone, f"{at}/{need.id}")
    assert 'value="13800000003"' in form_again
    press(phone, f"{at}/new", **form | corrected | {"need_id": need.id, "form_key": "", "person": "丁来宾"})
    with database.reading() as session:
        names = session.scalars(select(Person.name).where(Person.organisation_id == need.organisation_id))
        assert list(names) == ["丁来宾"]
        assert phone.get(f"{at}/{hall.needs[0]}").status_code == 404


def test_a_need_the_firm_had_posted_itself_is_not_overwritten_at_the_desk(
    phone: FlaskClient, hall: Hall, database: Database
) -> None:
    form = {
        "organisation": "第1号机械有限公司",
        "person": "甲联系1",
        "phone": "13800000002",
        "title": "第1项难题",
        "problem": "现场说得比较简单，只有这一句话。",
        "agreed": "1",
    }
    with database.reading() as session:
        before = session.get_one(Need, hall.needs[0]).problem

    answer = phone.post(f"/events/{hall.event}/desk/walk-in/new", data=form)

    assert answer.location.endswith(f"subject_id={hall.needs[0]}")
    with database.reading() as session:
        assert session.get_one(Need, hall.needs[0]).problem == before


def test_the_sheet_code_is_checked() -> None:
    code = sheet_code(12, 5, 7)

    assert read_code(code) == (12, 5, 7)
    assert read_code(f" {code.lower()} ") == (12, 5, 7)
    assert read_code("12-06-7" + code[-1]) is None
    assert read_code("12-05-8" + code[-1]) is None
    assert read_code("垃圾") is None
    assert read_code("") is None


def test_a_sheet_that_was_keyed_in_and_taken_back_is_no_longer_listed(
    phone: FlaskClient, hall: Hall, database: Database
) -> None:
    at = f"/events/{hall.event}/desk"
    pairing_id, _slot, table = first_sitting(database, hall)
    code = sheet_code(hall.event, table, 0)
    keyed = press(phone, f"{at}/keying", code=code, **{f"result-{pairing_id}": "follow_up"})

    press(phone, f"{at}/undo", number=1)

    assert f"补录桌单 {code}" in keyed
    assert "撤销最后一步，再录一次" in keyed
    assert f"补录桌单 {code}" not in page(phone, f"{at}/keying")
    with database.reading() as session:
        assert session.get_one(Pairing, pairing_id).outcome is None


def test_a_sheet_is_keyed_in_once_and_contradictions_are_asked(
    phone: FlaskClient, hall: Hall, database: Database
) -> None:
    at = f"/events/{hall.event}/desk"
    pairing_id, _slot, table = first_sitting(database, hall)
    code = sheet_code(hall.event, table, 0)
    assert code in page(phone, f"{at}/sheets")
    assert phone.get(f"{at}/keying?code=1-1-1A").status_code == 422
    assert f"result-{pairing_id}" in page(phone, f"{at}/keying?code={code}")
    fields = {
        f"result-{pairing_id}": "follow_up",
        f"began-{pairing_id}": "9:02",
        f"ended-{pairing_id}": "0920",
    }

    assert "新记 1 场，已有相同记录 0 场" in press(phone, f"{at}/keying", code=code, **fields)
    assert "新记 0 场，已有相同记录 1 场" in press(phone, f"{at}/keying", code=code, **fields)
    other = {f"result-{pairing_id}": "expert_absent"}
    text = press(phone, f"{at}/keying", code=code, **other)
    assert "和已有的记录不一致" in text
    with database.reading() as session:
        row = session.get_one(Pairing, pairing_id)
        assert (row.outcome, row.outcome_note) == (MeetingOutcome.FOLLOW_UP, "09:02–09:20")

    press(phone, f"{at}/keying", code=code, override=pairing_id, **other)

    with database.reading() as session:
        row = session.get_one(Pairing, pairing_id)
        assert (row.outcome, row.outcome_note) == (MeetingOutcome.NO_SHOW, "专家未到")
        assert len(steps(session)) == 2


def test_what_is_keyed_in_without_a_result_or_with_an_odd_time_is_noted_or_asked_about(
    phone: FlaskClient, hall: Hall, database: Database
) -> None:
    at = f"/events/{hall.event}/desk/keying"
    pairing_id, _slot, table = first_sitting(database, hall)
    code = sheet_code(hall.event, table, 0)

    def keyed(**words: str) -> str:
        answer = phone.post(
            at, data={"code": code} | {f"{key}-{pairing_id}": word for key, word in words.items()}
        )
        return unescape(answer.text if answer.status_code != 303 else page(phone, answer.location))

    assert "没有选结果" in (text := keyed(note="样品下周寄", began="9.02"))
    assert 'value="样品下周寄"' in text
    assert 'value="9.02"' in text
    assert "时间“九点”看不懂" in keyed(result="held", began="九点")
    assert "结束（09:02）早于开始（09:20）" in keyed(result="held", began="0920", ended="9点02分")
    with database.reading() as session:
        assert session.get_one(Pairing, pairing_id).outcome is None

    assert "新记 1 场" in keyed(result="held", began="9.02", ended="９：２０", note="样品下周寄")
    assert "新记 1 场，已有相同记录 0 场" in keyed(result="held", note="还要一份图纸")
    assert "新记 0 场，已有相同记录 1 场" in keyed(result="held", note="还要一份图纸")

    with database.reading() as session:
        noted = session.get_one(Pairing, pairing_id).outcome_note
    assert noted == "样品下周寄；09:02–09:20；还要一份图纸"


def test_an_old_print_is_understood_after_the_timetable_has_changed(
    phone: FlaskClient, hall: Hall, database: Database
) -> None:
    at = f"/events/{hall.event}/desk"
    old = {table: page(phone, f"{at}/keying?code={sheet_code(hall.event, table, 0)}") for table in (1, 2)}
    proposal = re.search(
        r"proposals/(\d+)/confirm", press(phone, f"{at}/propose", kind="table_lost", table=1)
    )
    assert proposal is not None
    press(phone, f"{at}/proposals/{proposal[1]}/confirm")

    again = page(phone, f"{at}/keying?code={sheet_code(hall.event, 1, 0)}")

    assert re.findall(r"result-\d+", again) == re.findall(r"result-\d+", old[1])
    assert phone.get(f"{at}/keying?code={sheet_code(hall.event, 1, 99)}").status_code == 422


def test_before_the_list_is_out_the_desk_says_what_to_do(
    phone: FlaskClient, hall: Hall, database: Database
) -> None:
    with database.writing() as session:
        open_desk(session, ORGANISER, hall.event).listed.published_at = None

    text = page(phone, f"/events/{hall.event}/desk")

    assert "现场台还不能用" in text
    assert "去配对清单" in text


def test_the_desk_asks_the_same_number_of_questions_however_large_the_hall(
    phone: FlaskClient, database: Database, hall: Hall
) -> None:
    from sqlalchemy import event

    with database.writing() as session:
        larger = make_hall(session, firms=12, experts=8, starts_at=clock.now())
    page(phone, f"/events/{hall.event}/desk")  # the browser's session is opened
    counts = []
    for one in (hall, larger):
        asked: list[str] = []
        listen = lambda *args, asked=asked: asked.append(args[2])  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listen)
        page(phone, f"/events/{one.event}/desk")
        event.remove(database.engine, "before_cursor_execute", listen)
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_what_is_not_there_is_said(phone: FlaskClient, hall: Hall) -> None:
    at = f"/events/{hall.event}/desk"

    for path in ("/people/expert-99999", "/people/guest-99999", "/meetings/99999", "/proposals/99999"):
        assert phone.get(at + path).status_code == 404
    assert phone.post(f"{at}/propose", data={"kind": "storm"}).status_code == 404
    assert phone.post(f"{at}/walk-in", data={"subject": "cat"}).status_code == 404
    assert "请填写大约还要多少分钟到" in press(
        phone, f"{at}/propose", kind="late", who=f"expert-{hall.experts[0]}", minutes="x"
    )


def test_enterprises_have_no_desk(sign_in: Callable[[int], FlaskClient], hall: Hall, people: People) -> None:
    assert sign_in(people.enterprise_user).get(f"/events/{hall.event}/desk").status_code == 403
    assert sign_in(people.enterprise_user).get(f"/events/{hall.event}/desk/sheets").status_code == 403
