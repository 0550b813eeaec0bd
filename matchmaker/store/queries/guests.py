"""Where every guest of an event stands: asked, seen, answered, and what they said to their meetings."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.states import ApprovalState, InvitationState, PairingState
from matchmaker.store.queries.events import GuestLine, guest_lines
from matchmaker.store.queries.pairings import published_list
from matchmaker.store.queries.withdrawals import withdrawn_now
from matchmaker.store.tables import Achievement, Invitation, Need, Notice, Organisation, Pairing, Person, User

_LETTERS = ("invitation", "event_reminder", "guest_reminder")
_COMING = (InvitationState.ACCEPTED, InvitationState.CHECKED_IN)
WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestState:
    """One guest. `seen`: the account has read the notice, or answered to a meeting; mails cannot tell.
    `said` counts meetings by answer: accepted, another, declined, waiting. `withdrew`: not to be asked.
    `told`: whether anybody gets our notices, by account or mail; the others must be telephoned."""

    line: GuestLine
    seen: bool
    said: Mapping[str, int]
    withdrew: bool = False
    told: bool = True

    @property
    def id(self) -> int:
        """The invitation's id, for lists with ticks."""
        return self.line.id

    @property
    def stage(self) -> str:
        """planned, untold, unseen, seen, coming, declined or absent."""
        state = self.line.invitation.status
        if state is InvitationState.INVITED:
            return "seen" if self.seen else "unseen" if self.told else "untold"
        return "coming" if state in _COMING else state.value

    @property
    def silent(self) -> bool:
        """Whether an answer is still owed, to the invitation or to a meeting, and may be asked for."""
        if self.withdrew:
            return False
        return self.stage in ("untold", "unseen", "seen") or (
            self.stage == "coming" and bool(self.said.get(WAITING))
        )

    @property
    def to_phone(self) -> bool:
        """Whether something is to be said that only a telephone can bring; who is here can be spoken to."""
        here = self.line.invitation.status is InvitationState.CHECKED_IN
        reached = self.told or self.withdrew or here
        return not reached and (self.stage == "planned" or self.silent)


def guest_states(
    session: Session,
    event_id: int,
    *,
    search: str = "",
    states: Sequence[str] = (),
    told: Collection[int] | None = None,
) -> list[GuestState]:
    """Return the guests of an event in the order of `guest_lines`, each with where they stand.

    `told` are those of `guests_told`; without it all count as told.
    """
    lines = guest_lines(session, event_id, search=search, states=states)
    seen, said = _seen(session, event_id), _said(session, event_id)
    own = {line.id: said.get(_party(line.invitation), Counter()) for line in lines}
    withdrawn = withdrawn_now(session)
    return [
        GuestState(
            line=line,
            seen=line.id in seen or bool(own[line.id].keys() - {WAITING}),
            said=own[line.id],
            withdrew=withdrawn.invitation(line.invitation),
            told=told is None or line.id in told,
        )
        for line in lines
    ]


def guests_told(session: Session, event_id: int, *, by_mail: bool) -> set[int]:
    """Return the invitations whose letters reach somebody, as `event_letters.guests_of` addresses them.

    That is the person, by account or by mail; of who has neither, the accounts of the house or its parent.
    """
    account = exists().where(User.person_id == Person.id, User.active)
    house = exists().where(
        or_(User.organisation_id == Organisation.id, User.organisation_id == Organisation.parent_id),
        User.active,
        User.status == ApprovalState.APPROVED,
    )
    rows = session.execute(
        select(Invitation.id, Person.email, account, house)
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .outerjoin(Person, Person.id == Invitation.person_id)
        .where(Invitation.event_id == event_id)
    )
    return {key for key, address, own, theirs in rows if own or (by_mail if address else theirs)}


def _party(row: Invitation) -> tuple[str, int]:
    if row.role == "enterprise":
        return "need", row.organisation_id
    return "achievement", row.person_id or -row.organisation_id


def _seen(session: Session, event_id: int) -> set[int]:
    """Return the invitations whose notice somebody has read in the inbox; their id stands in the key."""
    keys = session.scalars(
        select(Notice.key).where(
            Notice.event_id == event_id,
            Notice.channel == "inbox",
            Notice.kind.in_(_LETTERS),
            Notice.read_at.is_not(None),
        )
    )
    return {int(word) for key in keys if (word := key.split(":")[1].split("-")[0]).isdecimal()}


def _said(session: Session, event_id: int) -> dict[tuple[str, int], Counter[str]]:
    """Return by side what was said to the meetings of the list that holds."""
    standing = published_list(session, event_id)
    if standing is None:
        return {}
    rows = session.execute(
        select(Pairing, Need.organisation_id, Achievement.organisation_id)
        .join(Need, Need.id == Pairing.need_id)
        .join(Achievement, Achievement.id == Pairing.achievement_id)
        .where(Pairing.list_id == standing.id, Pairing.status != PairingState.REJECTED)
        .order_by(Pairing.id)
    )
    found: dict[tuple[str, int], Counter[str]] = {}
    for pairing, firm_id, home_id in rows:
        expert = pairing.expert_id or -(home_id or 0)
        found.setdefault(("need", firm_id), Counter())[pairing.need_answer or WAITING] += 1
        found.setdefault(("achievement", expert), Counter())[pairing.achievement_answer or WAITING] += 1
    return found
