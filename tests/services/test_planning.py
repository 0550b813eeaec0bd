"""Plans from being asked for to the calendar: made in the background, compared, changed by hand, applied."""

from datetime import date, timedelta

import numpy as np
import pytest
from factories import People, make_achievement, make_need, make_organisation, make_person
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain import states as s
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.plan import Venue
from matchmaker.domain.plan_change import ChangeKind
from matchmaker.domain.plan_settings import PlanSettings, settings_from_json, settings_to_json
from matchmaker.domain.plan_state import PlanMode, PlanState
from matchmaker.errors import InvalidInput, NotAllowed, WrongState
from matchmaker.services import (
    campaign_copies,
    event_items,
    planning,
    planning_apply,
    planning_moves,
    planning_topic_edits,
)
from matchmaker.services.planning_question import base_of, needs_of
from matchmaker.services.planning_run import work_on_plans
from matchmaker.services.planning_topics import Topic, make_topics, split_topic, theme_fit, topic_fits
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.queries.plans import plan_events, plan_items
from matchmaker.store.tables import (
    AchievementPerson,
    Campaign,
    Consent,
    Event,
    EventItem,
    Match,
    Need,
    Plan,
    Theme,
    Vector,
)
from nlp.text import Segmenter

STRANGER = Actor(user_id=1, name="企业")
FIRST = date(2027, 3, 1)


@pytest.fixture
def wanted(settings: Settings) -> PlanSettings:
    return PlanSettings(
        from_day=FIRST,
        to_day=FIRST + timedelta(days=25),
        venues=(
            Venue(name="县会议中心", place="", capacity=90),
            Venue(name="科创中心", place="", capacity=60),
        ),
        events=4,
        least_needs=3,
        experts_per_event=4,
    )


@pytest.fixture
def needs(database: Database, settings: Settings, people: People) -> list[int]:
    """Eight needs of four firms in two themes, answered by an expert each; their vectors are known."""
    with database.writing() as session:
        session.add_all(
            [
                Theme(slug="mold", name="模具", words=["模具", "压铸"], fields=[], industries=[], place=1),
                Theme(slug="lighting", name="灯具照明", words=["灯具"], fields=[], industries=[], place=2),
            ]
        )
        session.add(
            Campaign(
                name="百日百场", starts_on=FIRST, ends_on=FIRST + timedelta(days=99), created_at=clock.now()
            )
        )
        session.flush()
        return [_need(session, number) for number in range(8)]


def _need(session: Session, number: int) -> int:
    about = "压铸模具" if number < 4 else "照明灯具"
    firm = make_organisation(session, name=f"{about}企业{number}")
    need = make_need(
        session,
        organisation_id=firm.id,
        title=f"{about}第{number}号难题",
        status=s.NeedState.ACCEPTED,
        accepted_at=clock.now(),
    )
    school = make_organisation(
        session,
        name=f"第{number % 2}大学",
        kind=s.OrganisationKind.UNIVERSITY,
        city="杭州市",
        local=False,
    )
    achievement = make_achievement(session, organisation_id=school.id, title=f"{about}成果{number}")
    person = make_person(session, organisation_id=school.id, name=f"专家{number}", role="expert")
    session.add(AchievementPerson(achievement_id=achievement.id, person_id=person.id))
    session.add(
        Match(
            need_id=need.id,
            achievement_id=achievement.id,
            score=0.8,
            grade=s.Grade.STRONG,
            parts={},
            reasons=[],
            need_version=1,
            achievement_version=1,
            engine="tests",
            created_at=clock.now(),
            updated_at=clock.now(),
        )
    )
    session.flush()
    return need.id


@pytest.fixture
def made(database: Database, settings: Settings, wanted: PlanSettings, needs: list[int]) -> int:
    """A plan of these needs, worked out by the background job, then kept."""
    with database.writing() as session:
        plan_id = planning.ask_for_plan(session, SYSTEM, wanted).id
    assert work_on_plans(database, settings) == 1
    with database.writing() as session:
        assert planning.plan_of(session, SYSTEM, plan_id).status is PlanState.READY
        assert planning.keep_plan(session, SYSTEM, plan_id=plan_id)
    return plan_id


def test_a_plan_is_made_in_the_background_and_stands_once_it_is_kept(
    database: Database, made: int, needs: list[int], settings: Settings
) -> None:
    with database.reading() as session:
        plan = session.get_one(Plan, made)
        events = plan_events(session, made)
        placed = plan_items(session, made, "need")
        vectors = session.scalar(select(func.count()).where(Vector.subject_kind == "need"))

        assert (plan.status, plan.result["broken"], plan.result["left_out"]) == (PlanState.KEPT, [], 0)
        assert [(row.title, row.theme_id, len(placed[row.id])) for row in events] == [
            ("灯具照明专场对接会（杭州）", 2, 4),
            ("模具专场对接会（杭州）", 1, 4),
        ]
        assert (plan.result["seats"], plan.result["experts"], vectors) == (8, 8, len(needs))
    assert work_on_plans(database, settings) == 0


def test_only_organisers_plan_and_one_plan_at_a_time(
    database: Database, wanted: PlanSettings, needs: list[int]
) -> None:
    with database.writing() as session:
        with pytest.raises(NotAllowed):
            planning.ask_for_plan(session, STRANGER, wanted)
        planning.ask_for_plan(session, SYSTEM, wanted)
        with pytest.raises(WrongState, match="正在计算"):
            planning.ask_for_plan(session, SYSTEM, wanted)


def test_settings_that_cannot_be_planned_with_are_refused_in_words(
    database: Database, needs: list[int]
) -> None:
    bad = PlanSettings(from_day=FIRST, to_day=FIRST - timedelta(days=1), venues=(), events=0)

    with database.writing() as session, pytest.raises(InvalidInput) as refused:
        planning.ask_for_plan(session, SYSTEM, bad)

    assert [(problem.field, problem.code) for problem in refused.value.problems] == [
        ("to_day", "order"),
        ("events", "range"),
        ("venues", "missing"),
    ]


def test_settings_survive_being_stored(wanted: PlanSettings) -> None:
    assert settings_from_json(settings_to_json(wanted)) == wanted


def test_a_plan_that_was_stopped_is_not_made(
    database: Database, settings: Settings, wanted: PlanSettings, needs: list[int]
) -> None:
    with database.writing() as session:
        plan_id = planning.ask_for_plan(session, SYSTEM, wanted).id
        assert planning.cancel_plan(session, SYSTEM, plan_id=plan_id)

    assert work_on_plans(database, settings) == 0
    with database.writing() as session:
        assert session.get_one(Plan, plan_id).status is PlanState.CANCELLED
        assert not planning.cancel_plan(session, SYSTEM, plan_id=plan_id)


def test_a_plan_whose_worker_died_is_taken_up_again_and_given_up_in_the_end(
    database: Database, settings: Settings, wanted: PlanSettings, needs: list[int]
) -> None:
    with database.writing() as session:
        plan = planning.ask_for_plan(session, SYSTEM, wanted)
        plan.status, plan.attempts = PlanState.RUNNING, 3
        plan.beat_at = clock.now() - timedelta(minutes=2)

    work_on_plans(database, settings)

    with database.reading() as session:
        row = session.get_one(Plan, plan.id)
        assert (row.status, "几次都中断" in row.note) == (PlanState.FAILED, True)


def test_without_needs_the_plan_says_what_to_do(
    database: Database, settings: Settings, people: People, wanted: PlanSettings
) -> None:
    with database.writing() as session:
        plan_id = planning.ask_for_plan(session, SYSTEM, wanted).id

    work_on_plans(database, settings)

    with database.reading() as session:
        row = session.get_one(Plan, plan_id)
        assert (row.status, row.note[:14]) == (PlanState.FAILED, "没有可以排进活动的需求：请先")


def test_applied_once_it_makes_drafts_and_a_move_shown_first_takes_its_draft_along(
    database: Database, made: int
) -> None:
    with database.writing() as session:
        applied = [planning_apply.apply_plan(session, SYSTEM, plan_id=made) for _ in range(2)]
        events = session.scalars(select(Event).order_by(Event.id)).all()
        items = session.execute(
            select(EventItem.subject_kind, func.count())
            .group_by(EventItem.subject_kind)
            .order_by(EventItem.subject_kind)
        ).all()

        assert [done.made for done in applied] == [2, 0]
        assert {event.status for event in events} == {s.EventState.DRAFT}
        assert [tuple(row) for row in items] == [("achievement", 8), ("need", 8)]
        assert clock.local(events[0].starts_at).strftime("%H:%M") == "14:00"
        assert planning.queries.needs_to_plan(session) == []

    with database.writing() as session:
        row = plan_events(session, made)[0]
        saturday = date(2027, 3, 6)
        refused = planning_moves.preview_move(session, SYSTEM, plan_id=made, number=1, day=saturday)
        day = next(
            d
            for d in (FIRST + timedelta(days=n) for n in range(25))
            if d != row.held_on
            and planning_moves.preview_move(session, SYSTEM, plan_id=made, number=1, day=d).allowed
        )

    with database.writing() as session:
        with pytest.raises(InvalidInput):
            planning_moves.save_move(session, SYSTEM, plan_id=made, number=1, day=saturday)
        planning_moves.save_move(session, SYSTEM, plan_id=made, number=1, day=day)
        moved = plan_events(session, made)[0]
        again = planning_apply.apply_plan(session, SYSTEM, plan_id=made)

        assert (refused.allowed, refused.broken) == (
            False,
            (f"第 1 场排在 {saturday}，这天不是可用的工作日。",),
        )
        assert (moved.held_on, moved.pinned, again.made, again.moved) == (day, True, 0, 1)
        assert session.get_one(Event, moved.event_id).held_on == day


def test_a_forbidden_day_and_a_wished_one_change_the_least_and_are_listed_first(
    database: Database, settings: Settings, made: int
) -> None:
    with database.writing() as session:
        before = {row.number: row.held_on for row in plan_events(session, made)}
        fresh = planning.forbid_day(session, SYSTEM, plan_id=made, day=before[1]).id

    work_on_plans(database, settings)

    with database.writing() as session:
        plan = session.get_one(Plan, fresh)
        changes = planning.changes_of(session, plan)
        after = {row.number: row.held_on for row in plan_events(session, fresh)}

        assert plan.status is PlanState.READY
        there = {number for number, day in before.items() if day == before[1]}
        assert {c.after.number for c in changes if c.after and c.kind is ChangeKind.MOVED} == there
        assert {number for number in before if after[number] != before[number]} == there
        assert planning.keep_plan(session, SYSTEM, plan_id=fresh)
        assert session.get_one(Plan, made).status is PlanState.REPLACED
        wished = next(
            day
            for day in (FIRST + timedelta(days=n) for n in range(9))
            if _could_be(day, after | {0: before[1]})
        )
        pinned = planning.replan(session, SYSTEM, plan_id=fresh, pins={2: wished}).id

    work_on_plans(database, settings)

    with database.reading() as session:
        found = {row.number: (row.held_on, row.pinned) for row in plan_events(session, pinned)}
        assert found == {1: (after[1], False), 2: (wished, True)}


def test_other_days_say_of_the_grouping_what_is_known_of_the_plan_before(
    database: Database, settings: Settings, made: int
) -> None:
    known = {"value": 100, "bound": 103.0, "gap": 0.03}
    with database.writing() as session:
        base = session.get_one(Plan, made)
        base.result = {**base.result, **known}
        again = planning.replan(session, SYSTEM, plan_id=made).id

    work_on_plans(database, settings)

    with database.reading() as session:
        result = session.get_one(Plan, again).result
    assert {name: result[name] for name in known} == known


def test_a_new_version_stays_in_its_campaign_when_the_next_one_has_begun(
    database: Database, made: int
) -> None:
    with database.writing() as session:
        base = session.get_one(Plan, made)
        campaign_copies.clone_campaign(
            session,
            SYSTEM,
            campaign_id=base.campaign_id,
            starts_on=FIRST + timedelta(days=400),
            with_events=False,
        )
        again = planning.replan(session, SYSTEM, plan_id=made)

        assert (again.campaign_id, again.number) == (base.campaign_id, base.number + 1)


def _could_be(day: date, taken: dict[int, date]) -> bool:
    return day.weekday() < 5 and day not in taken.values()


def test_events_that_guests_know_of_stay_as_they_are(
    database: Database, settings: Settings, made: int
) -> None:
    with database.writing() as session:
        planning_apply.apply_plan(session, SYSTEM, plan_id=made)
        opened = plan_events(session, made)[0]
        session.get_one(Event, opened.event_id).status = s.EventState.OPEN
        with pytest.raises(WrongState, match="已经发布"):
            planning.set_pin(session, SYSTEM, plan_id=made, number=1, pinned=True)
        fresh = planning.forbid_day(session, SYSTEM, plan_id=made, day=opened.held_on).id

    work_on_plans(database, settings)

    with database.reading() as session:
        kept = [(row.event_id, row.held_on) for row in plan_events(session, fresh)]
        assert (opened.event_id, opened.held_on) in kept
        assert len(kept) == 2


def test_needs_of_an_event_that_was_called_off_are_planned_again(database: Database, made: int) -> None:
    with database.writing() as session:
        planning_apply.apply_plan(session, SYSTEM, plan_id=made)
        first = plan_events(session, made)[0]
        session.get_one(Event, first.event_id).status = s.EventState.CANCELLED
        its_own = {item.subject_id for item in plan_items(session, made, "need")[first.id]}
        again = planning.replan(session, SYSTEM, plan_id=made, mode=PlanMode.WHOLE)

        free = {need.id for need in needs_of(session, again, base_of(session, again))}
    assert its_own <= free


def test_an_event_that_was_called_off_is_gone_from_a_replan_and_its_needs_are_listed_as_left_out(
    database: Database, settings: Settings, made: int
) -> None:
    with database.writing() as session:
        planning_apply.apply_plan(session, SYSTEM, plan_id=made)
        first, second = plan_events(session, made)
        session.get_one(Event, first.event_id).status = s.EventState.CANCELLED
        its_own = {item.subject_id for item in plan_items(session, made, "need")[first.id]}
        again = planning.replan(session, SYSTEM, plan_id=made).id

    work_on_plans(database, settings)

    with database.reading() as session:
        rows = [(row.number, row.event_id, row.held_on) for row in plan_events(session, again)]
        left = {item.subject_id for item in plan_items(session, again, "need")[None]}
        changes = [change.kind for change in planning.changes_of(session, session.get_one(Plan, again))]
    assert rows == [(second.number, second.event_id, second.held_on)]
    assert left == its_own
    assert ChangeKind.GONE in changes
    assert ChangeKind.MOVED not in changes


def test_topics_are_renamed_at_once_and_merged_or_split_by_a_new_version(
    database: Database, settings: Settings, made: int
) -> None:
    with database.writing() as session:
        renamed = planning_topic_edits.rename_topics(
            session, SYSTEM, plan_id=made, names={"mold": "精密模具"}
        )
        titles = [row.title for row in plan_events(session, made)]
        with pytest.raises(InvalidInput, match="至少两个"):
            planning_topic_edits.merge_topics(session, SYSTEM, plan_id=made, keys=["mold"])
        merged = planning_topic_edits.merge_topics(
            session, SYSTEM, plan_id=made, keys=["mold", "lighting"]
        ).id

    work_on_plans(database, settings)

    with database.reading() as session:
        plan = session.get_one(Plan, merged)
        assert (renamed, titles[1]) == (1, "精密模具专场对接会（杭州）")
        assert (plan.mode, plan.status) == (PlanMode.GROUPS, PlanState.READY)
        theme = session.scalar(select(Theme.id).where(Theme.slug == "mold"))
        assert [(topic["name"], topic["theme_id"], len(topic["need_ids"])) for topic in plan.topics] == [
            ("精密模具", theme, 8)
        ]

    with database.writing() as session:
        split = planning_topic_edits.split_topics(session, SYSTEM, plan_id=made, keys=["mold"]).id

    work_on_plans(database, settings)

    with database.reading() as session:
        topics = {topic["key"]: len(topic["need_ids"]) for topic in session.get_one(Plan, split).topics}
        assert set(topics) == {"mold-1", "mold-2", "lighting"}
        assert sum(topics.values()) == 8


def test_a_merged_topic_is_of_the_theme_that_most_of_its_needs_have(database: Database, made: int) -> None:
    with database.writing() as session:
        plan = session.get_one(Plan, made)
        few, many = plan.topics
        plan.topics = [few | {"need_ids": few["need_ids"][:1]}, many]
        theme_id = planning_topic_edits.merge_topics(
            session, SYSTEM, plan_id=made, keys=[few["key"], many["key"]]
        ).topics[0]["theme_id"]

    assert theme_id == many["theme_id"] != few["theme_id"]


def test_a_part_of_a_topic_is_named_by_words_of_titles_and_not_of_texts_alone() -> None:
    told = ("热流道漏胶", "热流道温控", "抛光纹路", "抛光划痕")
    texts = ("客户要求间隙小于两毫米", "客户来电说差三毫米", "表面发白", "表面发黑")
    needs = [
        Need(id=number, organisation_id=number, title=title, problem=text)
        for number, (title, text) in enumerate(zip(told, texts, strict=True))
    ]
    vectors = np.array([[1, 0], [1, 0.01], [0, 1], [0.01, 1]], dtype=np.float32)
    whole = Topic(key="mold", name="模具", theme_id=1, words=(), need_ids=(0, 1, 2, 3))

    parts = split_topic(whole, needs, vectors, count=2, words=Segmenter())

    assert sorted(part.need_ids for part in parts) == [(0, 1), (2, 3)]
    for part in parts:
        assert part.name.startswith("模具·")
        assert not set(part.name) & set("客户毫米表面")


def some_needs(*titles: str, firm: int = 0) -> list[Need]:
    """Needs of a firm each, or all of one."""
    return [
        Need(id=n, organisation_id=firm or n, title=title, problem="", key_points="", goal="", fields=[])
        for n, title in enumerate(titles, 1)
    ]


def round_vectors(*angles: float) -> NDArray[np.float32]:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@pytest.mark.parametrize(
    ("titles", "firm", "names"),
    [
        # 方法 and 装置 say what kind of thing a need wants, not of what trade it is
        (
            ("树脂制备方法", "树脂改性方法", "水泵密封装置", "水泵检测装置"),
            0,
            ["树脂", "水泵"],
        ),
        # words that one firm alone wrote do not get into the title of a public event
        (("树脂制备方法", "树脂改性方法", "水泵密封装置", "水泵检测装置"), 7, ["综合 1", "综合 2"]),
    ],
)
def test_a_topic_is_named_by_what_several_firms_ask_about(
    titles: tuple[str, ...], firm: int, names: list[str]
) -> None:
    whole = Topic(key="other", name="综合", theme_id=None, words=(), need_ids=(1, 2, 3, 4))

    parts = split_topic(
        whole, some_needs(*titles, firm=firm), round_vectors(0, 0.01, 1.5, 1.51), count=2, words=Segmenter()
    )

    assert [part.name for part in parts] == names


def test_many_needs_outside_the_themes_are_put_into_as_many_topics_as_they_fill() -> None:
    needs = some_needs(*(f"难题{number}" for number in range(1800)))
    rows = np.random.default_rng(3).standard_normal((1800, 8)).astype(np.float32)

    topics = make_topics([], needs, rows, words=Segmenter())

    assert len(topics) == 20
    assert sorted(need for topic in topics for need in topic.need_ids) == [need.id for need in needs]


def test_a_need_outside_the_themes_fits_another_topic_as_near_as_its_own() -> None:
    needs = some_needs("a", "b", "c", "d", "e", "f")
    rows = round_vectors(0, 0.02, 0.5, 0.52, 2.9, 3.0)
    topics = [
        Topic(key=f"other-{n}", name="", theme_id=None, words=(), need_ids=ids)
        for n, ids in enumerate([(1, 2), (3, 4), (5, 6)], 1)
    ]

    fits = topic_fits(topics, {}, needs, rows)

    assert [list(fit) for fit in fits] == [
        ["other-1", "other-2"],
        ["other-1", "other-2"],
        ["other-2", "other-1"],
        ["other-2", "other-1"],
        ["other-3"],
        ["other-3"],
    ]
    assert all(fit[f"other-{(n + 1) // 2}"] == max(fit.values()) for n, fit in enumerate(fits, 1))


def test_a_new_grouping_keeps_pins_drafts_and_what_was_done_to_them_by_hand(
    database: Database, settings: Settings, made: int
) -> None:
    with database.writing() as session:
        planning_apply.apply_plan(session, SYSTEM, plan_id=made)
        first, second = plan_events(session, made)
        drafts = {first.event_id, second.event_id}
        planning.set_pin(session, SYSTEM, plan_id=made, number=second.number, pinned=True)
        planning.rename_event(session, SYSTEM, plan_id=made, number=second.number, title="我们起的名字")
        before = {row.event_id: (row.held_on, row.venue) for row in (first, second)}
        by_hand = make_achievement(session, organisation_id=make_organisation(session).id, title="手工加的")
        session.add(
            EventItem(
                event_id=second.event_id, subject_kind="achievement", subject_id=by_hand.id, added_by="hand"
            )
        )
        items = session.scalars(
            select(EventItem).where(EventItem.event_id == second.event_id, EventItem.subject_kind == "need")
        ).all()
        taken_off = items[0].subject_id
        event_items.remove_items(session, SYSTEM, event_id=second.event_id, item_ids=[items[0].id])
        again = planning.replan(session, SYSTEM, plan_id=made, mode=PlanMode.WHOLE).id

    work_on_plans(database, settings)

    with database.writing() as session:
        rows = plan_events(session, again)
        assert planning.changes_of(session, session.get_one(Plan, again)) == []
        assert {row.event_id: (row.held_on, row.venue) for row in rows} == before
        assert [(row.title, row.pinned) for row in rows if row.event_id == second.event_id] == [
            ("我们起的名字", True)
        ]
        planning.keep_plan(session, SYSTEM, plan_id=again)
        done = planning_apply.apply_plan(session, SYSTEM, plan_id=again)
        rows_now = session.scalars(select(EventItem).where(EventItem.event_id == second.event_id))
        on_table = {(item.subject_kind, item.subject_id) for item in rows_now}
        assert (done.made, done.moved, done.changed, done.gone) == (0, 0, 0, 0)
        assert {session.get_one(Event, key).status for key in drafts if key} == {s.EventState.DRAFT}
        assert ("achievement", by_hand.id) in on_table
        assert ("need", taken_off) not in on_table


def test_a_draft_gets_the_needs_and_experts_that_a_later_version_gives_it(
    database: Database, settings: Settings, made: int
) -> None:
    with database.writing() as session:
        planning_apply.apply_plan(session, SYSTEM, plan_id=made)
        events = [row.event_id for row in plan_events(session, made)]
        merged = planning_topic_edits.merge_topics(
            session, SYSTEM, plan_id=made, keys=["mold", "lighting"]
        ).id

    work_on_plans(database, settings)

    with database.writing() as session:
        planning.keep_plan(session, SYSTEM, plan_id=merged)
        done = planning_apply.apply_plan(session, SYSTEM, plan_id=merged)
        (kept,) = [row.event_id for row in plan_events(session, merged)]
        needs = session.scalar(
            select(func.count()).where(EventItem.event_id == kept, EventItem.subject_kind == "need")
        )
        assert kept in events
        assert (done.made, done.changed, done.gone) == (0, 1, 1)
        assert needs == 8


def test_a_theme_is_told_by_words_field_and_industry(people: People, database: Database) -> None:
    theme = Theme(slug="mold", name="模具", words=["模具"], fields=["804"], industries=["3525"], place=1)
    with database.writing() as session:
        need = make_need(session, organisation_id=people.huaxing, fields=["80401"], industry="3525")

        assert theme_fit(theme, need) == 1000
        assert (
            theme_fit(Theme(slug="x", name="灯", words=["灯"], fields=[], industries=[], place=2), need) == 0
        )


def test_a_campaign_is_used_again_on_the_same_working_days(database: Database, needs: list[int]) -> None:
    start, days = date(2027, 6, 21), (date(2027, 3, 2), date(2027, 3, 12))
    with database.writing() as session:
        old = session.scalars(select(Campaign)).one()
        for day in days:
            session.add(_event(old.id, day))
        session.add(_event(old.id, days[0], status=s.EventState.CANCELLED))
        session.flush()

        def copy(starts_on: date) -> campaign_copies.CampaignCopy:
            return campaign_copies.clone_campaign(
                session, SYSTEM, campaign_id=old.id, starts_on=starts_on, with_events=True
            )

        with pytest.raises(InvalidInput, match="晚于"):
            copy(FIRST)
        copied = copy(start)
        session.flush()
        found = session.scalars(
            select(Event).where(Event.campaign_id == copied.campaign_id).order_by(Event.held_on)
        ).all()

        assert [event.held_on for event in found] == [day + (start - FIRST) for day in days]
        assert {event.status for event in found} == {s.EventState.DRAFT}
        assert session.get_one(Campaign, copied.campaign_id).target_events == old.target_events


def _event(campaign_id: int, day: date, *, status: s.EventState = s.EventState.HELD) -> Event:
    return Event(
        campaign_id=campaign_id,
        title="专场",
        status=status,
        held_on=day,
        starts_at=clock.from_local(day, 14),
        created_at=clock.now(),
    )


def test_needs_kept_inside_the_bureau_are_in_no_plan(database: Database, needs: list[int]) -> None:
    with database.writing() as session:
        session.get_one(Need, needs[0]).disclosure = s.Disclosure.INTERNAL
        session.flush()

        assert [need.id for need in planning.queries.needs_to_plan(session)] == needs[1:]


@pytest.mark.parametrize("mode", [PlanMode.DAYS, PlanMode.WHOLE])
def test_who_withdrew_after_a_plan_was_kept_is_in_none_of_the_next(
    database: Database, settings: Settings, made: int, needs: list[int], mode: PlanMode
) -> None:
    with database.writing() as session:
        expert = session.scalars(
            select(AchievementPerson.person_id).order_by(AchievementPerson.person_id)
        ).first()
        contact = make_person(session, organisation_id=session.get_one(Need, needs[-1]).organisation_id)
        session.get_one(Need, needs[-1]).contact_id = contact.id
        for person_id in (expert, contact.id):
            session.add(
                Consent(
                    subject_kind="person",
                    subject_id=person_id,
                    scope=s.ConsentScope.INTERNAL,
                    granted=False,
                    notice_version="1",
                    channel="my_data",
                    at=clock.now(),
                )
            )
    with database.writing() as session:
        again = planning.replan(session, SYSTEM, plan_id=made, mode=mode).id
    work_on_plans(database, settings)

    with database.reading() as session:
        plan = session.get_one(Plan, again)
        placed = {
            kind: {item.subject_id for items in plan_items(session, again, kind).values() for item in items}
            for kind in ("need", "expert")
        }
    assert (plan.status, plan.result["broken"]) == (PlanState.READY, [])
    assert placed["need"] == set(needs[:-1])
    assert expert not in placed["expert"]
