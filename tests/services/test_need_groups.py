"""共性需求: suggested among firms, confirmed by the organiser, put on an event together."""

from collections.abc import Callable

import numpy as np
import pytest
from event_cast import make_cast, make_match
from factories import People, make_achievement, make_need
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import Grade, NeedState, Role
from matchmaker.errors import InvalidInput, NotAllowed, WrongState
from matchmaker.services.need_groups import (
    Computing,
    Suggestion,
    add_to_group,
    compute_missing,
    computing,
    dissolve_group,
    make_group,
    put_group_on_event,
    remove_from_group,
    set_apart,
    stop_computing,
    suggest_groups,
)
from matchmaker.services.texts import need_text
from matchmaker.store.engine import Database
from matchmaker.store.queries.need_groups import group_page
from matchmaker.store.tables import EventItem, Message, Need, NeedGroup, Vector

ORGANISER = Actor(name="李科", roles=frozenset({Role.ORGANISER}))


def placed(session: Session, firm: int, *, angle: float, **changes: object) -> int:
    """Add an accepted need whose vector points to an angle."""
    need = make_need(
        session,
        organisation_id=firm,
        title=f"难题{angle}",
        status=NeedState.ACCEPTED,
        accepted_at=clock.now(),
    )
    for name, value in changes.items():
        setattr(need, name, value)
    session.flush()
    pair = np.tile(np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))], dtype="<f4"), 2)
    session.add(
        Vector(
            encoder="tests",
            subject_kind="need",
            subject_id=need.id,
            text_hash=need_text(need).hash,
            vector=pair.tobytes(),
        )
    )
    session.flush()
    return need.id


def test_close_needs_of_different_firms_are_suggested_and_one_firms_own_are_not(
    database: Database, people: People
) -> None:
    with database.writing() as session:
        one = placed(session, people.huaxing, angle=0)
        other = placed(session, people.yuanhang, angle=5)
        placed(session, people.huaxing, angle=90)
        placed(session, people.huaxing, angle=92)
        unread = placed(session, people.yuanhang, angle=3)
        session.get_one(Need, unread).problem = "改过的文字，还没有重新计算。"
        session.flush()

        found = suggest_groups(session)

    assert found.found == (Suggestion(need_ids=(one, other), closeness=0.9962),)
    assert found.missing == 1


def test_a_confirmed_group_is_not_suggested_again_but_a_like_need_may_join(
    database: Database, people: People
) -> None:
    with database.writing() as session:
        pair = [placed(session, people.huaxing, angle=0), placed(session, people.yuanhang, angle=4)]
        group = make_group(session, ORGANISER, name="压铸模延寿", need_ids=pair)
        assert suggest_groups(session).found == ()

        third = placed(session, people.yuanhang, angle=2)
        assert [(one.need_ids, one.group_id) for one in suggest_groups(session).found] == [
            ((third,), group.id)
        ]
        assert add_to_group(session, ORGANISER, group_id=group.id, need_ids=[third, *pair]) == 1
        page = group_page(session, group.id)
    assert page is not None
    assert ([line.id for line in page.members], page.firms, page.counted) == ([*pair, third], 2, 3)


def test_what_was_taken_out_or_said_to_be_apart_is_not_suggested_again(
    database: Database, people: People
) -> None:
    with database.writing() as session:
        pair = [placed(session, people.huaxing, angle=0), placed(session, people.yuanhang, angle=4)]
        group = make_group(session, ORGANISER, name="压铸模延寿", need_ids=pair)
        remove_from_group(session, ORGANISER, group_id=group.id, need_id=pair[1])
        assert suggest_groups(session).found == ()

        dissolve_group(session, ORGANISER, group_id=group.id)
        assert suggest_groups(session).found == ()
        others = [placed(session, people.huaxing, angle=90), placed(session, people.yuanhang, angle=92)]
        set_apart(session, ORGANISER, need_ids=others)
        set_apart(session, ORGANISER, need_ids=others)
        assert suggest_groups(session).found == ()
        assert session.scalars(select(NeedGroup)).all() == []


def test_a_group_wants_a_name_two_firms_and_needs_that_are_free(database: Database, people: People) -> None:
    with database.writing() as session:
        pair = [placed(session, people.huaxing, angle=0), placed(session, people.yuanhang, angle=4)]
        own = [pair[0], placed(session, people.huaxing, angle=1)]
        for changes in ({"name": " "}, {"need_ids": own}, {"need_ids": []}, {"name": "绝密组"}):
            with pytest.raises(InvalidInput):
                make_group(session, ORGANISER, **({"name": "组", "need_ids": pair} | changes))
        make_group(session, ORGANISER, name="组", need_ids=pair)
        with pytest.raises(WrongState):
            make_group(session, ORGANISER, name="又一组", need_ids=pair)
        with pytest.raises(NotAllowed):
            make_group(session, Actor(), name="组", need_ids=pair)


def test_a_group_goes_to_an_event_together_and_once(database: Database, people: People) -> None:
    with database.writing() as session:
        event_id = make_cast(session, people).event
        pair = [placed(session, people.huaxing, angle=0), placed(session, people.yuanhang, angle=4)]
        group = make_group(session, ORGANISER, name="压铸模延寿", need_ids=pair)
        waiting = make_need(session, organisation_id=people.yuanhang, title="还没受理").id
        add_to_group(session, ORGANISER, group_id=group.id, need_ids=[waiting])

        new = [
            put_group_on_event(session, ORGANISER, group_id=group.id, event_id=event_id) for _again in "12"
        ]

        items = session.execute(
            select(EventItem.subject_id, EventItem.added_by).where(
                EventItem.subject_kind == "need", EventItem.subject_id.in_([*pair, waiting])
            )
        ).all()
    assert new == [2, 0]
    assert sorted(map(tuple, items)) == [(pair[0], "group"), (pair[1], "group")]


def test_missing_vectors_are_asked_for_once_there_are_any(database: Database, people: People) -> None:
    with database.writing() as session:
        ready = placed(session, people.huaxing, angle=0, proposed_version=1)
        compute_missing(session, ORGANISER)
        assert session.scalars(select(Message)).all() == []

        make_need(session, organisation_id=people.yuanhang, proposed_version=1)
        compute_missing(session, ORGANISER)
        assert session.scalars(select(Message.name)).all() == ["ProposalsDue"]
        assert session.scalars(select(Need.proposed_version).order_by(Need.id)).all() == [1, None]
        assert session.get_one(Need, ready).proposed_version == 1


def test_computing_says_how_far_it_is_and_stops_for_needs_that_had_proposals(
    database: Database, people: People
) -> None:
    with database.writing() as session:
        placed(session, people.huaxing, angle=0)
        had, never = (
            make_need(
                session,
                organisation_id=people.yuanhang,
                title=title,
                status=NeedState.ACCEPTED,
                proposed_version=version,
            )
            for title, version in (("算过推荐的", 1), ("没有算过的", None))
        )
        achievement = make_achievement(session, organisation_id=people.jiangda)
        make_match(session, had.id, achievement.id, 0.7, Grade.STRONG)
        before = computing(session)
        compute_missing(session, ORGANISER)
        session.expire_all()
        asked = (computing(session), had.proposed_version, never.proposed_version)
        compute_missing(session, ORGANISER)
        still = stop_computing(session, ORGANISER)
        session.expire_all()
        stopped = (had.proposed_version, never.proposed_version)
        steps = session.scalars(select(Message.name).where(Message.name == "ProposalsDue")).all()

    assert before is None
    assert asked == (Computing(done=1, total=3), None, None)
    assert (still, stopped, list(steps)) == (1, (1, None), ["ProposalsDue"])


def test_the_page_shows_the_computing_with_a_stop_and_comes_anew_when_it_has_ended(
    database: Database, people: People, sign_in: Callable[[int], FlaskClient]
) -> None:
    with database.writing() as session:
        make_need(session, organisation_id=people.huaxing, status=NeedState.ACCEPTED)
    browser = sign_in(people.organiser)

    before = browser.get("/needs/groups").text
    running = browser.post("/needs/groups/compute", follow_redirects=True).text
    step = browser.get("/needs/groups/progress").text
    with database.writing() as session:
        session.execute(update(Need).values(status=NeedState.WITHDRAWN))
    ended = browser.get("/needs/groups/progress")

    assert ("现在计算" in before, "现在计算" in running) == (True, False)
    for page in (running, step):
        assert "正在计算需求的语义" in page
        assert "已完成 0 / 1" in page
        assert 'action="/needs/groups/stop"' in page
    assert ended.headers["HX-Refresh"] == "true"
