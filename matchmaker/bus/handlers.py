"""THE table: which handlers each message sets off. Everything that happens after a save starts here."""

from collections.abc import Callable, Mapping
from typing import Any

from matchmaker.bus.work import Work
from matchmaker.domain import messages as m
from matchmaker.services import (
    claim_notices,
    debts,
    desk_notices,
    event_notices,
    guest_reminders,
    pairing_notices,
    planning_notices,
    proposals,
    wider,
)
from matchmaker.services import notice_plans as tell
from matchmaker.services import question_answers as questions

Handler = Callable[[Work, Any], None]

HANDLERS: Mapping[type[m.Message], tuple[Handler, ...]] = {
    m.AccountRegistered: (tell.tell_account_registered,),
    m.AccountDecided: (tell.tell_account_decided,),
    m.PasswordResetAsked: (tell.mail_reset_link,),
    m.NeedPosted: (proposals.propose_for_need, tell.tell_need_posted),
    m.NeedRevised: (proposals.propose_for_need,),
    m.NeedsMerged: (tell.tell_needs_merged,),
    m.NeedDecided: (tell.tell_need_decided,),
    m.NeedQuestionsAsked: (questions.tell_questions_asked,),
    m.NeedQuestionsAnswered: (questions.tell_questions_answered,),
    m.NeedsImported: (proposals.propose_for_imported_needs,),
    m.AchievementsImported: (proposals.refresh_proposals,),
    m.AchievementsWithdrawn: (proposals.refresh_proposals,),
    m.UploadWorkedOff: (tell.tell_upload_worked_off,),
    m.PlanWorkedOff: (planning_notices.tell_plan_worked_off,),
    m.ProposalsDue: (proposals.take_a_step,),
    m.WiderSearchAsked: (wider.search_when_asked,),
    m.NeedClaimed: (claim_notices.tell_need_claimed,),
    m.ClaimDecided: (claim_notices.tell_claim_decided,),
    m.LearningAsked: (proposals.learn_when_asked,),
    m.NeedRouteChosen: (tell.tell_route_chosen,),
    m.DebtOpened: (debts.ask_debtor,),
    m.MatchesProposed: (tell.tell_matches_proposed,),
    m.InvitationsIssued: (event_notices.tell_invitations_issued,),
    m.GuestsReminded: (guest_reminders.tell_guests_reminded,),
    m.InvitationAnswered: (event_notices.tell_invitation_answered,),
    m.EventChanged: (event_notices.tell_event_changed,),
    m.PairingListPublished: (pairing_notices.tell_pairing_list_published,),
    m.TimetableRepaired: (desk_notices.tell_timetable_repaired,),
    m.PairingAnswered: (pairing_notices.tell_pairing_answered,),
}


def names_by_message() -> dict[str, tuple[str, ...]]:
    """Return message name → handler names, as the outbox stores them."""
    return {kind.__name__: tuple(h.__name__ for h in hs) for kind, hs in HANDLERS.items()}


def handler_named(name: str) -> Handler:
    """Return a handler of the table. Raises KeyError for a name that is no longer there."""
    return {handler.__name__: handler for handlers in HANDLERS.values() for handler in handlers}[name]
