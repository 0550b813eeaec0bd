"""Who has taken the first consent back: they get no new invitation, meeting or question.

A person's newest own word counts, given as a person or on an account. A firm whose accounts have all taken
it back is not arranged for either, but for a contact of it who has agreed in their own name.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.states import ApprovalState, ConsentScope
from matchmaker.store.tables import Consent, Invitation, Need, User

WITHDREW = "已撤回同意，不再办理新的对接"
EXPERT = "expert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """Who is left alone: accounts, people, and houses all of whose accounts withdrew.

    `agreed` are people who have said yes in their own name, whatever the accounts of their house say.
    """

    users: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()
    houses: frozenset[int] = frozenset()
    agreed: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        """Say whether anybody withdrew at all."""
        return bool(self.users or self.people)

    def firm(self, *, organisation_id: int, contact_id: int | None) -> bool:
        """Say whether nothing new is arranged for a firm through this contact."""
        if contact_id in self.people:
            return True
        return organisation_id in self.houses and contact_id not in self.agreed

    def expert(self, *, organisation_id: int | None, person_id: int | None) -> bool:
        """Say whether nothing new is arranged for an expert; without a person their house decides."""
        return person_id in self.people if person_id is not None else organisation_id in self.houses

    def guest(self, *, organisation_id: int, person_id: int | None, role: str) -> bool:
        """Say whether somebody is not to be invited; `role` is an invitation's."""
        if role == EXPERT:
            return self.expert(organisation_id=organisation_id, person_id=person_id)
        return self.firm(organisation_id=organisation_id, contact_id=person_id)

    def invitation(self, row: Invitation) -> bool:
        """Say whether the guest of an invitation is not to be asked."""
        return self.guest(organisation_id=row.organisation_id, person_id=row.person_id, role=row.role)

    def told(self, *, user_id: int | None, person_id: int | None) -> bool:
        """Say whether a recipient of notices is not to be asked anything."""
        return user_id in self.users or person_id in self.people


def withdrawn_now(session: Session) -> Withdrawn:
    """Read who has withdrawn. One small question where nobody has."""
    own_words = (
        Consent.scope == ConsentScope.INTERNAL,
        Consent.subject_kind.in_(("user", "person")),
        Consent.withdrawn_at.is_(None),
    )
    if session.scalar(select(Consent.id).where(*own_words, ~Consent.granted).limit(1)) is None:
        return Withdrawn()
    accounts = {
        row.id: row
        for row in session.execute(
            select(User.id, User.person_id, User.organisation_id, User.active, User.status)
        )
    }
    people: dict[int, bool] = {}
    users: dict[int, bool] = {}
    rows = session.execute(
        select(Consent.subject_kind, Consent.subject_id, Consent.granted)
        .where(*own_words)
        .order_by(Consent.id)
    )
    for kind, subject_id, granted in rows:
        account = accounts.get(subject_id) if kind == "user" else None
        if kind == "person" or (account is not None and account.person_id is not None):
            people[account.person_id if account else subject_id] = granted
        else:
            users[subject_id] = granted
    gone = {
        key
        for key, row in accounts.items()
        if not (users.get(key, True) if row.person_id is None else people.get(row.person_id, True))
    }
    return Withdrawn(
        users=frozenset(gone),
        people=frozenset(key for key, granted in people.items() if not granted),
        houses=_silent_houses(accounts, gone),
        agreed=frozenset(key for key, granted in people.items() if granted),
    )


def _silent_houses(accounts: Mapping[int, Any], gone: set[int]) -> frozenset[int]:
    """Return the organisations of those who withdrew that nobody speaks for any more."""
    speaking = {
        row.organisation_id
        for key, row in accounts.items()
        if key not in gone and row.active and row.status is ApprovalState.APPROVED
    }
    left = {accounts[key].organisation_id for key in gone} - speaking
    return frozenset(key for key in left if key is not None)


def silent_needs(session: Session, need_ids: Collection[int], withdrawn: Withdrawn) -> set[int]:
    """Return the needs for which nothing new is arranged."""
    rows = session.execute(
        select(Need.id, Need.organisation_id, Need.contact_id).where(Need.id.in_(sorted(need_ids)))
    )
    return {key for key, firm, contact in rows if withdrawn.firm(organisation_id=firm, contact_id=contact)}
