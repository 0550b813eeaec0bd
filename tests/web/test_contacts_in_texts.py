"""Contacts that people write into their texts stay hidden from others, wherever the text is shown."""

from collections.abc import Callable

from event_cast import make_match
from factories import People, make_achievement, make_need
from flask.testing import FlaskClient
from lists_in import taken_in
from reading import text_of
from sqlalchemy import select

from matchmaker.domain.states import Disclosure, Grade, NeedState
from matchmaker.store.engine import Database
from matchmaker.store.tables import Achievement, AchievementPerson, Need, Person, UploadRow
from matchmaker.web.frame import MatchmakerApp

SignIn = Callable[[int], FlaskClient]
WRITTEN = "模具龟裂，有办法的请打 13857000201 或写信 wang@huaxing.example。"


def test_the_public_edition_of_a_need_starts_without_contacts_and_takes_none(
    database: Database, people: People, sign_in: SignIn
) -> None:
    with database.writing() as session:
        need_id = make_need(
            session, organisation_id=people.huaxing, status=NeedState.ACCEPTED, problem=WRITTEN, key_points=""
        ).id
    organiser = sign_in(people.organiser)

    offered = text_of(organiser.get(f"/needs/{need_id}/publish"))
    assert "请打 【联系方式已隐去】 或写信 【联系方式已隐去】。" in offered
    edition = {"public_title": "求涂层", "public_text": WRITTEN, "disclosure": "public"}
    refused = organiser.post(f"/needs/{need_id}/publish", data=edition)

    assert refused.status_code == 422
    assert "这里有联系方式“13857000201、wang@huaxing.example”" in text_of(refused)
    with database.reading() as session:
        assert session.scalars(select(Need.status)).one() is NeedState.ACCEPTED


def test_an_edition_of_before_that_holds_contacts_is_shown_without_them(
    database: Database, people: People, sign_in: SignIn, app: object
) -> None:
    with database.writing() as session:
        need_id = make_need(
            session,
            organisation_id=people.huaxing,
            status=NeedState.PUBLISHED,
            disclosure=Disclosure.PUBLIC,
            public_title="求涂层",
            public_text=WRITTEN,
        ).id

    outside = text_of(sign_in(people.university_user).get(f"/needs/{need_id}"))
    inside = text_of(sign_in(people.organiser).get(f"/needs/{need_id}"))

    assert "【联系方式已隐去】" in outside
    assert ("13857000201" in outside, "13857000201" in inside) == (False, True)


def test_an_achievement_is_shown_to_others_without_the_contacts_in_its_text(
    database: Database, people: People, sign_in: SignIn
) -> None:
    with database.writing() as session:
        achievement_id = make_achievement(
            session,
            organisation_id=people.jiangda,
            summary="涂层成熟，合作请加微信：tuceng_88。",
            application="",
        ).id

    others = text_of(sign_in(people.enterprise_user).get(f"/achievements/{achievement_id}"))
    own = text_of(sign_in(people.university_user).get(f"/achievements/{achievement_id}"))

    assert "合作请加微信：【联系方式已隐去】。" in others
    assert "合作请加微信：tuceng_88。" in own


def test_a_list_brings_no_contact_into_what_everybody_is_shown_and_the_row_says_so(
    database: Database, people: People
) -> None:
    lines = [
        "成果名称,完成单位,完成人,成果简介,转让价格,应用行业,关键词",
        "压铸涂层（联系电话13857000201）,江州大学,陈舟 13857000202、李川,耐磨。电话13857000203,面议,"
        "机械 13857000204,涂层；电话13857000205",
    ]
    upload_id = taken_in(database, "\n".join(lines).encode(), "成果.csv")

    with database.reading() as session:
        made = session.scalars(select(Achievement)).one()
        row = session.scalars(select(UploadRow).where(UploadRow.upload_id == upload_id)).one()
        makers = set(session.scalars(select(Person.name).join(AchievementPerson)))
    assert (made.title, made.authors_text, made.industry) == ("压铸涂层", "陈舟、李川", "机械")
    assert (made.summary, made.keywords, made.price_text) == ("耐磨。电话13857000203", ["涂层"], "面议")
    assert makers == {"陈舟", "李川"}
    assert [(one["field"], one["message"]) for one in row.problems if one["code"] == "contacts"] == [
        (name, f"“{label}”里的联系方式“{held}”不记入，因为这里人人看得到；请写到“联系电话”一列。")
        for name, label, held in (
            ("title", "成果名称", "13857000201"),
            ("authors_text", "完成人", "13857000202"),
            ("industry", "应用行业", "13857000204"),
            ("keywords", "关键词", "13857000205"),
        )
    ]


def test_the_form_takes_no_contact_where_everybody_is_shown_it(
    database: Database, people: People, sign_in: SignIn
) -> None:
    form = {
        "record_type": "achievement",
        "title": "抗热裂涂层 13857000201",
        "owner_text": "江州大学",
        "authors_text": "陈舟（微信：chenzhou）",
        "summary": "寿命提高一倍。",
        "disclosure": "public",
        "consent_public_display": "1",
        "consent_internal": "1",
    }
    refused = sign_in(people.university_user).post("/achievements/new", data=form)

    assert refused.status_code == 422
    assert "“成果名称”里有联系方式“13857000201”：这里人人看得到，请写到“联系人”里。" in text_of(refused)
    assert "“完成人”里有联系方式“chenzhou”" in text_of(refused)


def test_the_time_limit_of_a_need_is_shown_to_others_without_a_contact(
    database: Database, people: People, sign_in: SignIn
) -> None:
    with database.writing() as session:
        need_id = make_need(
            session,
            organisation_id=people.huaxing,
            status=NeedState.PUBLISHED,
            disclosure=Disclosure.PUBLIC,
            period_text="一年内，急请打13857000201",
            fields=[],
            field_text="涂层（电话13857000202）",
        ).id

    shown = {
        who: text_of(sign_in(user).get(f"/needs/{need_id}"))
        for who, user in (("others", people.university_user), ("own", people.enterprise_user))
    }

    assert "一年内，急请打【联系方式已隐去】" in shown["others"]
    assert "涂层（电话【联系方式已隐去】）" in shown["others"]
    assert "一年内，急请打13857000201" in shown["own"]
    assert "涂层（电话13857000202）" in shown["own"]


def test_what_an_expert_works_on_is_told_to_others_without_a_contact(
    database: Database, people: People, sign_in: SignIn
) -> None:
    with database.writing() as session:
        expert = session.get_one(Person, people.jiangda_expert)
        expert.expertise, expert.position = "压铸涂层，联系电话13857000201", "所长（微信：suozhang）"
        expert.title = ""
        made = make_achievement(session, organisation_id=people.jiangda)
        session.add(AchievementPerson(achievement_id=made.id, person_id=expert.id))

    shown = {
        who: text_of(sign_in(user).get(f"/experts/{people.jiangda_expert}"))
        for who, user in (("others", people.enterprise_user), ("own", people.university_user))
    }

    assert "压铸涂层，联系电话【联系方式已隐去】" in shown["others"]
    assert "所长（微信：【联系方式已隐去】）" in shown["others"]
    assert "压铸涂层，联系电话13857000201" in shown["own"]
    assert "suozhang" not in text_of(sign_in(people.enterprise_user).get("/experts"))


def test_a_hidden_number_does_not_answer_to_a_search_for_its_figures(
    database: Database, people: People, sign_in: SignIn, app: MatchmakerApp
) -> None:
    with database.writing() as session:
        for title, summary in (("甲涂层", "电话1385 7000 201"), ("乙合金", "7075 铝合金，电话见附件")):
            made = make_achievement(session, organisation_id=people.jiangda, title=title, summary=summary)
        expert = session.get_one(Person, people.jiangda_expert)
        expert.expertise = "联系１３８５７０００２０１"
        session.add(AchievementPerson(achievement_id=made.id, person_id=expert.id))
    readers = {"others": sign_in(people.enterprise_user), "own": sign_in(people.university_user)}
    readers["nobody"] = app.test_client()

    def found(reader: str, words: str) -> bool:
        return "row-title" in text_of(readers[reader].get("/achievements", query_string={"q": words}))

    answers = {
        (reader, words): found(reader, words)
        for reader in readers
        for words in ("电话1385", "电话", "7075", "201")
    }
    known = text_of(readers["others"].get("/experts", query_string={"q": "１３８"}))

    assert {asked for asked, there in answers.items() if not there} == {
        (reader, words) for reader in ("others", "nobody") for words in ("电话1385", "201")
    }
    assert "row-title" not in known


def test_who_types_a_contact_into_a_text_is_told_who_reads_it(
    database: Database, people: People, sign_in: SignIn
) -> None:
    form = {
        "record_type": "achievement",
        "title": "抗热裂涂层制备",
        "owner_text": "江州大学",
        "summary": "寿命提高一倍，合作请打 13857000201。",
        "disclosure": "public",
        "consent_public_display": "1",
        "consent_internal": "1",
    }
    page = text_of(
        sign_in(people.university_user).post("/achievements/new", data=form, follow_redirects=True)
    )

    assert "文字里写了联系方式（13857000201）：双方都同意之前" in page


def test_a_quote_that_holds_a_contact_is_told_to_the_organiser_alone(
    database: Database, people: People, sign_in: SignIn
) -> None:
    with database.writing() as session:
        need = make_need(session, organisation_id=people.huaxing, status=NeedState.MATCHING)
        made = make_achievement(session, organisation_id=people.jiangda)
        match = make_match(session, need.id, made.id, 0.8, Grade.STRONG)
        quote = {"kind": "quote", "tone": "ok", "text": "两份文本都谈到“涂层”", "pattern": "", "given": {}}
        quote |= {"need_words": [], "achievement_words": []}
        pieces = [["需求", "表面出现龟裂"], ["成果", "涂层合作请打 13857000201"]]
        match.reasons = [quote | {"quotes": pieces, "marks": [[], []]}]
        need_id = need.id

    shown = {
        who: text_of(sign_in(user).get(f"/needs/{need_id}/matches"))
        for who, user in (("firm", people.enterprise_user), ("organiser", people.organiser))
    }

    assert ["13857000201" in shown[who] for who in ("firm", "organiser")] == [False, True]
    assert "表面出现龟裂" in shown["firm"]
