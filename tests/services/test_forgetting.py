"""A person's name and contact go from everything that is kept: on request, and when the time is over."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from event_cast import make_event, make_list
from factories import People, make_achievement, make_need, make_person, make_user
from reading import text_of
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.claims import ClaimState
from matchmaker.domain.desk import StepKind
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import (
    ConsentScope,
    EventState,
    IntentLevel,
    InvitationState,
    PairingState,
    Role,
    Route,
    UploadState,
)
from matchmaker.errors import InvalidInput, NotAllowed, NotFound
from matchmaker.services import forgetting
from matchmaker.services.coach import question
from matchmaker.services.forgetting_places import PLACES
from matchmaker.services.links import open_link
from matchmaker.services.need_questions import (
    address_to_pass_on,
    answer_questions,
    ask_firm,
    take_answers,
)
from matchmaker.services.own_data import change_consents, correct_contact, everything_about_me
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    DeskStep,
    Evidence,
    Intent,
    Invitation,
    MeetingWish,
    Need,
    NeedChange,
    NeedClaim,
    NeedEnquiry,
    NeedRoute,
    NeverMatch,
    Notice,
    Pairing,
    PairingRule,
    Person,
    StateChange,
    Upload,
    UploadBatch,
    User,
)

ORGANISER = Actor(name="李科", roles=frozenset({Role.ORGANISER}))
PHONE = "13905740001"


@pytest.fixture
def enquiry_id(database: Database, people: People, settings: Settings) -> int:
    """Questions that 周一诺 answered by link, naming herself and her number, taken into the need."""
    with database.writing() as session:
        person = session.get_one(Person, people.huaxing_contact)
        person.name, person.phone, person.email = "周一诺", PHONE, "zhou@example.com"
        need = make_need(session, organisation_id=people.huaxing, contact_id=person.id, background="")
        row = ask_firm(session, ORGANISER, settings, need_id=need.id, questions=[question("tried", "mold")])
        actor = Actor(name="周一诺", organisation_ids=frozenset({people.huaxing}), person_id=person.id)
        answers = {"tried": f"试过渗氮。图纸请找周一诺 {PHONE}"}
        answer_questions(session, actor, enquiry_id=row.id, answers=answers, channel="link", who="周一诺")
        take_answers(
            session, ORGANISER, enquiry_id=row.id, texts={"background": f"试过渗氮。请找周一诺 {PHONE}"}
        )
        return row.id


def everything(database: Database, enquiry_id: int) -> str:
    with database.reading() as session:
        row = session.get_one(NeedEnquiry, enquiry_id)
        change = session.query(NeedChange).filter_by(need_id=row.need_id).one()
        return json.dumps(
            [row.answered_by, row.answers, row.proposal, change.who, change.fields], ensure_ascii=False
        )


def me(people: People) -> Actor:
    return Actor(
        name="周一诺",
        user_id=people.enterprise_user,
        person_id=people.huaxing_contact,
        organisation_ids=frozenset({people.huaxing}),
    )


def forget(session: Session, actor: Actor, *, person_id: int, reason: str) -> None:
    """Look for a name and delete it, as the page does."""
    named = forgetting.where_named(session, person_id=person_id)
    forgetting.forget_person(session, actor, person_id=person_id, reason=reason, named=named)


def test_what_somebody_answered_is_in_their_own_data_and_follows_a_corrected_name(
    database: Database, people: People, enquiry_id: int
) -> None:
    with database.writing() as session:
        session.get_one(User, people.enterprise_user).person_id = people.huaxing_contact
        found = everything_about_me(session, me(people))
        correct_contact(
            session, me(people), name="周一鸣", phone=PHONE, email="zhou@example.com", position=""
        )

    assert [row["id"] for row in found["need_enquiry"]] == [enquiry_id]
    assert [row["who"] for row in found["need_change"]] == ["周一诺"]
    with database.reading() as session:
        assert session.get_one(NeedEnquiry, enquiry_id).answered_by == "周一鸣"
        assert session.query(NeedChange).one().who == "周一鸣"


def test_a_person_who_asked_for_it_is_gone_from_questions_changes_notices_and_accounts(
    database: Database, people: People, enquiry_id: int
) -> None:
    with database.writing() as session:
        session.get_one(User, people.enterprise_user).person_id = people.huaxing_contact
        session.add(
            Notice(
                key="k",
                kind="need_questions",
                channel="mail",
                person_id=people.huaxing_contact,
                address="zhou@example.com",
                subject="问题",
                body="周一诺您好",
                state="sent",
                due_at=clock.now(),
                created_at=clock.now(),
            )
        )
        forget(session, ORGANISER, person_id=people.huaxing_contact, reason="本人来函要求删除")

    left = everything(database, enquiry_id)
    assert not [word for word in ("周一诺", PHONE, "zhou@example.com") if word in left]
    assert "试过渗氮" in left
    with database.reading() as session:
        person, user = (
            session.get_one(Person, people.huaxing_contact),
            session.get_one(User, people.enterprise_user),
        )
        assert (person.name, person.phone, person.email) == (forgetting.FORGOTTEN, "", "")
        assert (user.name, user.active, user.email) == (
            forgetting.FORGOTTEN,
            False,
            f"deleted-{user.id}@invalid",
        )
        notice = session.query(Notice).filter_by(key="k").one()
        assert (notice.address, notice.body) == ("", "")
        need = session.get_one(Need, session.get_one(NeedEnquiry, enquiry_id).need_id)
        assert need.background == f"试过渗氮。请找{forgetting.FORGOTTEN} {forgetting.FORGOTTEN}"


def test_only_the_organiser_deletes_and_says_why(database: Database, people: People) -> None:
    contact = people.huaxing_contact
    with database.writing() as session:
        with pytest.raises(NotAllowed):
            forget(session, me(people), person_id=contact, reason="我要求")
        with pytest.raises(InvalidInput):
            forget(session, ORGANISER, person_id=contact, reason=" ")


def test_who_takes_back_the_first_consent_is_asked_nothing_more(
    database: Database, people: People, settings: Settings
) -> None:
    with database.writing() as session:
        need = make_need(session, organisation_id=people.huaxing, contact_id=people.huaxing_contact)
        row = ask_firm(session, ORGANISER, settings, need_id=need.id, questions=[question("tried", "mold")])
        token = address_to_pass_on(session, settings, row).rsplit("/", 1)[1]
        assert not open_link(session, settings, token).used
        change_consents(session, me(people), ticks={ConsentScope.INTERNAL: False})
        assert open_link(session, settings, token).used


def old_people(database: Database, people: People, *, ended: date) -> dict[str, int]:
    """A contact whom nobody needed, one who met an expert, and one with an account; a campaign long over."""
    long_ago = clock.now() - timedelta(days=900)
    with database.writing() as session:
        ids = {
            name: make_person(
                session, organisation_id=people.huaxing, name=name, phone=PHONE, created_at=long_ago
            ).id
            for name in ("旁人", "到会", "有号", "新需求")
        }
        make_need(session, organisation_id=people.huaxing, contact_id=ids["新需求"], title="新来的需求")
        make_user(session, Role.ENTERPRISE, organisation_id=people.huaxing, person_id=ids["有号"])
        need = make_need(session, organisation_id=people.huaxing, contact_id=ids["到会"])
        achievement = make_achievement(session, organisation_id=people.jiangda)
        session.flush()
        event = make_event(session, held_on=ended - timedelta(days=99), status=EventState.HELD)
        listed = make_list(session, event.id, created_at=long_ago)
        session.add(
            Pairing(
                event_id=event.id,
                list_id=listed.id,
                need_id=need.id,
                achievement_id=achievement.id,
                status=PairingState.MET,
            )
        )
        return ids


@pytest.mark.parametrize(
    ("months_ago", "kept"),
    [(13, {"到会", "有号", "新需求"}), (11, {"旁人", "到会", "有号", "新需求"})],
)
def test_contacts_of_who_never_took_part_go_when_the_time_in_the_notice_is_over(
    database: Database, people: People, months_ago: int, kept: set[str]
) -> None:
    ids = old_people(database, people, ended=clock.today() - timedelta(days=int(months_ago * 30.5)))

    forgetting.forget_old_contacts(database, months=12)
    again = forgetting.forget_old_contacts(database, months=12)

    with database.reading() as session:
        assert {name for name, key in ids.items() if session.get_one(Person, key).phone} == kept
    assert again == 0


def told_about(session: Session, *, firm: int, house: int, words: str) -> None:
    """Write these words wherever people write about people, for the meetings of a firm and a house."""
    need = make_need(session, organisation_id=firm)
    achievement = make_achievement(
        session,
        organisation_id=house,
        summary=words,
        application=words,
        authors_text="周一诺、周一诺言；李工",
    )
    event = make_event(session)
    pair: dict[str, Any] = {"need_id": need.id, "achievement_id": achievement.id}
    sides = {"enterprise_id": firm, "partner_id": house}
    at: dict[str, Any] = {"at": clock.now()}
    intent = Intent(
        **sides, **pair, matter="涂层", matter_key=f"涂层{firm}", level=IntentLevel.VERBAL, witness="周一诺",
        note=words, last_news_on=clock.today(), created_at=clock.now(),
    )  # fmt: skip
    session.add_all(
        [
            intent,
            NeedClaim(
                need_id=need.id, organisation_id=house, plan=words, status=ClaimState.OPEN,
                decision_reason=words, created_at=clock.now(),
            ),
            MeetingWish(event_id=event.id, side="need", note=words, **pair, **at),
            PairingRule(event_id=event.id, kind="pin", reason=words, **pair, **at),
            Pairing(
                event_id=event.id, list_id=make_list(session, event.id).id, status=PairingState.MET, **pair,
                reason=words, follower="周一诺", remark=words, answer_note=words, outcome_note=words,
                outcome_by="周一诺",
            ),
            Invitation(
                event_id=event.id, organisation_id=firm, role="enterprise", status=InvitationState.INVITED,
                answer_note=words,
            ),
            NeedRoute(
                need_id=need.id, need_version=1, route=Route.LONG_TERM, questions=[words], note=words, **at
            ),
            NeverMatch(**sides, reason=words, **at),
            StateChange(
                subject_kind="need", subject_id=need.id, from_state="", to_state="submitted", reason=words,
                **at,
            ),
            DeskStep(
                event_id=event.id, number=1, kind=StepKind.ARRIVED, words=words, details={"note": words},
                user_name="周一诺", **at,
            ),
        ]
    )  # fmt: skip
    session.flush()
    session.add(
        Upload(
            organisation_id=firm, filename="周一诺的需求.xlsx", sha256="0" * 64, state=UploadState.IMPORTED,
            created_at=clock.now(), expires_at=clock.now(),
        )
    )  # fmt: skip
    session.add(
        Evidence(
            subject_kind="intent", subject_id=intent.id, filename="与周一诺合影.jpg", media_type="image/jpeg",
            sha256="0" * 64, content=b"", note=words, **at,
        )
    )  # fmt: skip


def every_text(database: Database) -> dict[str, list[str]]:
    """Return table and column → the texts of all rows, in the order they were written."""
    with database.reading() as session:
        return {
            f"{table.__name__}.{name}": [
                json.dumps(getattr(row, name), ensure_ascii=False)
                for row in session.scalars(select(table).order_by(table.id))
            ]
            for table, columns, _whose in [*PLACES, (Achievement, ("authors_text",), None)]
            for name in columns
        }


def test_a_name_goes_from_whatever_was_written_about_the_meetings_of_their_house_and_stays_elsewhere(
    database: Database, people: People
) -> None:
    words = f"请找周一诺 {PHONE}，高强度"
    with database.writing() as session:
        person = session.get_one(Person, people.huaxing_contact)
        person.name, person.phone, person.email = "周一诺", PHONE, "zhou@example.com"
        told_about(session, firm=people.huaxing, house=people.jiangda, words=words)
        told_about(session, firm=people.yuanhang, house=people.haiyuan, words=words)
    before = every_text(database)

    with database.writing() as session:
        forget(session, ORGANISER, person_id=people.huaxing_contact, reason="本人来函")

    gone = forgetting.FORGOTTEN
    # what the university wrote of its own achievement is no text of the firm
    kept = {"Achievement.summary", "Achievement.application", "Achievement.authors_text"}
    after = every_text(database)
    assert {name: texts[:2] for name, texts in after.items()} == {
        name: [
            text.replace("周一诺", gone).replace(PHONE, gone) if not place and name not in kept else text
            for place, text in enumerate(texts)
        ]
        for name, texts in before.items()
    }
    assert sum(any("周一诺" in text for text in texts) for texts in before.values()) == 26


def test_an_author_goes_from_what_they_made_and_nobody_of_a_longer_name_does(
    database: Database, people: People
) -> None:
    words = f"联系人周一诺，电话 {PHONE}。"
    with database.writing() as session:
        person = session.get_one(Person, people.jiangda_expert)
        person.name, person.phone, person.email = "周一诺", PHONE, ""
        told_about(session, firm=people.huaxing, house=people.jiangda, words=words)
        made = session.scalars(select(Achievement.id)).one()
        session.add(AchievementPerson(achievement_id=made, person_id=people.jiangda_expert, place=1))
        session.flush()
        forget(session, ORGANISER, person_id=people.jiangda_expert, reason="本人来函")
        row = session.scalars(select(Achievement)).one()
        found = (row.authors_text, row.summary, row.text_version)

    gone = forgetting.FORGOTTEN
    assert found == (f"{gone}、周一诺言；李工", f"联系人{gone}，电话 {gone}。", 3)


def test_who_belongs_to_no_house_owns_nothing_that_has_no_owner(database: Database, people: People) -> None:
    with database.writing() as session:
        person = session.get_one(Person, people.jiangda_expert)
        person.name, person.organisation_id = "周一诺", None
        row = make_achievement(
            session, organisation_id=people.jiangda, authors_text="周一诺；李工", summary="周一诺团队研制。"
        )
        row.organisation_id = None
        session.flush()
        forget(session, ORGANISER, person_id=people.jiangda_expert, reason="本人来函")
        found = (row.authors_text, row.summary)

    assert found == ("周一诺；李工", "周一诺团队研制。")


def test_the_number_of_who_never_took_part_goes_from_what_was_written_too_and_the_name_stays(
    database: Database, people: People
) -> None:
    old_people(database, people, ended=clock.today() - timedelta(days=400))
    with database.writing() as session:
        written = f"竞争对手，旁人 {PHONE} 说的"
        session.add(
            NeverMatch(
                enterprise_id=people.huaxing, partner_id=people.jiangda, reason=written, at=clock.now()
            )
        )

    forgetting.forget_old_contacts(database, months=12)

    with database.reading() as session:
        assert session.scalars(select(NeverMatch.reason)).one() == "竞争对手，旁人 （已删除） 说的"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("采用高强度钢，高强螺栓", "采用高强度钢，高强螺栓"),
        ("请找高强要图纸", "请找（已删除）要图纸"),
        ("联系高强 13905740001。", "联系（已删除） （已删除）。"),
        ("高强经理答：试过", "（已删除）经理答：试过"),
        ("高强", "（已删除）"),
    ],
)
def test_a_name_of_two_letters_goes_where_it_is_a_name(text: str, left: str) -> None:
    assert forgetting.without({"answer": [text]}, ["高强", PHONE]) == {"answer": [left]}


def test_the_page_deletes_with_a_reason(people: People, sign_in: object, database: Database) -> None:
    at = f"/organisations/{people.huaxing}/people/{people.huaxing_contact}"
    organiser, firm = sign_in(people.organiser), sign_in(people.enterprise_user)  # type: ignore[operator]

    assert "删除个人信息" in text_of(organiser.get(at))
    assert "删除个人信息" not in text_of(firm.get(at))
    assert firm.post(f"{at}/forget", data={"reason": "不要了"}).status_code == 403
    assert organiser.post(f"{at}/forget", data={"reason": "本人来函"}).status_code == 303
    with database.reading() as session:
        assert session.get_one(Person, people.huaxing_contact).name == forgetting.FORGOTTEN


def test_titles_that_hold_a_deleted_name_are_told_and_stay(
    people: People, sign_in: object, database: Database
) -> None:
    with database.writing() as session:
        session.get_one(Person, people.huaxing_contact).name = "周一诺"
        make_need(session, organisation_id=people.huaxing, title="周一诺工作室的涂层难题")
        make_need(session, organisation_id=people.yuanhang, title="周一诺提过的难题")
    at = f"/organisations/{people.huaxing}/people/{people.huaxing_contact}"

    page = sign_in(people.organiser).post(f"{at}/forget", data={"reason": "来函"}, follow_redirects=True)  # type: ignore[operator]

    assert "1 条需求或成果的名称里还有这个姓名，请打开后改名：“周一诺工作室的涂层难题”" in text_of(page)


def test_a_person_who_is_not_there_cannot_be_deleted(people: People, database: Database) -> None:
    with pytest.raises(NotFound), database.writing() as session:
        forget(session, ORGANISER, person_id=999_999, reason="查无此人")


def test_what_a_list_taught_about_a_deleted_person_is_not_kept_for_an_undo(
    people: People, database: Database
) -> None:
    moment = clock.now()
    taught = {str(people.huaxing_contact): {"phone": PHONE}, "77": {"email": "other@example.com"}}
    with database.writing() as session:
        upload = Upload(
            filename="需求.csv",
            sha256="0" * 64,
            state=UploadState.IMPORTED,
            created_at=moment,
            expires_at=moment,
        )
        session.add(upload)
        session.flush()
        session.add(UploadBatch(upload_id=upload.id, learnt=taught, at=moment))

    with database.writing() as session:
        forget(session, ORGANISER, person_id=people.huaxing_contact, reason="本人来函")

    with database.reading() as session:
        assert session.scalars(select(UploadBatch.learnt)).all() == [{"77": {"email": "other@example.com"}}]


class Overtaken:
    """A database in which somebody else writes just before the first change of what is tested."""

    def __init__(self, database: Database, act: Callable[[Session], None]) -> None:
        self.reading, self._database, self._acts = database.reading, database, [act]

    @contextmanager
    def writing(self) -> Iterator[Session]:
        while self._acts:
            with self._database.writing() as session:
                self._acts.pop()(session)
        with self._database.writing() as session:
            yield session


def test_a_text_written_while_all_rows_were_searched_names_nobody_either(
    people: People, database: Database, enquiry_id: int
) -> None:
    def write(session: Session) -> None:
        sides = {"enterprise_id": people.huaxing, "partner_id": people.jiangda}
        session.add(NeverMatch(**sides, reason=f"周一诺 {PHONE} 说过不来", at=clock.now()))

    overtaken: Any = Overtaken(database, write)
    forgetting.forget_everywhere(
        overtaken, ORGANISER, person_id=people.huaxing_contact, reason="本人来函要求删除"
    )

    with database.reading() as session:
        gone = forgetting.FORGOTTEN
        assert session.scalars(select(NeverMatch.reason)).all() == [f"{gone} {gone} 说过不来"]
