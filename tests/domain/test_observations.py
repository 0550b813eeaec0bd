"""What people did with a proposal, as one grade."""

from datetime import UTC, datetime

import pytest

from matchmaker.domain.hit_rate import Hit, Reached, by_grade, by_group
from matchmaker.domain.observations import (
    Act,
    Level,
    Stage,
    contract_act,
    intent_act,
    level_of,
    meeting_act,
    organiser_act,
    pairing_act,
    sides_act,
)
from matchmaker.domain.states import ContractState, Grade, IntentLevel, MatchState, MeetingOutcome

DAY = datetime(2026, 5, 1, tzinfo=UTC)
LATER = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("act", "level"),
    [
        (organiser_act(MatchState.SHORTLISTED, "", DAY), Level.FAIR),
        (organiser_act(MatchState.REJECTED, "技术方向不符", DAY), Level.NONE),
        (organiser_act(MatchState.REJECTED, "成熟度不够", DAY), Level.WEAK),
        (organiser_act(MatchState.REJECTED, "双方已在合作", DAY), None),
        (organiser_act(MatchState.PROPOSED, "", DAY), None),
        (sides_act("interested", "", "", ""), Level.FAIR),
        (sides_act("interested", "", "unsuitable", "方向不同"), Level.NONE),
        (sides_act("question", "能否打样", "", ""), None),
        (sides_act("unsuitable", "院校已明确不转让", "", ""), None),
        (pairing_act("accepted", "", ""), Level.FAIR),
        (pairing_act("accepted", "declined", "院校：没有相应设备"), Level.WEAK),
        (pairing_act("declined", "", "企业：那天出差"), None),
        (pairing_act("another", "", ""), None),
        (meeting_act(MeetingOutcome.NO_INTEREST, DAY), Level.WEAK),
        (meeting_act(MeetingOutcome.FOLLOW_UP, DAY), Level.STRONG),
        (meeting_act(MeetingOutcome.NO_SHOW, DAY), None),
        (meeting_act(None, None), None),
        (intent_act(IntentLevel.CONTACTED), Level.FAIR),
        (intent_act(IntentLevel.WRITTEN), Level.STRONG),
        (intent_act(IntentLevel.NONE), None),
        (contract_act(ContractState.REGISTERED), Level.STRONG),
        (contract_act(ContractState.DRAFT), None),
    ],
)
def test_every_act_amounts_to_a_grade_or_says_nothing_about_the_texts(act: Act, level: Level | None) -> None:
    assert act.level is level


def test_the_furthest_stage_speaks_and_within_it_the_last_word() -> None:
    chosen = organiser_act(MatchState.SHORTLISTED, "", LATER)
    talked = meeting_act(MeetingOutcome.NO_INTEREST, DAY)
    again = meeting_act(MeetingOutcome.FOLLOW_UP, LATER)
    silent = contract_act(ContractState.DRAFT)

    assert level_of([chosen]) == (Level.FAIR, Stage.ORGANISER)
    assert level_of([talked, chosen, silent]) == (Level.WEAK, Stage.MEETING)
    assert level_of([again, chosen, talked]) == (Level.STRONG, Stage.MEETING)
    assert level_of([silent]) is None
    assert level_of([]) is None


def test_whoever_reached_a_stage_counts_at_all_before_it() -> None:
    hits = [
        Hit(grade=Grade.STRONG, reached=Reached.CONTRACT, groups=("40", "80")),
        Hit(grade=Grade.STRONG, reached=Reached.PROPOSED, groups=("40",)),
        Hit(grade=Grade.FAIR, reached=Reached.MET, groups=("80",)),
    ]

    lines = by_grade(hits)

    assert [line.counts for line in lines.values()] == [(2, 1, 1, 1, 1), (1, 1, 1, 0, 0), (0, 0, 0, 0, 0)]
    assert lines[Grade.STRONG].share(Reached.CONTRACT) == 0.5
    assert lines[Grade.WEAK].share(Reached.MET) is None
    groups = by_group(hits)
    assert list(groups) == ["40", "80"]
    assert groups["80"][Grade.STRONG].counts == (1, 1, 1, 1, 1)
