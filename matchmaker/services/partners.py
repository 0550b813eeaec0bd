"""Who sits on the achievement's side of a meeting, as the firm and the hall may know it."""

from dataclasses import dataclass

from matchmaker import wording
from matchmaker.domain.disclosure import hides_owner
from matchmaker.domain.permissions import ANYONE
from matchmaker.services.pairing_answers import both_accepted
from matchmaker.store.queries.pairings import PairingLine, Seat
from matchmaker.store.tables import Achievement


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Institution, person and title; the person "" where there is none, or where it is `masked`."""

    organisation: str
    name: str = ""
    title: str = ""
    masked: bool = False


def unnamed(kind: str) -> str:
    """Describe an institution that does not want to be named: 某高校."""
    return f"某{wording.label('organisation_kind', kind or None) or '单位'}"


def partner_of(line: PairingLine) -> Partner:
    """Return the achievement's side of a pairing; by name, unless it is masked and not both accepted yet."""
    return offered_by(line.achievement, line.seat, opened=both_accepted(line.pairing))


def offered_by(achievement: Achievement, seat: Seat | None, *, opened: bool = False) -> Partner:
    """Return whose an achievement is and who comes for it: what everybody may know, `opened` all."""
    hidden = hides_owner(ANYONE, owner_id=achievement.organisation_id, disclosure=achievement.disclosure)
    if hidden and not opened:
        return Partner(organisation=unnamed(seat.kind if seat else ""), masked=True)
    if seat is None:
        return Partner(organisation=achievement.owner_text)
    return Partner(organisation=seat.organisation, name=seat.name, title=seat.title)
