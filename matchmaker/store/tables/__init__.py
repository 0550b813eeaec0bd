"""Every table, in one place, so that the metadata is whole wherever one is imported."""

from matchmaker.store.tables.accounts import MailOff, Role, SignInAttempt, Token, User, UserRole, WebSession
from matchmaker.store.tables.achievements import Achievement, AchievementPatent, AchievementPerson
from matchmaker.store.tables.claims import NeedClaim
from matchmaker.store.tables.consents import Consent, ContactAccess
from matchmaker.store.tables.desk import DeskProposal, DeskStep
from matchmaker.store.tables.events import (
    AnswerLink,
    Campaign,
    Event,
    EventFirm,
    EventItem,
    EventItemRemoved,
    EventPause,
    Invitation,
    MeetingOrder,
    Pairing,
    PairingList,
    PairingRule,
    Theme,
)
from matchmaker.store.tables.exports import ListExport, ListExportFile
from matchmaker.store.tables.matches import Match, NeedRoute, NeverMatch, RankerFit, Vector, WiderSearch
from matchmaker.store.tables.merges import DoublesFound, KeptApart, Merge
from matchmaker.store.tables.messages import Delivery, Heartbeat, Lease, Message
from matchmaker.store.tables.need_work import (
    NeedChange,
    NeedEnquiry,
    NeedGroup,
    NeedGroupMember,
    NeedListEdition,
    NeedPart,
    NeedsApart,
)
from matchmaker.store.tables.needs import Need, StateChange
from matchmaker.store.tables.notices import Notice
from matchmaker.store.tables.organisations import Organisation, OrganisationAlias, Person, Town
from matchmaker.store.tables.outcomes import Agreement, Debt, Evidence, Intent, TechContract
from matchmaker.store.tables.plans import Plan, PlanEvent, PlanItem
from matchmaker.store.tables.types import Row
from matchmaker.store.tables.uploads import ColumnMemory, Upload, UploadBatch, UploadFile, UploadRow
from matchmaker.store.tables.wishes import MeetingWish, PairingEdit

__all__ = [
    "Achievement",
    "AchievementPatent",
    "AchievementPerson",
    "Agreement",
    "AnswerLink",
    "Campaign",
    "ColumnMemory",
    "Consent",
    "ContactAccess",
    "Debt",
    "Delivery",
    "DeskProposal",
    "DeskStep",
    "DoublesFound",
    "Event",
    "EventFirm",
    "EventItem",
    "EventItemRemoved",
    "EventPause",
    "Evidence",
    "Heartbeat",
    "Intent",
    "Invitation",
    "KeptApart",
    "Lease",
    "ListExport",
    "ListExportFile",
    "MailOff",
    "Match",
    "MeetingOrder",
    "MeetingWish",
    "Merge",
    "Message",
    "Need",
    "NeedChange",
    "NeedClaim",
    "NeedEnquiry",
    "NeedGroup",
    "NeedGroupMember",
    "NeedListEdition",
    "NeedPart",
    "NeedRoute",
    "NeedsApart",
    "NeverMatch",
    "Notice",
    "Organisation",
    "OrganisationAlias",
    "Pairing",
    "PairingEdit",
    "PairingList",
    "PairingRule",
    "Person",
    "Plan",
    "PlanEvent",
    "PlanItem",
    "RankerFit",
    "Role",
    "Row",
    "SignInAttempt",
    "StateChange",
    "TechContract",
    "Theme",
    "Token",
    "Town",
    "Upload",
    "UploadBatch",
    "UploadFile",
    "UploadRow",
    "User",
    "UserRole",
    "Vector",
    "WebSession",
    "WiderSearch",
]
