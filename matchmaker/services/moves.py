"""Moves a thing from one state to the next, and keeps the log of it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from matchmaker import clock, wording
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import can_move
from matchmaker.errors import WrongState
from matchmaker.store.tables import StateChange

# kind of thing → its Chinese name, and the list of config/enums.json that names its states
KINDS: Mapping[str, tuple[str, str]] = {
    "need": ("需求", "need_status"),
    "achievement": ("成果", "achievement_status"),
    "match": ("配对建议", "match_status"),
    "event": ("活动", "event_status"),
    "invitation": ("邀请", "invitation_status"),
    "pairing": ("配对", "pairing_status"),
    "contract": ("技术合同", "contract_status"),
}


def move(session: Session, actor: Actor, kind: str, row: Any, to: StrEnum, *, reason: str = "") -> None:
    """Set the `status` of a row, as the table of moves of its kind allows, and log who did it and why.

    `row` is a row of the table that `kind` names. Raises WrongState with both states named, also
    for a move to the state it is already in.
    """
    if not can_move(row.status, to):
        raise WrongState(_refusal(kind, row.status, to))
    put_back(session, actor, kind, row, to, reason=reason)


def put_back(session: Session, actor: Actor, kind: str, row: Any, to: StrEnum, *, reason: str = "") -> None:
    """Set the `status` of a row to one it had before, and log it: undoing asks no table of moves."""
    session.add(
        StateChange(
            subject_kind=kind,
            subject_id=row.id,
            from_state=row.status.value,
            to_state=to.value,
            reason=reason,
            user_id=actor.user_id,
            at=clock.now(),
        )
    )
    row.status = to


def _refusal(kind: str, current: StrEnum, to: StrEnum) -> str:
    name, states = KINDS[kind]
    return (
        f"这条{name}现在是“{wording.label(states, current)}”，不能改为“{wording.label(states, to)}”。"
        "请刷新页面，按它现在的状态办理。"
    )
