"""Who may do what: pure predicates over an actor and plain values."""

from dataclasses import dataclass, field

from matchmaker.domain.states import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: a signed-in user, the system's own jobs, or the holder of an answer link.

    `organisation_ids` are the actor's own organisation and, for a university, everything under it.
    """

    user_id: int | None = None
    name: str = ""
    roles: frozenset[Role] = frozenset()
    organisation_id: int | None = None
    organisation_ids: frozenset[int] = field(default_factory=frozenset)
    person_id: int | None = None
    system: bool = False

    @property
    def organises(self) -> bool:
        """Whether the actor works for the bureau (organiser or admin), or is the system itself."""
        return self.system or bool(self.roles & {Role.ORGANISER, Role.ADMIN})

    @property
    def administers(self) -> bool:
        """Whether the actor may change accounts and settings."""
        return self.system or Role.ADMIN in self.roles


SYSTEM = Actor(name="系统", system=True)
ANYONE = Actor(name="访客")


def owns(actor: Actor, organisation_id: int | None) -> bool:
    """Say whether a thing of this organisation is the actor's own."""
    return organisation_id is not None and organisation_id in actor.organisation_ids


def may_see_inside(actor: Actor, organisation_id: int | None) -> bool:
    """Say whether the actor sees the unmasked record: the organiser and its owner do."""
    return actor.organises or owns(actor, organisation_id)
