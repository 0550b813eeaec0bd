"""The states of things, and per thing the table of allowed moves.

Ids are those of config/enums.json, where their Chinese names stand.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a signed-in person is here for."""

    ENTERPRISE = "enterprise"
    UNIVERSITY = "university"
    ORGANISER = "organiser"
    ADMIN = "admin"


class OrganisationKind(StrEnum):
    """Kind of organisation; a college or transfer centre has a parent."""

    ENTERPRISE = "enterprise"
    UNIVERSITY = "university"
    INSTITUTE = "institute"
    COLLEGE = "college"
    TRANSFER_CENTRE = "transfer_centre"
    GOVERNMENT = "government"
    SERVICE = "service"
    ASSOCIATION = "association"
    FINANCE = "finance"
    OTHER = "other"


SUPPLY_KINDS = frozenset(
    {
        OrganisationKind.UNIVERSITY,
        OrganisationKind.INSTITUTE,
        OrganisationKind.COLLEGE,
        OrganisationKind.TRANSFER_CENTRE,
    }
)


class ApprovalState(StrEnum):
    """Of organisations and accounts that register themselves."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    MERGED = "merged"


class Disclosure(StrEnum):
    """Who may learn what of a need or an achievement."""

    PUBLIC = "public"
    MASKED = "masked"
    TARGETED = "targeted"
    INTERNAL = "internal"


class NeedState(StrEnum):
    """Life of a need (enums.json: need_status)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    PUBLISHED = "published"
    MATCHING = "matching"
    INTENDED = "intended"
    CONTRACTED = "contracted"
    SOLVED = "solved"
    UNSOLVED_CLOSED = "unsolved_closed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    SPLIT = "split"


_N = NeedState
_AFTER_ACCEPTANCE = {
    _N.UNSOLVED_CLOSED,
    _N.EXPIRED,
    _N.WITHDRAWN,
    _N.DUPLICATE,
    _N.SOLVED,
}

NEED_MOVES: Mapping[NeedState, frozenset[NeedState]] = {
    _N.DRAFT: frozenset({_N.SUBMITTED, _N.WITHDRAWN}),
    _N.SUBMITTED: frozenset({_N.ACCEPTED, _N.RETURNED, _N.WITHDRAWN, _N.DUPLICATE, _N.SPLIT}),
    _N.RETURNED: frozenset({_N.SUBMITTED, _N.WITHDRAWN, _N.SPLIT}),
    _N.ACCEPTED: frozenset(
        {_N.PUBLISHED, _N.MATCHING, _N.INTENDED, _N.CONTRACTED, _N.RETURNED, _N.SPLIT} | _AFTER_ACCEPTANCE
    ),
    _N.PUBLISHED: frozenset(
        {_N.ACCEPTED, _N.MATCHING, _N.INTENDED, _N.CONTRACTED, _N.SPLIT} | _AFTER_ACCEPTANCE
    ),
    _N.MATCHING: frozenset({_N.INTENDED, _N.CONTRACTED} | _AFTER_ACCEPTANCE),
    _N.INTENDED: frozenset({_N.MATCHING, _N.CONTRACTED} | _AFTER_ACCEPTANCE),
    _N.CONTRACTED: frozenset({_N.SOLVED, _N.UNSOLVED_CLOSED}),
    _N.SOLVED: frozenset(),
    _N.UNSOLVED_CLOSED: frozenset({_N.ACCEPTED}),
    _N.EXPIRED: frozenset({_N.ACCEPTED}),
    _N.WITHDRAWN: frozenset({_N.DRAFT}),
    _N.DUPLICATE: frozenset({_N.SUBMITTED, _N.ACCEPTED}),
    _N.SPLIT: frozenset({_N.SUBMITTED, _N.RETURNED, _N.ACCEPTED, _N.PUBLISHED}),
}

NEEDS_IN_LIBRARY = frozenset({_N.ACCEPTED, _N.PUBLISHED, _N.MATCHING, _N.INTENDED, _N.CONTRACTED, _N.SOLVED})
NEEDS_OPEN_FOR_MATCHING = frozenset({_N.SUBMITTED, _N.ACCEPTED, _N.PUBLISHED, _N.MATCHING, _N.INTENDED})
NEEDS_SHOWN_OUTSIDE = frozenset({_N.PUBLISHED, _N.MATCHING, _N.INTENDED, _N.CONTRACTED, _N.SOLVED})


class EnquiryState(StrEnum):
    """Life of questions put to a need's firm (enums.json: enquiry_status)."""

    OPEN = "open"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    CLOSED = "closed"


class RecordType(StrEnum):
    """The four libraries (四库)."""

    PROJECT = "project"
    PATENT = "patent"
    PAPER = "paper"
    ACHIEVEMENT = "achievement"


class AchievementState(StrEnum):
    """Life of an achievement."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"


_A = AchievementState
ACHIEVEMENT_MOVES: Mapping[AchievementState, frozenset[AchievementState]] = {
    _A.SUBMITTED: frozenset({_A.ACCEPTED, _A.WITHDRAWN, _A.DUPLICATE}),
    _A.ACCEPTED: frozenset({_A.PUBLISHED, _A.WITHDRAWN, _A.DUPLICATE}),
    _A.PUBLISHED: frozenset({_A.ACCEPTED, _A.WITHDRAWN, _A.DUPLICATE}),
    _A.WITHDRAWN: frozenset({_A.ACCEPTED}),
    _A.DUPLICATE: frozenset({_A.ACCEPTED}),
}
ACHIEVEMENTS_IN_LIBRARY = frozenset({_A.ACCEPTED, _A.PUBLISHED})


class MatchState(StrEnum):
    """A proposal of need × achievement and what the organiser said of it."""

    PROPOSED = "proposed"
    SHORTLISTED = "shortlisted"
    REJECTED = "rejected"


MATCH_MOVES: Mapping[MatchState, frozenset[MatchState]] = {
    MatchState.PROPOSED: frozenset({MatchState.SHORTLISTED, MatchState.REJECTED}),
    MatchState.SHORTLISTED: frozenset({MatchState.PROPOSED, MatchState.REJECTED}),
    MatchState.REJECTED: frozenset({MatchState.PROPOSED, MatchState.SHORTLISTED}),
}


class Grade(StrEnum):
    """How strong a match is: 强, 较强, 弱, 无."""

    STRONG = "strong"
    FAIR = "fair"
    WEAK = "weak"
    NONE = "none"


class Route(StrEnum):
    """What is done with a need that no known achievement answers (enums.json: need_route)."""

    ASK_FIRM = "ask_firm"
    LOOK_OUTSIDE = "look_outside"
    LONG_TERM = "long_term"


class EventState(StrEnum):
    """Life of an event."""

    DRAFT = "draft"
    OPEN = "open"
    HELD = "held"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


_E = EventState
EVENT_MOVES: Mapping[EventState, frozenset[EventState]] = {
    _E.DRAFT: frozenset({_E.OPEN, _E.CANCELLED}),
    _E.OPEN: frozenset({_E.HELD, _E.POSTPONED, _E.CANCELLED, _E.DRAFT}),
    _E.POSTPONED: frozenset({_E.OPEN, _E.CANCELLED}),
    _E.HELD: frozenset(),
    _E.CANCELLED: frozenset({_E.DRAFT}),
}


class InvitationState(StrEnum):
    """What one side answered to an invitation."""

    PLANNED = "planned"
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CHECKED_IN = "checked_in"
    ABSENT = "absent"


_I = InvitationState
INVITATION_MOVES: Mapping[InvitationState, frozenset[InvitationState]] = {
    _I.PLANNED: frozenset({_I.INVITED, _I.ACCEPTED, _I.DECLINED, _I.CHECKED_IN, _I.ABSENT}),
    _I.INVITED: frozenset({_I.ACCEPTED, _I.DECLINED, _I.CHECKED_IN, _I.ABSENT}),
    _I.ACCEPTED: frozenset({_I.DECLINED, _I.CHECKED_IN, _I.ABSENT}),
    _I.DECLINED: frozenset({_I.ACCEPTED, _I.CHECKED_IN}),
    _I.CHECKED_IN: frozenset({_I.ABSENT}),
    _I.ABSENT: frozenset({_I.CHECKED_IN}),
}


class PairingState(StrEnum):
    """A match chosen for an event (enums.json: pairing_status, from shortlisted on)."""

    SHORTLISTED = "shortlisted"
    REJECTED = "rejected"
    INVITED = "invited"
    ACCEPTED_NEED = "accepted_need"
    ACCEPTED_ACH = "accepted_ach"
    ACCEPTED_BOTH = "accepted_both"
    DECLINED = "declined"
    SCHEDULED = "scheduled"
    MET = "met"
    INTENDED = "intended"
    SIGNED = "signed"
    LAPSED = "lapsed"


_P = PairingState
_ANSWERS = {_P.ACCEPTED_NEED, _P.ACCEPTED_ACH, _P.ACCEPTED_BOTH, _P.DECLINED}
_ENDS = {_P.MET, _P.INTENDED, _P.SIGNED, _P.LAPSED}
PAIRING_MOVES: Mapping[PairingState, frozenset[PairingState]] = {
    _P.SHORTLISTED: frozenset({_P.REJECTED, _P.INVITED, _P.SCHEDULED} | _ANSWERS | _ENDS),
    _P.REJECTED: frozenset({_P.SHORTLISTED}),
    _P.INVITED: frozenset({_P.REJECTED, _P.SCHEDULED} | _ANSWERS | _ENDS),
    _P.ACCEPTED_NEED: frozenset({_P.ACCEPTED_BOTH, _P.DECLINED, _P.SCHEDULED} | _ENDS),
    _P.ACCEPTED_ACH: frozenset({_P.ACCEPTED_BOTH, _P.DECLINED, _P.SCHEDULED} | _ENDS),
    _P.ACCEPTED_BOTH: frozenset({_P.DECLINED, _P.SCHEDULED} | _ENDS),
    _P.DECLINED: frozenset({_P.INVITED, _P.ACCEPTED_NEED, _P.ACCEPTED_ACH}),
    _P.SCHEDULED: frozenset({_P.DECLINED} | _ENDS),
    _P.MET: frozenset({_P.INTENDED, _P.SIGNED, _P.LAPSED}),
    _P.INTENDED: frozenset({_P.SIGNED, _P.LAPSED}),
    _P.SIGNED: frozenset(),
    _P.LAPSED: frozenset({_P.MET, _P.INTENDED, _P.SIGNED}),
}


class MeetingOutcome(StrEnum):
    """What a meeting came to, as somebody reported it."""

    HELD = "held"
    FOLLOW_UP = "follow_up"
    INTENT = "intent"
    NO_INTEREST = "no_interest"
    NO_SHOW = "no_show"


class IntentLevel(StrEnum):
    """How firm an intention is (enums.json: intent_level)."""

    NONE = "none"
    CONTACTED = "contacted"
    VERBAL = "verbal"
    WRITTEN = "written"
    CONTRACT = "contract"


COUNTED_INTENTS = frozenset({IntentLevel.VERBAL, IntentLevel.WRITTEN, IntentLevel.CONTRACT})


class AgreementKind(StrEnum):
    """What was signed (enums.json: agreement_kind)."""

    INTENT_LETTER = "intent_letter"
    FRAMEWORK = "framework"
    TECH_CONTRACT = "tech_contract"
    COBUILD = "cobuild"
    EMPLOYMENT = "employment"
    OTHER = "other"


class ContractKind(StrEnum):
    """The five kinds of technology contract (contract_types.json)."""

    DEVELOPMENT = "development"
    TRANSFER = "transfer"
    LICENSE = "license"
    CONSULTING = "consulting"
    SERVICE = "service"


class ContractState(StrEnum):
    """Life of a technology contract (enums.json: contract_status)."""

    DRAFT = "draft"
    SIGNED = "signed"
    SUBMITTED = "submitted"
    REGISTERED = "registered"
    REJECTED = "rejected"
    AMENDED = "amended"
    PERFORMING = "performing"
    COMPLETED = "completed"
    TERMINATED = "terminated"
    REVOKED = "revoked"


_C = ContractState
CONTRACT_MOVES: Mapping[ContractState, frozenset[ContractState]] = {
    _C.DRAFT: frozenset({_C.SIGNED, _C.TERMINATED}),
    _C.SIGNED: frozenset({_C.SUBMITTED, _C.REGISTERED, _C.AMENDED, _C.TERMINATED}),
    _C.SUBMITTED: frozenset({_C.REGISTERED, _C.REJECTED, _C.TERMINATED}),
    _C.REJECTED: frozenset({_C.SUBMITTED, _C.AMENDED, _C.TERMINATED}),
    _C.AMENDED: frozenset({_C.SUBMITTED, _C.REGISTERED, _C.TERMINATED}),
    _C.REGISTERED: frozenset({_C.PERFORMING, _C.COMPLETED, _C.TERMINATED, _C.REVOKED}),
    _C.PERFORMING: frozenset({_C.COMPLETED, _C.TERMINATED, _C.REVOKED}),
    _C.COMPLETED: frozenset({_C.REVOKED}),
    _C.TERMINATED: frozenset(),
    _C.REVOKED: frozenset(),
}
COUNTED_CONTRACTS = frozenset({_C.REGISTERED, _C.PERFORMING, _C.COMPLETED})


class Direction(StrEnum):
    """Where a contract's technology flows, seen from the county (enums.json: direction)."""

    OUT = "out"
    IN = "in"
    LOCAL = "local"
    NONE = "none"


class UploadState(StrEnum):
    """Life of an uploaded list; WAITING, IMPORTING and UNDOING are the background process's to end."""

    WAITING = "waiting"
    ASKING = "asking"
    REFUSED = "refused"
    PREVIEWED = "previewed"
    IMPORTING = "importing"
    IMPORTED = "imported"
    UNDOING = "undoing"
    UNDONE = "undone"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


UPLOADS_AT_WORK = frozenset({UploadState.WAITING, UploadState.IMPORTING, UploadState.UNDOING})


class Verdict(StrEnum):
    """What an import will do, or did, with one row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    PROBLEM = "problem"
    DUPLICATE = "duplicate"


class NoticeState(StrEnum):
    """Life of a notice on one channel; SENDING after a crash becomes UNKNOWN."""

    NEW = "new"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    UNKNOWN = "unknown"
    DEAD = "dead"


class DeliveryState(StrEnum):
    """Life of a message's delivery to one handler."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    GIVEN_UP = "given_up"


class ConsentScope(StrEnum):
    """The separate ticks of the privacy notice."""

    INTERNAL = "internal"
    CONTACT_AFTER_ACCEPT = "contact_after_accept"
    PUBLIC_DISPLAY = "public_display"


MOVES: Mapping[type[StrEnum], Mapping[Any, frozenset[Any]]] = {
    NeedState: NEED_MOVES,
    AchievementState: ACHIEVEMENT_MOVES,
    MatchState: MATCH_MOVES,
    EventState: EVENT_MOVES,
    InvitationState: INVITATION_MOVES,
    PairingState: PAIRING_MOVES,
    ContractState: CONTRACT_MOVES,
}


def can_move(current: StrEnum, to: StrEnum) -> bool:
    """Say whether the table of moves of `current`'s kind allows `to`. Staying is not a move."""
    return to in MOVES[type(current)][current]
