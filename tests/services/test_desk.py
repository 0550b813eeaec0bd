"""The desk on the day: who is here, what began, what went wrong, and everything taken back."""

from collections import Counter
from datetime import timedelta

import icalendar
import pytest
from desk_cast import ORGANISER, SLOT, Hall, make_hall, timetable
from sqlalchemy import select

from matchmaker import clock
from matchmaker.bus.deliver import deliver_due
from matchmaker.domain.desk import StepKind, clashes
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import IntentLevel, InvitationState, MeetingOutcome, PairingState, Role
from matchmaker.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.desk import Desk, open_desk
from matchmaker.services.desk_acts import arrive, end, start, undo, undoable
from matchmaker.services.desk_confirm import confirm
from matchmaker.services.desk_paper import Entry, key_in, sheets_of
from matchmaker.services.desk_repair import Mishap, mend, propose, step_of
from matchmaker.services.desk_walk_in import partners, propose_walk_in
from matchmaker.services.links import Purpose, make_link
from matchmaker.services.outcomes import IntentDraft, record_intent, record_news, record_outcome
from matchmaker.settings import Settings, load_settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import (
    Achievement,
    AnswerLink,
    Debt,
    DeskProposal,
    DeskStep,
    Intent,
    Invitation,
    Need,
    Notice,
    Organisation,
    Pairing,
)


@pytest.fixture
def hall(database: Database) -> Hall:
    with database.writing() as session:
        return make_hall(session)


def desk_of(database: Database, hall: Hall) -> Desk:
    with database.reading() as session:
        return open_desk(session, ORGANISER, hall.event)


def report(database: Database, hall: Hall, kind: StepKind, **values: object) -> int:
    mishap = Mishap(kind=kind, **values)  # type: ignore[arg-type]
    return propose(database, ORGANISER, event_id=hall.event, mishap=mishap)


def say_yes(database: Database, hall: Hall, proposal_id: int) -> int:
    with database.writing() as session:
        return confirm(session, ORGANISER, event_id=hall.event, proposal_id=proposal_id).number


def stored(database: Database, hall: Hall) -> dict[int, tuple[int | None, int | None, str, str | None]]:
    with database.reading() as session:
        return timetable(session, hall)


def states(database: Database, hall: Hall) -> Counter[str]:
    with database.reading() as session:
        rows = session.scalars(select(Invitation.status).where(Invitation.event_id == hall.event))
        return Counter(str(row) for row in rows)


def take_back(database: Database, hall: Hall, number: int) -> None:
    with database.writing() as session:
        undo(session, ORGANISER, event_id=hall.event, number=number)


def test_a_guest_is_checked_in_once(database: Database, hall: Hall) -> None:
    for _ in range(2):
        with database.writing() as session:
            arrive(session, ORGANISER, event_id=hall.event, who=f"enterprise-{hall.firms[0]}")

    desk = desk_of(database, hall)
    assert [step.words for step in desk.steps] == ["第1号机械有限公司 甲联系1 已到"]
    assert states(database, hall) == {"accepted": 9, "checked_in": 1}


def test_a_check_in_can_be_taken_back(database: Database, hall: Hall) -> None:
    with database.writing() as session:
        arrive(session, ORGANISER, event_id=hall.event, who=f"expert-{hall.experts[0]}")

    take_back(database, hall, 1)

    assert states(database, hall) == {"accepted": 10}
    with pytest.raises(Conflict):
        take_back(database, hall, 1)


def test_a_meeting_that_begins_checks_both_sides_in(database: Database, hall: Hall) -> None:
    one = desk_of(database, hall).sittings[0]
    with database.writing() as session:
        first = start(session, ORGANISER, event_id=hall.event, pairing_id=one.pairing_id)
    with database.writing() as session:
        again = start(session, ORGANISER, event_id=hall.event, pairing_id=one.pairing_id)

    assert (first, again) == (True, False)
    assert desk_of(database, hall).truth.started == {one.pairing_id}
    assert states(database, hall) == {"accepted": 8, "checked_in": 2}


def test_a_meeting_that_ends_feeds_the_ledger_and_can_be_taken_back(database: Database, hall: Hall) -> None:
    before, one = stored(database, hall), desk_of(database, hall).sittings[0]
    with database.writing() as session:
        end(
            session,
            ORGANISER,
            event_id=hall.event,
            pairing_id=one.pairing_id,
            outcome=MeetingOutcome.FOLLOW_UP,
        )

    slot, table, *_ = before[one.pairing_id]
    assert stored(database, hall)[one.pairing_id] == (slot, table, "met", MeetingOutcome.FOLLOW_UP)
    take_back(database, hall, 1)
    assert stored(database, hall) == before


def end_with(database: Database, hall: Hall, pairing_id: int, outcome: MeetingOutcome) -> None:
    with database.writing() as session:
        end(session, ORGANISER, event_id=hall.event, pairing_id=pairing_id, outcome=outcome)


def hanging_on(database: Database, pairing_id: int) -> dict[str, object]:
    """Return all that an outcome changes beside the pairing itself."""
    with database.reading() as session:
        pairing = session.get_one(Pairing, pairing_id)
        return {
            "need": str(session.get_one(Need, pairing.need_id).status),
            "debts": list(session.scalars(select(Debt.kind).where(Debt.closed_at.is_(None)))),
            "links": list(
                session.scalars(
                    select(AnswerLink.purpose).where(
                        AnswerLink.subject_id == pairing_id, AnswerLink.used_at.is_(None)
                    )
                )
            ),
            "intents": [
                (str(row.level), row.note, row.witness, row.last_news_on)
                for row in session.scalars(select(Intent).where(Intent.need_id == pairing.need_id))
            ],
        }


def owe_outcome(database: Database, settings: Settings, pairing_id: int) -> None:
    """Ask for the outcome of a meeting by a link, as the daily job does."""
    with database.writing() as session:
        session.add(
            Debt(kind="outcome", subject_id=pairing_id, due_on=clock.today(), opened_at=clock.now(), stage=0)
        )
        make_link(session, settings, purpose=Purpose.OUTCOME, subject_id=pairing_id)


@pytest.mark.parametrize("outcome", [MeetingOutcome.INTENT, MeetingOutcome.NO_INTEREST])
def test_an_outcome_taken_back_leaves_no_trace_and_is_owed_again(
    database: Database, hall: Hall, settings: Settings, outcome: MeetingOutcome
) -> None:
    one = desk_of(database, hall).sittings[0]
    owe_outcome(database, settings, one.pairing_id)
    before = hanging_on(database, one.pairing_id), stored(database, hall)
    assert before[0] == {"need": "published", "debts": ["outcome"], "links": ["outcome"], "intents": []}

    end_with(database, hall, one.pairing_id, outcome)
    noted = hanging_on(database, one.pairing_id)
    take_back(database, hall, 1)

    assert (noted["debts"], noted["links"]) == ([], [])
    assert len(noted["intents"]) == (outcome is MeetingOutcome.INTENT)  # type: ignore[arg-type]
    assert (hanging_on(database, one.pairing_id), stored(database, hall)) == before


def test_an_intention_that_was_there_before_is_as_it_was(database: Database, hall: Hall) -> None:
    one = desk_of(database, hall).sittings[0]
    with database.writing() as session:
        pairing = session.get_one(Pairing, one.pairing_id)
        draft = IntentDraft(
            enterprise_id=one.enterprise_id,
            partner_id=session.get_one(Achievement, pairing.achievement_id).organisation_id or 0,
            matter="第1项难题",
            level=IntentLevel.CONTACTED,
            reached_on=None,
            need_id=pairing.need_id,
            achievement_id=pairing.achievement_id,
            note="上月电话谈过",
        )
        intent = record_intent(session, ORGANISER, draft)
        intent.last_news_on = clock.today() - timedelta(days=40)
        session.flush()
        session.add(
            Debt(kind="intent_news", subject_id=intent.id, due_on=clock.today(), opened_at=clock.now())
        )
    before = hanging_on(database, one.pairing_id)

    end_with(database, hall, one.pairing_id, MeetingOutcome.INTENT)
    assert hanging_on(database, one.pairing_id)["need"] == "intended"
    take_back(database, hall, 1)

    assert hanging_on(database, one.pairing_id) == before
    assert [entry[:2] for entry in before["intents"]] == [("contacted", "上月电话谈过")]  # type: ignore[attr-defined]


def test_an_intention_that_has_moved_on_is_not_taken_back(database: Database, hall: Hall) -> None:
    one = desk_of(database, hall).sittings[0]
    end_with(database, hall, one.pairing_id, MeetingOutcome.INTENT)
    with database.writing() as session:
        intent = session.scalars(select(Intent)).one()
        record_news(session, ORGANISER, intent_id=intent.id, note="样件已寄出")

    with pytest.raises(WrongState, match="又有新的进展"):
        take_back(database, hall, 1)


def test_a_result_that_was_said_anew_is_not_taken_back(database: Database, hall: Hall) -> None:
    one = desk_of(database, hall).sittings[0]
    end_with(database, hall, one.pairing_id, MeetingOutcome.HELD)
    with database.writing() as session:
        record_outcome(
            session, ORGANISER, pairing_id=one.pairing_id, outcome=MeetingOutcome.FOLLOW_UP, by="企业答复"
        )

    with pytest.raises(WrongState, match="后来又改过"):
        take_back(database, hall, 1)


def test_a_stale_page_is_told_that_the_meeting_has_moved(database: Database, hall: Hall) -> None:
    one = desk_of(database, hall).sittings[0]

    with pytest.raises(Conflict, match="有人刚改过"), database.writing() as session:
        start(session, ORGANISER, event_id=hall.event, pairing_id=one.pairing_id, seen="7-99")


def test_a_missing_expert_loses_the_meetings_and_those_left_free_get_others(
    database: Database, hall: Hall
) -> None:
    before, expert = stored(database, hall), hall.experts[0]
    own = {one.pairing_id for one in desk_of(database, hall).sittings if one.expert_id == expert}

    number = say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=f"expert-{expert}"))

    after, desk = stored(database, hall), desk_of(database, hall)
    step = desk.steps[number - 1]
    assert {key for key in before if after[key] != before[key]} == own
    assert {after[key] for key in own} == {(None, None, "lapsed", MeetingOutcome.NO_SHOW)}
    added = [change for change in step.changes if change["new"]]
    assert len(added) == len(own)
    assert all(change["after"][0] >= 3 for change in added)  # the second slot is running
    assert clashes(desk.sittings) == []
    assert states(database, hall)["absent"] == 1


def test_an_undo_restores_exactly_the_former_timetable(database: Database, hall: Hall) -> None:
    before, people = stored(database, hall), states(database, hall)
    number = say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=f"expert-{hall.experts[0]}"))

    take_back(database, hall, number)

    after = stored(database, hall)
    assert {key: after[key] for key in before} == before
    assert {value for key, value in after.items() if key not in before} == {(None, None, "rejected", None)}
    assert states(database, hall) == people
    assert desk_of(database, hall).truth.away == {}


def test_the_same_repair_after_an_undo_uses_the_same_rows(database: Database, hall: Hall) -> None:
    who = f"expert-{hall.experts[0]}"
    first = say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=who))
    once = stored(database, hall)
    take_back(database, hall, first)

    say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=who))

    assert stored(database, hall) == once


def test_what_has_begun_is_never_touched(database: Database, hall: Hall) -> None:
    expert = hall.experts[0]
    own = [one for one in desk_of(database, hall).sittings if one.expert_id == expert]
    with database.writing() as session:
        start(session, ORGANISER, event_id=hall.event, pairing_id=own[0].pairing_id)
    before = stored(database, hall)

    say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=f"expert-{expert}"))

    assert stored(database, hall)[own[0].pairing_id] == before[own[0].pairing_id]


def test_somebody_late_meets_everybody_later(database: Database, hall: Hall) -> None:
    firm = hall.firms[0]

    say_yes(database, hall, report(database, hall, StepKind.LATE, who=f"enterprise-{firm}", minutes=30))

    desk = desk_of(database, hall)
    own = [one for one in desk.sittings if one.enterprise_id == firm]
    assert len(own) == 2
    assert all(one.slot >= 3 for one in own)  # 25 minutes are over, 30 more: the slot at 60
    assert clashes(desk.sittings) == []
    assert [step.words for step in desk.steps] == ["第1号机械有限公司 迟到约 30 分钟"]


def test_whoever_comes_late_meets_in_the_first_slots_that_both_have_free(
    database: Database, hall: Hall
) -> None:
    desk, moved = desk_of(database, hall), 0
    for who in [*(f"enterprise-{key}" for key in hall.firms), *(f"expert-{key}" for key in hall.experts)]:
        mended = mend(desk, step_of(desk, Mishap(kind=StepKind.LATE, who=who, minutes=20)))
        meetings = {one.meeting_id: one for one in mended.problem.meetings}
        open_slots, load = mended.problem.open_slots(), Counter(one.slot for one in mended.placements)
        busy = {(person, one.slot) for one in mended.placements for person in meetings[one.meeting_id].people}
        for change in mended.changes:
            if change.pairing_id in mended.hit and change.after is not None:
                moved += 1
                skipped = [
                    slot
                    for slot in range(mended.next_slot, change.after.slot)
                    if load[slot] < len(desk.tables)
                    and all(
                        slot in open_slots[person] and (person, slot) not in busy
                        for person in meetings[change.pairing_id].people
                    )
                ]
                assert skipped == [], who
    assert moved > 5


def test_whoever_comes_after_all_gets_the_meetings_back_that_still_fit(
    database: Database, hall: Hall
) -> None:
    expert, people = hall.experts[0], states(database, hall)
    own = {one.pairing_id for one in desk_of(database, hall).sittings if one.expert_id == expert}
    say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=f"expert-{expert}"))
    say_yes(database, hall, report(database, hall, StepKind.TABLE_LOST, table=4))
    before = stored(database, hall)

    number = say_yes(database, hall, report(database, hall, StepKind.RETURNED, who=f"expert-{expert}"))

    desk = desk_of(database, hall)
    again = {one.pairing_id for one in desk.sittings if one.expert_id == expert}
    assert again <= own
    assert again
    assert clashes(desk.sittings) == []
    assert all(one.slot >= 2 for one in desk.sittings if one.pairing_id in again)
    assert {stored(database, hall)[key][2:] for key in again} == {("invited", None)}
    assert states(database, hall)["checked_in"] == 1
    take_back(database, hall, number)
    assert stored(database, hall) == before
    assert states(database, hall) == people - Counter({"accepted": 1}) + Counter({"absent": 1})


def test_a_lost_table_is_used_no_more_and_the_running_meeting_takes_the_next(
    database: Database, hall: Hall
) -> None:
    table = next(one.table for one in desk_of(database, hall).sittings if one.slot == 1)

    say_yes(database, hall, report(database, hall, StepKind.TABLE_LOST, table=table))

    desk = desk_of(database, hall)
    assert [one for one in desk.sittings if one.table == table and one.slot >= 1] == []
    assert clashes(desk.sittings) == []
    assert len(desk.sittings) == 12


def test_a_walk_in_gets_what_is_free(database: Database, hall: Hall) -> None:
    from factories import make_need, make_organisation

    from matchmaker import clock
    from matchmaker.domain.states import NeedState

    with database.writing() as session:
        firm = make_organisation(session, name="路过科技有限公司")
        need = make_need(
            session, organisation_id=firm.id, status=NeedState.PUBLISHED, accepted_at=clock.now()
        )
    before = stored(database, hall)
    mishap = Mishap(kind=StepKind.WALK_IN, subject="need", subject_id=need.id)
    with pytest.raises(InvalidInput, match="选一位想见的人"):
        propose_walk_in(database, ORGANISER, event_id=hall.event, mishap=mishap)

    wish = Mishap(
        kind=StepKind.WALK_IN, subject="need", subject_id=need.id, wishes=(hall.experts[0], hall.experts[1])
    )
    say_yes(database, hall, propose_walk_in(database, ORGANISER, event_id=hall.event, mishap=wish))

    desk = desk_of(database, hall)
    own = [one for one in desk.sittings if one.enterprise_id == firm.id]
    assert sorted(one.expert_id for one in own) == hall.experts[:2]
    assert all(one.slot >= 2 for one in own)
    after = stored(database, hall)
    assert {key: after[key] for key in before} == before
    assert clashes(desk.sittings) == []
    assert states(database, hall)["checked_in"] == 1


def test_a_meeting_held_before_its_time_stands_when_somebody_leaves_afterwards(
    database: Database, hall: Hall
) -> None:
    early = max(desk_of(database, hall).sittings, key=lambda one: one.slot)
    before = stored(database, hall)[early.pairing_id][:2]
    end_with(database, hall, early.pairing_id, MeetingOutcome.FOLLOW_UP)

    say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=f"expert-{early.expert_id}"))

    assert stored(database, hall)[early.pairing_id] == (*before, "met", MeetingOutcome.FOLLOW_UP)
    left = [one for one in desk_of(database, hall).sittings if one.expert_id == early.expert_id]
    assert [one.pairing_id for one in left if one.slot > 1] == [early.pairing_id]


def test_a_walk_in_is_offered_nobody_who_is_not_there(database: Database, hall: Hall) -> None:
    say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=f"expert-{hall.experts[0]}"))
    say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=f"enterprise-{hall.firms[1]}"))
    say_yes(
        database, hall, report(database, hall, StepKind.LATE, who=f"expert-{hall.experts[2]}", minutes=30)
    )

    with database.reading() as session:
        desk = open_desk(session, ORGANISER, hall.event)
        asks = {
            kind: [
                key for key, _words in partners(session, desk, Mishap(kind=StepKind.WALK_IN, subject=kind))
            ]
            for kind in ("need", "achievement")
        }

    assert asks == {"need": hall.experts[1:], "achievement": [hall.needs[0], *hall.needs[2:]]}


def seat_a_walk_in(database: Database, hall: Hall) -> tuple[int, int]:
    """Seat a firm nobody had invited; return the step and the firm."""
    from factories import make_need, make_organisation

    from matchmaker import clock
    from matchmaker.domain.states import NeedState

    with database.writing() as session:
        firm = make_organisation(session, name="路过科技有限公司")
        need = make_need(
            session, organisation_id=firm.id, status=NeedState.PUBLISHED, accepted_at=clock.now()
        )
    return seat_need(database, hall, need.id), firm.id


def seat_need(database: Database, hall: Hall, need_id: int) -> int:
    wish = Mishap(kind=StepKind.WALK_IN, subject="need", subject_id=need_id, wishes=(hall.experts[0],))
    return say_yes(database, hall, propose_walk_in(database, ORGANISER, event_id=hall.event, mishap=wish))


def invitation_of(database: Database, hall: Hall, firm: int) -> Invitation:
    with database.reading() as session:
        return session.scalars(
            select(Invitation).where(Invitation.event_id == hall.event, Invitation.organisation_id == firm)
        ).one()


def test_a_walk_in_taken_back_is_no_longer_checked_in_and_may_walk_in_again(
    database: Database, hall: Hall
) -> None:
    number, firm = seat_a_walk_in(database, hall)
    assert invitation_of(database, hall, firm).status is InvitationState.CHECKED_IN

    take_back(database, hall, number)

    guest = invitation_of(database, hall, firm)
    assert (guest.status, guest.checked_in_at) == (InvitationState.PLANNED, None)
    assert states(database, hall)["checked_in"] == 0

    with database.reading() as session:
        need_id = session.scalars(select(Need.id).where(Need.organisation_id == firm)).one()
    seat_need(database, hall, need_id)
    assert invitation_of(database, hall, firm).status is InvitationState.CHECKED_IN


def test_a_guest_who_had_checked_in_before_walking_in_stays_checked_in_after_the_undo(
    database: Database, hall: Hall
) -> None:
    first, firm = seat_a_walk_in(database, hall)
    take_back(database, hall, first)
    with database.writing() as session:
        badge = invitation_of(database, hall, firm).id
        arrive(session, ORGANISER, event_id=hall.event, who=f"guest-{badge}")
    came_at = invitation_of(database, hall, firm).checked_in_at
    with database.reading() as session:
        need_id = session.scalars(select(Need.id).where(Need.organisation_id == firm)).one()
    again = seat_need(database, hall, need_id)

    take_back(database, hall, again)

    guest = invitation_of(database, hall, firm)
    assert came_at is not None
    assert (guest.status, guest.checked_in_at) == (InvitationState.CHECKED_IN, came_at)


def test_a_proposal_is_refused_when_the_desk_has_moved_on(database: Database, hall: Hall) -> None:
    mine = report(database, hall, StepKind.ABSENT, who=f"expert-{hall.experts[0]}")
    theirs = report(database, hall, StepKind.TABLE_LOST, table=1)
    say_yes(database, hall, theirs)
    before = stored(database, hall)

    with pytest.raises(Conflict, match="有人刚改过"):
        say_yes(database, hall, mine)

    assert stored(database, hall) == before


def test_somebody_elses_check_in_does_not_spoil_a_proposal(database: Database, hall: Hall) -> None:
    mine = report(database, hall, StepKind.ABSENT, who=f"expert-{hall.experts[0]}")
    with database.writing() as session:
        arrive(session, ORGANISER, event_id=hall.event, who=f"enterprise-{hall.firms[3]}")

    assert say_yes(database, hall, mine) == 2


def test_the_missing_person_walking_in_spoils_the_proposal(database: Database, hall: Hall) -> None:
    who = f"expert-{hall.experts[0]}"
    mine = report(database, hall, StepKind.ABSENT, who=who)
    with database.writing() as session:
        arrive(session, ORGANISER, event_id=hall.event, who=who)

    with pytest.raises(Conflict):
        say_yes(database, hall, mine)


def test_a_proposal_confirmed_twice_is_confirmed_once(database: Database, hall: Hall) -> None:
    proposal = report(database, hall, StepKind.TABLE_LOST, table=1)

    assert say_yes(database, hall, proposal) == say_yes(database, hall, proposal) == 1
    with database.reading() as session:
        assert len(session.scalars(select(DeskStep)).all()) == 1


def test_replacements_that_were_not_picked_are_left_out(database: Database, hall: Hall) -> None:
    proposal = report(database, hall, StepKind.ABSENT, who=f"expert-{hall.experts[0]}")
    count = len(stored(database, hall))

    with database.writing() as session:
        confirm(session, ORGANISER, event_id=hall.event, proposal_id=proposal, take=())

    assert len(stored(database, hall)) == count


def test_only_those_concerned_are_told_and_once_each(
    database: Database, settings: Settings, hall: Hall
) -> None:
    from factories import make_user

    with database.writing() as session:
        accounts = {firm: make_user(session, Role.ENTERPRISE, organisation_id=firm).id for firm in hall.firms}
    firm = hall.firms[0]
    number = say_yes(
        database, hall, report(database, hall, StepKind.LATE, who=f"enterprise-{firm}", minutes=30)
    )
    with database.reading() as session:
        moved = {change["pairing"] for change in open_desk(session, ORGANISER, hall.event).steps[0].changes}
        concerned = {
            accounts[row.enterprise_id]
            for row in open_desk(session, ORGANISER, hall.event).rows
            if row.pairing_id in moved
        }

    deliver_due(database, settings)
    take_back(database, hall, number)
    deliver_due(database, settings)

    with database.reading() as session:
        told = Counter(session.scalars(select(Notice.user_id).where(Notice.kind == "desk_change")))
        subjects = set(session.scalars(select(Notice.subject).where(Notice.kind == "desk_change")))
    assert told == dict.fromkeys(concerned, 2)
    assert subjects == {"今天的洽谈有变化：模具产业专场对接会", "安排恢复：模具产业专场对接会"}


def test_a_cancelled_meeting_leaves_the_calendar_and_an_undo_brings_it_back(
    database: Database, settings: Settings, hall: Hall
) -> None:
    from factories import make_user

    mailing = load_settings(instance="own", data={"folder": settings.data.folder}, mail={"host": "127.0.0.1"})
    with database.writing() as session:
        for firm in hall.firms:
            make_user(session, Role.ENTERPRISE, organisation_id=firm)
    number = say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=f"expert-{hall.experts[0]}"))
    deliver_due(database, mailing)
    take_back(database, hall, number)
    deliver_due(database, mailing)

    with database.reading() as session:
        rows = session.scalars(
            select(Notice.calendar)
            .where(Notice.kind == "desk_change", Notice.calendar.is_not(None))
            .order_by(Notice.id)
        )
        said: dict[str, list[tuple[str, int]]] = {}
        for content in rows:
            for event in icalendar.Calendar.from_ical(content or b"").walk("VEVENT"):
                told = (str(event["STATUS"]), int(event["SEQUENCE"]))
                said.setdefault(str(event["UID"]), []).append(told)
    once = [list(dict.fromkeys(told)) for told in said.values()]
    undone = [told for told in once if [state for state, _ in told] == ["CANCELLED", "CONFIRMED"]]
    assert undone
    assert all(first[1] < second[1] for first, second in undone)


def test_an_expert_is_not_told_the_name_of_a_firm_that_is_masked(
    database: Database, settings: Settings, hall: Hall
) -> None:
    from factories import make_user

    with database.writing() as session:
        university = session.scalars(select(Organisation).where(Organisation.name == "江北大学")).one()
        make_user(session, Role.UNIVERSITY, organisation_id=university.id)
    say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=f"enterprise-{hall.firms[0]}"))

    deliver_due(database, settings)

    with database.reading() as session:
        bodies = list(session.scalars(select(Notice.body).where(Notice.kind == "desk_change")))
    assert bodies
    assert not any("第1号机械" in body for body in bodies)


def test_a_check_in_since_stays_when_the_absence_is_taken_back(database: Database, hall: Hall) -> None:
    who, people = f"expert-{hall.experts[0]}", states(database, hall)
    absent = say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=who))
    with database.writing() as session:
        came = arrive(session, ORGANISER, event_id=hall.event, who=who)
    assert came is not None

    take_back(database, hall, absent)
    here = states(database, hall)
    take_back(database, hall, came.number)

    assert here == people - Counter({"accepted": 1}) + Counter({"checked_in": 1})
    assert states(database, hall) == people


def test_a_result_keyed_in_since_is_not_lost_with_the_absence(database: Database, hall: Hall) -> None:
    expert = hall.experts[0]
    sheets = {
        line.row.pairing_id: sheet for sheet in sheets_of(desk_of(database, hall)) for line in sheet.lines
    }
    number = say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=f"expert-{expert}"))
    lost = next(
        row.pairing_id for row in desk_of(database, hall).rows if row.expert_id == expert and not row.slot
    )
    with database.writing() as session:
        noted = Entry(pairing_id=lost, result="follow_up")
        code = sheets[lost].code
        key_in(session, ORGANISER, event_id=hall.event, code=code, entries=[noted], override=[lost])

    with pytest.raises(WrongState, match="先撤销后面的"):
        take_back(database, hall, number)

    assert stored(database, hall)[lost][3] == "follow_up"


def test_a_result_said_elsewhere_since_is_not_lost_with_the_absence(database: Database, hall: Hall) -> None:
    expert = hall.experts[0]
    number = say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=f"expert-{expert}"))
    lost = next(
        row.pairing_id for row in desk_of(database, hall).rows if row.expert_id == expert and not row.slot
    )
    with database.writing() as session:
        record_outcome(session, ORGANISER, pairing_id=lost, outcome=MeetingOutcome.HELD, note="下午补谈")

    with pytest.raises(WrongState, match="后来又改过"):
        take_back(database, hall, number)

    assert stored(database, hall)[lost][3] == "held"


@pytest.mark.parametrize(
    "values", [{"kind": StepKind.ABSENT, "who": "expert"}, {"kind": StepKind.TABLE_LOST, "table": 2}]
)
def test_what_is_so_already_is_not_noted_again(
    database: Database, hall: Hall, values: dict[str, object]
) -> None:
    values = values | ({"who": f"expert-{hall.experts[0]}"} if "who" in values else {})
    say_yes(database, hall, report(database, hall, **values))  # type: ignore[arg-type]  # a mishap's fields

    with pytest.raises(WrongState, match="已经"):
        report(database, hall, **values)  # type: ignore[arg-type]  # a mishap's fields

    assert len(desk_of(database, hall).steps) == 1


def test_somebody_given_up_who_is_on_the_way_gets_meetings_back(database: Database, hall: Hall) -> None:
    who, expert = f"expert-{hall.experts[0]}", hall.experts[0]
    say_yes(database, hall, report(database, hall, StepKind.ABSENT, who=who))

    say_yes(database, hall, report(database, hall, StepKind.LATE, who=who, minutes=30))

    desk = desk_of(database, hall)
    again = [one for one in desk.sittings if one.expert_id == expert]
    assert again
    assert all(one.slot >= 3 for one in again)
    assert clashes(desk.sittings) == []


def test_undo_goes_backwards_and_not_under_what_began_since(database: Database, hall: Hall) -> None:
    first = say_yes(database, hall, report(database, hall, StepKind.TABLE_LOST, table=1))
    second = say_yes(
        database, hall, report(database, hall, StepKind.LATE, who=f"enterprise-{hall.firms[0]}", minutes=30)
    )
    with pytest.raises(WrongState, match="一步一步"):
        take_back(database, hall, first)

    desk = desk_of(database, hall)
    moved = next(change for change in desk.steps[second - 1].changes if change["after"])
    with database.writing() as session:
        start(session, ORGANISER, event_id=hall.event, pairing_id=moved["pairing"])

    with database.reading() as session:
        assert [one.number for one in undoable(session, desk_of(database, hall))] == [3]
    with pytest.raises(WrongState, match="已经按新的安排开始"):
        take_back(database, hall, second)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"kind": StepKind.TABLE_LOST, "table": 99}, InvalidInput),
        ({"kind": StepKind.ABSENT, "who": "expert-999999"}, NotFound),
        ({"kind": StepKind.ABSENT, "who": "nobody"}, NotFound),
        ({"kind": StepKind.LATE, "minutes": 0}, InvalidInput),
    ],
)
def test_what_cannot_be_is_refused(
    database: Database, hall: Hall, values: dict[str, object], error: type[Exception]
) -> None:
    if values["kind"] is StepKind.LATE:
        values = values | {"who": f"expert-{hall.experts[0]}"}
    with pytest.raises(error):
        report(database, hall, **values)  # type: ignore[arg-type]
    with database.reading() as session:
        assert session.scalars(select(DeskProposal)).all() == []


def test_an_event_that_is_over_is_not_rearranged(database: Database) -> None:
    from matchmaker import clock

    with database.writing() as session:
        past = make_hall(session, starts_at=clock.now() - 9 * SLOT)

    with pytest.raises(WrongState, match="已经结束"):
        report(database, past, StepKind.TABLE_LOST, table=1)


def test_the_desk_waits_for_a_published_list(database: Database, hall: Hall) -> None:
    with database.writing() as session:
        row = session.scalars(select(Pairing)).first()
        assert row is not None
        open_desk(session, ORGANISER, hall.event).listed.published_at = None

    with pytest.raises(WrongState, match="配对清单"):
        desk_of(database, hall)


def test_a_stranger_does_not_come_near_the_desk(database: Database, hall: Hall) -> None:
    with pytest.raises(NotAllowed), database.reading() as session:
        open_desk(session, Actor(name="访客"), hall.event)


def test_before_the_first_slot_everything_may_move(database: Database) -> None:
    from matchmaker import clock

    with database.writing() as session:
        hall = make_hall(session, starts_at=clock.now() + timedelta(hours=1))

    say_yes(
        database, hall, report(database, hall, StepKind.LATE, who=f"expert-{hall.experts[0]}", minutes=30)
    )

    desk = desk_of(database, hall)
    assert desk.slot == -1
    assert {one.slot for one in desk.sittings if one.expert_id == hall.experts[0]} & {0, 1} == set()
    assert InvitationState.ABSENT not in states(database, hall)
    assert PairingState.LAPSED not in {value[2] for value in stored(database, hall).values()}


def test_a_second_sheet_that_says_the_other_side_was_missing_is_asked_about(
    database: Database, hall: Hall
) -> None:
    sheet = sheets_of(desk_of(database, hall))[0]
    key = sheet.lines[0].row.pairing_id
    keyed = []
    for result, override in (
        ("firm_absent", []),
        ("firm_absent", []),
        ("expert_absent", []),
        ("expert_absent", [key]),
    ):
        with database.writing() as session:
            entries = [Entry(pairing_id=key, result=result)]
            done = key_in(
                session, ORGANISER, event_id=hall.event, code=sheet.code, entries=entries, override=override
            )
            keyed.append((done.new, done.same, done.conflicts))

    assert keyed == [((key,), (), ()), ((), (key,), ()), ((), (), (key,)), ((key,), (), ())]
    with database.reading() as session:
        assert session.get_one(Pairing, key).outcome_note == "专家未到"
