"""Edited lists: how a cell is read, and that every broken rule is found, against a plain count."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.domain.pairing_edit import Room, Sitting, against_rules, impossible
from matchmaker.domain.pairing_places import place_in

STARTS = ("14:00", "14:20", "14:40")
ROOM = Room(per_enterprise=2, per_expert=2, tables=2, slots=3)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", (None, None)),
        ("14:20–14:40 2 号桌", (2, 2)),
        ("2号桌 14：20", (2, 2)),
        ("第3轮 桌1", (3, 1)),
        ("14:00 12号桌", (1, 12)),
        ("第 2 时段，1桌", (2, 1)),
        ("１４:４０ 第2桌", (3, 2)),
        ("下午2:20 二号桌", (2, 2)),
        ("2:20 PM 桌号: 1", (2, 1)),
        ("14点20分 2#桌", (2, 2)),
        ("下午两点 十二号桌", (1, 12)),
        ("14时20分–14时40分 2号台", (2, 2)),
        ("第三时段 1号桌", (3, 1)),
        ("下午2点20 2号桌", (2, 2)),
        ("下午两点四十分，三号桌", (3, 3)),
        ("14:20 桌1", (2, 1)),
        ("14:40\n桌号 12", (3, 12)),
        ("1号洽谈桌 14点40", (3, 1)),
        ("14:20:00 2号桌", (2, 2)),
    ],
)
def test_time_and_table_are_read_as_people_write_them(
    text: str, place: tuple[int | None, int | None]
) -> None:
    assert place_in(text, STARTS) == place


@pytest.mark.parametrize(
    "text",
    ["下午", "14:20", "2号桌", "14:30 1号桌", "25:00 1号桌", "14:20 A2桌", "14:20 -2号桌", "差20分3点 2号桌"],
)
def test_a_place_that_is_not_whole_is_refused_with_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"时间|桌号"):
        place_in(text, STARTS)


@st.composite
def sittings(draw: st.DrawFn) -> list[Sitting]:
    """Draw rows about different pairs of a few needs and experts, anywhere and nowhere."""
    keys = draw(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), unique=True, max_size=12))
    placed = st.one_of(st.none(), st.integers(0, 4))
    return [
        Sitting(
            key=key,
            enterprise_id=(key[0] + 1) // 2,
            expert_id=(key[1] + 1) // 2,
            firm=f"企业{(key[0] + 1) // 2}",
            expert=f"专家{(key[1] + 1) // 2}",
            slot=draw(placed),
            table=draw(placed),
        )
        for key in keys
    ]


@settings(max_examples=100, deadline=None)
@given(sittings())
def test_what_cannot_be_is_found_and_nothing_else(rows: list[Sitting]) -> None:
    at = [row for row in rows if row.slot is not None]
    firms = Counter((row.enterprise_id, row.slot) for row in at)
    experts = Counter((row.expert_id, row.slot) for row in at)
    tables = Counter((row.table, row.slot) for row in at if row.table)

    wrong = {
        row.key
        for row in rows
        if (row.slot is not None and not 1 <= row.slot <= ROOM.slots)
        or (row.table is not None and not 1 <= row.table <= ROOM.tables)
        or (
            row.slot is not None
            and max(
                firms[row.enterprise_id, row.slot],
                experts[row.expert_id, row.slot],
                tables[row.table, row.slot],
            )
            > 1
        )
    }

    assert set(impossible(rows, ROOM)) == wrong


@settings(max_examples=100, deadline=None)
@given(sittings(), st.sets(st.tuples(st.integers(1, 6), st.integers(1, 6))), st.sets(st.integers(1, 3)))
def test_caps_bans_and_hours_are_all_told(
    rows: list[Sitting], banned: set[tuple[int, int]], away: set[int]
) -> None:
    by_firm = Counter(row.enterprise_id for row in rows)
    by_expert = Counter(row.expert_id for row in rows)
    by_pair = Counter((row.enterprise_id, row.expert_id) for row in rows)

    found = against_rules(
        rows,
        ROOM,
        bans=dict.fromkeys(banned, "利益冲突"),
        away={("enterprise", 1): frozenset(away), ("expert", 2): frozenset(away)},
    )

    assert {key: len(words) for key, words in found.items()} == {
        row.key: count
        for row in rows
        if (
            count := (by_firm[row.enterprise_id] > ROOM.per_enterprise)
            + (by_expert[row.expert_id] > ROOM.per_expert)
            + (by_pair[row.enterprise_id, row.expert_id] > 1)
            + (row.key in banned)
            + (row.enterprise_id == 1 and row.slot in away)
            + (row.expert_id == 2 and row.slot in away)
        )
    }
