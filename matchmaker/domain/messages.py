"""What happened: facts in the past tense that the rest of the system reacts to.

A message is saved with the state it speaks of. `version` grows when the fields change; a reader of
the old payload then stands beside the new. Ids and plain values only.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Root of all messages; `name` in the database is the class's name."""

    version: ClassVar[int] = 1

    def payload(self) -> dict[str, Any]:
        """Return the fields as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRegistered(Message):
    """Somebody registered an account (and perhaps an organisation) and waits for approval."""

    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDecided(Message):
    """The organiser approved or refused an account."""

    user_id: int
    approved: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetAsked(Message):
    """Somebody asked for a new password; the link is made when the notice is written."""

    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedPosted(Message):
    """A need was submitted: by its enterprise, by the organiser, or by an import."""

    need_id: int
    text_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRevised(Message):
    """What matching reads of a need has changed."""

    need_id: int
    text_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsMerged(Message):
    """Two needs of a firm are one from now on, or two again when `undone`; the log of it names both."""

    need_id: int
    merge_id: int
    undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedDecided(Message):
    """The organiser accepted, returned or published a need; `to` is the new state."""

    need_id: int
    to: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsImported(Message):
    """An import brought needs in or changed them."""

    upload_id: int
    need_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AchievementsImported(Message):
    """An import or a form brought achievements in or changed them; `upload_id` 0: a form."""

    upload_id: int
    achievement_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AchievementsWithdrawn(Message):
    """Achievements left the library (withdrawn, undone import, merged)."""

    achievement_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadWorkedOff(Message):
    """The background process has read, imported or taken back a large list."""

    upload_id: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWorkedOff(Message):
    """The background process has made a plan of the campaign, or found that there is none."""

    plan_id: int
    made: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsDue(Message):
    """Some proposals or vectors are older than their texts; one step of the work is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WiderSearchAsked(Message):
    """Somebody wants to know which needs an achievement, or what a person made, could answer."""

    subject_kind: str
    subject_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchesProposed(Message):
    """Proposals for a need were computed; `strong_count` of them are 强 or 较强."""

    need_id: int
    text_version: int
    match_count: int
    strong_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchDecided(Message):
    """The organiser, or one of the two sides, said yes or no to a proposal."""

    match_id: int
    side: str
    accepted: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchGraded(Message):
    """The organiser gave a proposal another grade, or let the computed one count again (no reason)."""

    match_id: int
    grade: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationsIssued(Message):
    """People were invited to an event."""

    event_id: int
    invitation_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestsReminded(Message):
    """The organiser asked once more for answers that are owed."""

    event_id: int
    invitation_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationAnswered(Message):
    """Somebody accepted or declined an invitation."""

    invitation_id: int
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingListPublished(Message):
    """A version of an event's pairing list was frozen and goes out."""

    event_id: int
    list_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableRepaired(Message):
    """The desk changed a running event's timetable, or took such a change back."""

    event_id: int
    step_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingAnswered(Message):
    """One side accepted or declined a pairing; both accepted opens the contacts."""

    pairing_id: int
    side: str
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventChanged(Message):
    """An event was opened, moved, postponed, cancelled or held; `to` is its state."""

    event_id: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRecorded(Message):
    """What a meeting came to was recorded."""

    pairing_id: int
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRecorded(Message):
    """An intention was recorded or grew firmer."""

    intent_id: int
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSigned(Message):
    """Something was signed."""

    agreement_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRecorded(Message):
    """A technology contract was signed, registered or changed; `to` is its state."""

    contract_id: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedClaimed(Message):
    """A university offers to solve a published need (揭榜), or changed its offer."""

    claim_id: int
    need_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDecided(Message):
    """The organiser took a claim up, or declined it with a reason."""

    claim_id: int
    need_id: int
    taken: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRouteChosen(Message):
    """The organiser decided what is done with a need that no known achievement answers."""

    need_id: int
    route_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedQuestionsAsked(Message):
    """The organiser put questions about a need to its firm; links are made when the notices are written."""

    enquiry_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedQuestionsAnswered(Message):
    """A firm answered questions about its need; the organiser decides what becomes of it."""

    enquiry_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningAsked(Message):
    """Somebody wants the score re-fitted now instead of tonight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedSolved(Message):
    """The enterprise confirmed that its problem is solved."""

    need_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtOpened(Message):
    """Somebody owes an answer: an outcome, news of an intent, a registration."""

    debt_id: int


MESSAGES: Mapping[str, type[Message]] = {kind.__name__: kind for kind in Message.__subclasses__()}


def read_message(name: str, version: int, payload: Mapping[str, Any]) -> Message:
    """Return a stored message as its class; lists become tuples again.

    Raises KeyError for an unknown name and ValueError for a version nobody can read.
    """
    kind = MESSAGES[name]
    if version != kind.version:
        raise ValueError(f"no reader for {name} version {version}")
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in payload.items()})
