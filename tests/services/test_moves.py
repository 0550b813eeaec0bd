"""Every move of every thing: allowed ones are logged, others refused in words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import select

from matchmaker.domain import states
from matchmaker.domain.permissions import Actor
from matchmaker.errors import WrongState
from matchmaker.services.moves import KINDS, move
from matchmaker.store.engine import Database
from matchmaker.store.tables import StateChange
from matchmaker.wording import labels

KIND_OF: dict[str, type[StrEnum]] = {
    "need": states.NeedState,
    "achievement": states.AchievementState,
    "match": states.MatchState,
    "event": states.EventState,
    "invitation": states.InvitationState,
    "pairing": states.PairingState,
    "contract": states.ContractState,
}


@dataclass(slots=True)
class Thing:
    """Anything with a state."""

    id: int
    status: Any


@pytest.mark.parametrize("kind", KINDS)
def test_exactly_the_moves_of_the_table_are_made_and_logged(kind: str, database: Database) -> None:
    members = list(KIND_OF[kind])
    allowed = {(a, b) for a in members for b in members if b in states.MOVES[KIND_OF[kind]][a]}
    with database.writing() as session:
        for current in members:
            for to in members:
                thing = Thing(id=7, status=current)
                if (current, to) in allowed:
                    move(session, Actor(), kind, thing, to, reason="试")
                    assert thing.status is to
                    continue
                with pytest.raises(WrongState, match=f"“{labels(KINDS[kind][1])[current]}”"):
                    move(session, Actor(), kind, thing, to)
                assert thing.status is current

    with database.reading() as session:
        logged = session.execute(
            select(StateChange.from_state, StateChange.to_state, StateChange.reason)
        ).all()
    assert {tuple(row) for row in logged} == {(a.value, b.value, "试") for a, b in allowed}


def test_every_kind_with_moves_is_known() -> None:
    assert set(KIND_OF) == set(KINDS)
    assert set(KIND_OF.values()) == set(states.MOVES)
