"""What a clerk does with many things at one click: import every list, accept every need."""

import io
from collections.abc import Callable

from event_cast import make_cast
from factories import People, make_need
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from matchmaker.store.engine import Database
from matchmaker.store.tables import Event, Invitation, Need, Upload

Browser = Callable[[int], FlaskClient]
HEADER = "企业名称,技术需求名称,需求描述,联系人,手机\n"
FIRST = "华星模具有限公司,压铸模热裂纹控制,模具在两万模次后龟裂，要提高抗热疲劳性能。,周一诺,13800000001\n"
SECOND = (
    "远航汽配有限公司,压铸件气孔检测,铸件内部气孔只能抽检，需要在线无损检测，节拍二十秒。,林晓,13800000002\n"
)


def _send(client: FlaskClient, name: str, row: str) -> None:
    content = io.BytesIO((HEADER + row).encode("utf-8-sig"))
    client.post("/uploads", data={"files": [(content, name)]})


def test_every_list_that_waits_is_imported_at_one_click(
    people: People, sign_in: Browser, database: Database
) -> None:
    client = sign_in(people.organiser)
    _send(client, "甲.csv", FIRST)
    _send(client, "乙.csv", SECOND)
    before = text_of(client.get("/uploads"))
    assert "待确认的 2 份清单" in before
    assert "甲.csv" in before.partition("带有联系方式，还没有写来源")[0][-30:]

    without = text_of(client.post("/uploads/confirm", follow_redirects=True))
    done = text_of(
        client.post("/uploads/confirm", data={"consent_source": "填报时同意"}, follow_redirects=True)
    )

    assert "“甲.csv”：清单里有联系方式" in without
    assert "已导入 2 份清单" in done
    with database.reading() as session:
        assert session.scalars(select(Need.title).order_by(Need.title)).all() == [
            "压铸件气孔检测",
            "压铸模热裂纹控制",
        ]
        assert set(session.scalars(select(Upload.consent_source))) == {"填报时同意"}


def test_a_telephone_that_cannot_be_read_is_said_when_all_lists_are_imported_at_one_click(
    people: People, sign_in: Browser
) -> None:
    client = sign_in(people.organiser)
    _send(client, "甲.csv", FIRST)
    _send(client, "乙.csv", SECOND.replace("13800000002", "一三八找小王"))

    done = text_of(
        client.post("/uploads/confirm", data={"consent_source": "填报时同意"}, follow_redirects=True)
    )

    assert "已导入 2 份清单" in done
    assert "“乙.csv”：1 行有需要核对的地方，如：" in done
    assert "一三八找小王" in done
    assert "“甲.csv”：" not in done


def test_what_is_too_much_for_one_click_is_imported_in_the_background(
    people: People, sign_in: Browser, database: Database
) -> None:
    client = sign_in(people.organiser)
    for name in ("甲", "乙"):
        rows = (FIRST.replace("压铸模热裂纹控制", f"{name}字{n}号工件的热裂纹控制") for n in range(160))
        _send(client, f"{name}.csv", "".join(rows))

    done = text_of(
        client.post("/uploads/confirm", data={"consent_source": "填报时同意"}, follow_redirects=True)
    )

    assert "已导入 1 份清单" in done
    assert "另有 1 份清单在后台导入" in done
    with database.reading() as session:
        assert sorted(session.scalars(select(Upload.state))) == ["imported", "importing"]


def test_lists_of_others_are_left_alone(people: People, sign_in: Browser, database: Database) -> None:
    firm = sign_in(people.enterprise_user)
    _send(firm, "甲.csv", FIRST)

    sign_in(people.organiser).post("/uploads/confirm", data={"consent_source": "填报时同意"})

    with database.reading() as session:
        assert session.scalars(select(Need)).all() == []


def test_all_waiting_needs_under_the_filter_are_accepted(
    people: People, sign_in: Browser, database: Database
) -> None:
    with database.writing() as session:
        for number in range(60):  # more than one page
            town = "南溪镇" if number else "北山镇"
            make_need(
                session, organisation_id=people.huaxing, status="submitted", town=town, accepted_at=None
            )
    client = sign_in(people.organiser)

    assert "受理全部 60 条" in text_of(client.get("/needs/review"))
    client.post("/needs/accept-all?town=南溪镇&page=2")

    with database.reading() as session:
        rows = session.execute(select(Need.town, Need.status).order_by(Need.id)).all()
    assert {(town, str(status)) for town, status in rows} == {
        ("北山镇", "submitted"),
        ("南溪镇", "accepted"),
    }


def test_an_event_is_published_and_its_guests_invited_at_one_word(
    people: People, sign_in: Browser, database: Database
) -> None:
    with database.writing() as session:
        event_id = make_cast(session, people).event
        session.get_one(Event, event_id).status = "draft"  # type: ignore[assignment]
    client = sign_in(people.organiser)
    assert "发布并邀请" in text_of(client.get(f"/events/{event_id}"))

    done = client.post(f"/events/{event_id}/launch", follow_redirects=True)
    again = client.post(f"/events/{event_id}/launch", follow_redirects=True)

    with database.reading() as session:
        assert session.get_one(Event, event_id).status == "open"
        states = [str(row) for row in session.scalars(select(Invitation.status))]
    assert states == ["invited"] * len(states)
    assert len(states) > 1
    assert f"活动已发布，已邀请 {len(states)} 位" in text_of(done)
    assert "已邀请 0 位" in text_of(again)
