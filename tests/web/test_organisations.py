"""Organisations, people, contacts and settings, through the pages."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from event_cast import make_list
from factories import People, make_achievement, make_need, make_organisation
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import event, select

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import ApprovalState, ConsentScope, PairingState
from matchmaker.services.consents import current_notice_version, has_consent, notice_sections, record_consents
from matchmaker.services.contacts import log_export
from matchmaker.services.settings_seed import seed_campaign, seed_themes
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.queries.organisations import town_names
from matchmaker.store.tables import (
    Campaign,
    Consent,
    ContactAccess,
    Event,
    Need,
    Organisation,
    OrganisationAlias,
    Pairing,
    Person,
    StateChange,
    Theme,
)

Browser = Callable[[int], FlaskClient]
FORM = {"kind": "enterprise", "name": "华星模具有限公司", "town": "南溪镇", "version": "1", "local": "1"}


def test_the_organiser_renames_a_firm_and_the_former_name_leads_to_it(
    people: People, sign_in: Browser, database: Database
) -> None:
    browser = sign_in(people.organiser)

    done = browser.post(f"/organisations/{people.huaxing}/edit", data=FORM | {"name": "华星精密模具有限公司"})
    late = browser.post(f"/organisations/{people.huaxing}/edit", data=FORM)

    assert (done.status_code, late.status_code) == (303, 409)
    with database.reading() as session:
        assert session.get_one(Organisation, people.huaxing).name == "华星精密模具有限公司"
        aliases = session.scalars(select(OrganisationAlias.alias)).all()
    assert aliases == ["华星模具有限公司"]


def test_a_firm_describes_itself_but_does_not_rename_itself(
    people: People, sign_in: Browser, database: Database
) -> None:
    browser = sign_in(people.enterprise_user)
    form = FORM | {"name": "别的名字", "address": "兴业路 9 号", "website": "www.example.com:8080/a"}

    assert browser.post(f"/organisations/{people.huaxing}/edit", data=form).status_code == 303
    with database.reading() as session:
        row = session.get_one(Organisation, people.huaxing)
    assert (row.name, row.town, row.address, row.website) == (
        "华星模具有限公司",
        "南溪镇",
        "兴业路 9 号",
        "https://www.example.com:8080/a",
    )


@pytest.mark.parametrize("user", ["organiser", "enterprise_user"])
@pytest.mark.parametrize("address", ["javascript:alert(1)", "JaVaScript:alert(1)//", "两个 网址"])
def test_what_is_no_web_address_is_refused_and_stays_in_the_form(
    people: People, sign_in: Browser, user: str, address: str
) -> None:
    browser = sign_in(getattr(people, user))

    answer = browser.post(f"/organisations/{people.huaxing}/edit", data=FORM | {"website": address})

    assert answer.status_code == 422
    assert "网址请写成" in answer.get_data(as_text=True)
    assert address.replace("'", "&#39;") in answer.get_data(as_text=True)


def test_others_neither_see_nor_change_a_firm(people: People, sign_in: Browser) -> None:
    for user_id in (people.other_enterprise_user, people.university_user):
        browser = sign_in(user_id)
        address = f"/organisations/{people.huaxing}"
        assert browser.get(address).status_code == 404
        assert browser.post(f"{address}/edit", data=FORM).status_code == 404
        assert browser.get(f"{address}/people/{people.huaxing_contact}").status_code == 404
        assert browser.get("/organisations").status_code == 403


def test_a_university_sees_its_colleges_and_adds_one(
    people: People, sign_in: Browser, database: Database
) -> None:
    browser = sign_in(people.university_user)
    form = {"kind": "college", "name": "江州大学化学学院"}

    assert browser.get(f"/organisations/{people.jiangda_college}").status_code == 200
    done = browser.post("/organisations/new", data=form)
    assert browser.post("/organisations/new", data=form).status_code == 422
    foreign = browser.post("/organisations/new", data=form | {"parent_id": people.haiyuan})
    firm = browser.post("/organisations/new", data={"kind": "enterprise", "name": "校办工厂"})

    assert (done.status_code, foreign.status_code, firm.status_code) == (303, 403, 403)
    with database.reading() as session:
        row = session.scalars(select(Organisation).where(Organisation.name == "江州大学化学学院")).one()
    assert (row.parent_id, row.status, row.local) == (people.jiangda, ApprovalState.APPROVED, False)


def test_two_rows_of_one_firm_are_compared_and_become_one(
    people: People, sign_in: Browser, database: Database
) -> None:
    with database.writing() as session:
        double = make_organisation(session, name="华星模具厂", uscc="9133022600000001XY")
        need_id = make_need(session, organisation_id=double.id).id
    browser = sign_in(people.organiser)

    shown = browser.get(f"/organisations/{double.id}").text
    assert f'<option value="{people.huaxing}"' in shown
    assert f'<option value="{double.id}"' not in shown
    compared = browser.get(f"/duplicates/pair?kind=organisation&left={double.id}&right={people.huaxing}").text
    assert "人员 0 · 需求 1 · 成果 0" in compared
    assert "是两回事" not in compared
    same = browser.get(f"/duplicates/pair?kind=organisation&left={double.id}&right={double.id}")
    assert same.status_code == 409

    chosen = {"kind": "organisation", "left": double.id, "right": people.huaxing, "keep": people.huaxing}
    done = browser.post("/duplicates/merge", data=chosen | {"pick-uscc": "left"}, follow_redirects=True)

    assert re.search(r'action="/duplicates/log/\d+/undo"', done.text)

    with database.reading() as session:
        kept, gone = (session.get_one(Organisation, i) for i in (people.huaxing, double.id))
        assert session.get_one(Need, need_id).organisation_id == people.huaxing
        assert session.scalars(select(StateChange.subject_kind)).all() == ["organisation"]
    assert (kept.uscc, gone.status, gone.merged_into_id) == (
        "9133022600000001XY",
        ApprovalState.MERGED,
        people.huaxing,
    )
    assert sign_in(people.enterprise_user).get("/duplicates/pair").status_code == 403


def test_the_organiser_changes_a_person_without_seeing_the_contact(
    people: People, sign_in: Browser, database: Database
) -> None:
    browser = sign_in(people.organiser)
    address = f"/organisations/{people.huaxing}/people/{people.huaxing_contact}"
    with database.reading() as session:
        phone = session.get_one(Person, people.huaxing_contact).phone

    assert phone not in text_of(browser.get(address))
    assert phone not in text_of(browser.get(f"/organisations/{people.huaxing}"))
    assert browser.post(address, data={"name": "周一诺", "position": "厂长", "version": 1}).status_code == 303

    with database.reading() as session:
        row = session.get_one(Person, people.huaxing_contact)
    assert (row.position, row.phone) == ("厂长", phone)
    assert phone in text_of(sign_in(people.enterprise_user).get(f"/organisations/{people.huaxing}"))


def _pair(database: Database, people: People, *, ticked: bool = True, **changes: Any) -> None:
    ticks = {ConsentScope.CONTACT_AFTER_ACCEPT: ticked}
    with database.writing() as session:
        need = make_need(session, organisation_id=people.huaxing, contact_id=people.huaxing_contact)
        achievement = make_achievement(session, organisation_id=people.jiangda)
        for kind, key in (("need", need.id), ("achievement", achievement.id)):
            record_consents(
                session, Actor(), subject_kind=kind, subject_id=key, ticks=ticks, channel="web_form"
            )
        campaign = seed_campaign(session, name="百日百场")
        day = clock.today()
        event_row = Event(
            campaign_id=campaign.id,
            title="模具专场",
            status="open",
            held_on=day,
            starts_at=clock.now(),
            created_at=clock.now(),
        )
        session.add(event_row)
        session.flush()
        drawn = make_list(session, event_row.id)
        session.add(
            Pairing(
                list_id=drawn.id,
                event_id=event_row.id,
                need_id=need.id,
                achievement_id=achievement.id,
                expert_id=people.jiangda_expert,
                **changes,
            )
        )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": PairingState.ACCEPTED_NEED, "need_answer": "accepted"}, 403),
        ({"status": PairingState.SCHEDULED}, 403),
        ({"status": PairingState.ACCEPTED_BOTH}, 200),
        ({"status": PairingState.ACCEPTED_BOTH, "ticked": False}, 403),
        (
            {
                "status": PairingState.SCHEDULED,
                "need_answer": "accepted",
                "achievement_answer": "accepted",
            },
            200,
        ),
    ],
)
def test_the_other_side_sees_a_contact_once_both_accepted(
    people: People, sign_in: Browser, database: Database, changes: dict[str, Any], status: int
) -> None:
    _pair(database, people, **changes)

    firm = sign_in(people.enterprise_user).post(f"/contacts/person/{people.jiangda_expert}/reveal")
    university = sign_in(people.university_user).post(f"/contacts/person/{people.huaxing_contact}/reveal")
    stranger = sign_in(people.other_university_user).post(f"/contacts/person/{people.huaxing_contact}/reveal")

    assert [firm.status_code, university.status_code, stranger.status_code] == [status, status, 403]
    with database.reading() as session:
        seen = session.execute(select(ContactAccess.user_id, ContactAccess.subject_id)).all()
    both = [
        (people.enterprise_user, people.jiangda_expert),
        (people.university_user, people.huaxing_contact),
    ]
    assert [tuple(row) for row in seen] == (both if status == 200 else [])


def test_a_withdrawn_consent_closes_the_contact_again(
    people: People, sign_in: Browser, database: Database
) -> None:
    _pair(database, people, status=PairingState.ACCEPTED_BOTH)
    sign_in(people.enterprise_user).post("/accounts/mine/consents", data={"scopes": ["internal"]})

    answer = sign_in(people.university_user).post(f"/contacts/person/{people.huaxing_contact}/reveal")

    assert answer.status_code == 403


def test_a_revealed_contact_comes_as_a_piece_or_as_a_page(people: People, sign_in: Browser) -> None:
    browser = sign_in(people.organiser)
    address = f"/contacts/person/{people.huaxing_contact}/reveal"

    piece = text_of(browser.post(address, headers={"HX-Request": "true"}))
    page = text_of(browser.post(address))

    assert piece.startswith('<span class="masked">')
    assert page.startswith("<!doctype html>")
    assert "周一诺" in piece
    assert "周一诺" in page
    assert browser.post("/contacts/other/1/reveal").status_code == 404


def test_the_log_says_who_saw_whose_contact_and_exports_it(
    people: People, sign_in: Browser, database: Database
) -> None:
    from openpyxl import load_workbook  # slow to import

    sign_in(people.organiser).post(
        f"/contacts/person/{people.huaxing_contact}/reveal", data={"purpose": "电话确认参会"}
    )
    with database.writing() as session:
        log_export(session, Actor(user_id=people.organiser), [people.jiangda_expert], "打印配对清单（内部）")
    admin = sign_in(people.admin)

    page = text_of(admin.get("/contacts/log"))
    only_views = text_of(admin.get("/contacts/log?action=view&q=华星"))
    book = load_workbook(io.BytesIO(admin.get("/contacts/log?format=xlsx").data))

    assert "电话确认参会" in page
    assert "打印配对清单（内部）" in page
    assert "周*" in page
    assert "周一诺" not in page
    assert "打印配对清单" not in only_views
    rows = [[cell.value for cell in row][3:] for row in book.active.iter_rows(min_row=2, max_row=3)]
    assert rows == [
        ["导出", "沈*", "江州大学机械工程学院", "打印配对清单（内部）"],
        ["查看", "周*", "华星模具有限公司", "电话确认参会"],
    ]


def test_the_list_of_organisations_finds_by_alias_and_asks_no_more_for_more_rows(
    people: People, sign_in: Browser, database: Database
) -> None:
    with database.writing() as session:
        session.add(
            OrganisationAlias(
                organisation_id=people.huaxing, alias="华星五金厂", normalised_alias="华星五金厂"
            )
        )
    browser = sign_in(people.organiser)
    found = text_of(browser.get("/organisations?q=五金厂"))
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    browser.get("/organisations?kind=enterprise")
    few = len(statements)
    with database.writing() as session:
        for _ in range(3):
            make_organisation(session)
    statements.clear()
    browser.get("/organisations?kind=enterprise")

    assert "华星模具有限公司" in found
    assert "远航汽配有限公司" not in found
    assert len(statements) == few


def test_consents_are_kept_never_changed(people: People, database: Database) -> None:
    scope = ConsentScope.PUBLIC_DISPLAY
    for granted in (True, True, False):
        with database.writing() as session:
            record_consents(
                session,
                Actor(),
                subject_kind="need",
                subject_id=1,
                ticks={scope: granted},
                channel="web_form",
            )
            assert has_consent(session, "need", 1, scope) == granted

    with database.reading() as session:
        rows = session.scalars(select(Consent).order_by(Consent.id)).all()
    assert [(row.granted, row.withdrawn_at is None) for row in rows] == [(True, False), (False, True)]
    assert {row.notice_version for row in rows} == {current_notice_version()}


def test_the_notice_names_who_why_what_how_long_who_receives_and_how_to_delete(settings: Settings) -> None:
    sections = notice_sections(bureau="临澜县科学技术局", retention=settings.retention)

    assert [section.heading for section in sections] == [
        "谁在处理",
        "为什么处理",
        "处理哪些信息",
        "谁能看到",
        "自动推荐",
        "保存多久",
        "您的权利",
        "怎样删除",
    ]
    words = "".join(paragraph for section in sections for paragraph in section.paragraphs)
    assert "临澜县科学技术局" in words
    assert "12 个月" in words
    assert "{" not in words


def test_settings_of_themes_towns_and_campaign(people: People, sign_in: Browser, database: Database) -> None:
    with database.writing() as session:
        added = seed_themes(session)
        assert (added > 5, seed_themes(session)) == (True, 0)
        campaign = seed_campaign(session, name="百日百场")
        first, second = session.scalars(select(Theme.id).order_by(Theme.place).limit(2))
    browser = sign_in(people.admin)
    series = {
        "name": "百日百场",
        "starts_on": "2026-03-01",
        "ends_on": "2026-06-08",
        "target_events": "100",
        "target_intents": "60",
        "target_contracts": "30",
        "version": "1",
    }

    browser.post("/settings/towns", data={"towns": "南溪镇\n临江街道、北山乡\n南溪镇"})
    browser.post(f"/settings/themes/{second}/move", data={"direction": "up"})
    browser.post(f"/settings/themes/{first}", data={"name": "模具与压铸", "words": "模具、压铸\n模具"})
    own = browser.post("/settings/themes", data={"name": "海洋装备"})
    twice = browser.post("/settings/themes", data={"name": "海洋装备"})
    backwards = browser.post(f"/settings/campaign/{campaign.id}", data=series | {"ends_on": "2026-01-01"})
    saved = browser.post(f"/settings/campaign/{campaign.id}", data=series)
    stale = browser.post(f"/settings/campaign/{campaign.id}", data=series)

    assert [answer.status_code for answer in (own, twice, backwards, saved, stale)] == [
        303,
        422,
        422,
        303,
        409,
    ]
    with database.reading() as session:
        assert town_names(session) == ("南溪镇", "临江街道", "北山乡")
        themes = session.scalars(select(Theme).order_by(Theme.place)).all()
        assert [theme.id for theme in themes[:2]] == [second, first]
        assert (themes[1].name, themes[1].words) == ("模具与压铸", ["模具", "压铸"])
        assert themes[-1].name == "海洋装备"
        assert session.get_one(Campaign, campaign.id).target_intents == 60
    assert browser.get(f"/settings/themes/{first}").status_code == 200
    assert sign_in(people.organiser).get("/settings").status_code == 403
