"""Who sees a proposal, and what they may say of it."""

from collections.abc import Callable

import pytest
from factories import People, make_achievement, make_need
from flask.testing import FlaskClient
from reading import text_of

from matchmaker import clock
from matchmaker.domain.states import Disclosure, Grade, MatchState, NeedState
from matchmaker.store.engine import Database
from matchmaker.store.tables import Match

Browser = Callable[[int], FlaskClient]
REASONS = [
    {
        "kind": "quote",
        "tone": "ok",
        "text": "两份文本都谈到“涂层”",
        "quotes": [["需求", "涂层"], ["成果", "涂层"]],
        "need_words": ["涂层"],
        "achievement_words": ["涂层"],
    }
]


def _match(database: Database, people: People, **need: object) -> tuple[int, int]:
    with database.writing() as session:
        row = make_need(session, organisation_id=people.huaxing, **need)
        achievement = make_achievement(session, organisation_id=people.jiangda)
        match = Match(
            need_id=row.id,
            achievement_id=achievement.id,
            score=0.8,
            grade=Grade.STRONG,
            parts={"probability": 0.7},
            reasons=REASONS,
            need_version=1,
            achievement_version=1,
            engine="tests",
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        row.proposed_version = 1
        session.add(match)
        session.flush()
    return match.id, row.id


@pytest.mark.parametrize(
    ("status", "disclosure", "chosen", "university_sees"),
    [
        (NeedState.ACCEPTED, Disclosure.PUBLIC, False, 404),
        (NeedState.ACCEPTED, Disclosure.PUBLIC, True, 404),
        (NeedState.PUBLISHED, Disclosure.PUBLIC, False, 200),
        (NeedState.PUBLISHED, Disclosure.MASKED, False, 200),
        (NeedState.PUBLISHED, Disclosure.TARGETED, False, 404),
        (NeedState.PUBLISHED, Disclosure.TARGETED, True, 200),
        (NeedState.PUBLISHED, Disclosure.INTERNAL, True, 404),
    ],
)
def test_a_proposal_is_seen_by_the_university_only_as_far_as_the_need_is_disclosed(
    database: Database,
    people: People,
    sign_in: Browser,
    status: NeedState,
    disclosure: Disclosure,
    chosen: bool,
    university_sees: int,
) -> None:
    match_id, _need_id = _match(
        database, people, status=status, disclosure=disclosure, public_title="公开标题"
    )
    if chosen:
        with database.writing() as session:
            session.get_one(Match, match_id).status = MatchState.SHORTLISTED

    seen = {
        name: sign_in(user).get(f"/matches/{match_id}").status_code
        for name, user in (
            ("university", people.university_user),
            ("other university", people.other_university_user),
            ("other enterprise", people.other_enterprise_user),
            ("owner", people.enterprise_user),
            ("organiser", people.organiser),
        )
    }

    assert seen == {
        "university": university_sees,
        "other university": 404,
        "other enterprise": 404,
        "owner": 200,
        "organiser": 200,
    }
    listed = "公开标题" in text_of(sign_in(people.university_user).get("/matches/mine"))
    assert listed == (university_sees == 200)


def test_a_masked_need_never_shows_its_firm_or_its_own_words_outside(
    database: Database, people: People, sign_in: Browser
) -> None:
    match_id, _need_id = _match(
        database,
        people,
        status=NeedState.PUBLISHED,
        public_title="公开标题",
        public_text="某企业的涂层难题。",
    )

    page = text_of(sign_in(people.university_user).get(f"/matches/{match_id}"))

    assert "某企业的涂层难题" in page
    for secret in ("华星模具", "两万模次", "3000HV", "压铸模具表面抗热裂涂层技术"):
        assert secret not in page


def test_the_workbench_offers_what_waits_and_takes_decisions_back(
    database: Database, people: People, sign_in: Browser
) -> None:
    match_id, need_id = _match(database, people)
    organiser = sign_in(people.organiser)

    assert "多弧离子镀" in text_of(organiser.get(f"/matches?queue=waiting&need={need_id}"))
    organiser.post(f"/matches/{match_id}/shortlist")
    assert "压铸模具表面" not in text_of(organiser.get("/matches?queue=waiting"))
    organiser.post(f"/matches/{match_id}/reconsider")
    assert organiser.post(f"/matches/{match_id}/reject", data={"reason": ""}).status_code == 422
    organiser.post(f"/matches/{match_id}/reject", data={"reason": "技术方向不符"})

    with database.reading() as session:
        row = session.get_one(Match, match_id)
    assert (row.status, row.decision_reason) == (MatchState.REJECTED, "技术方向不符")
    assert "多弧离子镀" not in text_of(
        sign_in(people.enterprise_user).get(f"/needs/{need_id}/matches?part=1")
    )


def test_a_need_still_being_computed_says_so_and_asks_again_by_itself(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        need_id = make_need(session, organisation_id=people.huaxing).id

    part = text_of(sign_in(people.enterprise_user).get(f"/needs/{need_id}/matches?part=1"))

    assert "正在寻找合适的成果" in part
    assert "load delay:2s" in part


def test_a_need_without_a_good_match_is_told_what_to_do(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        need_id = make_need(session, organisation_id=people.huaxing, proposed_version=1).id

    assert "暂无合适成果" in text_of(sign_in(people.organiser).get(f"/needs/{need_id}/matches?part=1"))
