"""An enterprise's or university's own events: what it is asked to, whom it is to meet, its answers."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.disclosure import view_of
from matchmaker.errors import InvalidInput
from matchmaker.services.events import slot_words
from matchmaker.services.invitations import answer_invitation
from matchmaker.services.pairing_answers import (
    ANSWERS,
    OpenContact,
    Side,
    answer_pairing,
    both_accepted,
    contact_of,
    side_of,
)
from matchmaker.store.queries.events import OwnEvent, own_events
from matchmaker.store.queries.pairings import PairingLine
from matchmaker.web.access import Audience, allow
from matchmaker.web.events import blueprint
from matchmaker.web.frame import actor_here, session_here

_GUESTS = (Audience.ENTERPRISE, Audience.UNIVERSITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPairing:
    """A pairing as one of its sides may see it."""

    line: PairingLine
    side: Side
    mine: str
    theirs: str
    partner: str
    slot: str
    answer: str
    contact: OpenContact | None
    contact_person_id: int | None


@blueprint.get("/events/mine")
@allow(*_GUESTS)
def mine() -> ResponseReturnValue:
    """Show the actor's own invitations and pairings."""
    actor = actor_here()
    own = own_events(session_here(), actor.organisation_ids, actor.person_id)
    rows = [(event, [shown for line in event.pairings if (shown := _shown(event, line))]) for event in own]
    return render_template("events/mine.html", rows=rows, answers=ANSWERS)


def _shown(event: OwnEvent, line: PairingLine) -> OwnPairing | None:
    session, actor = session_here(), actor_here()
    side = side_of(session, actor, line.pairing)
    if side is None:
        return None
    accepted = both_accepted(line.pairing)
    other: Side = "achievement" if side == "need" else "need"
    view = view_of(actor, line.faces, contacts_open=accepted)
    person = line.expert if side == "need" else line.need_contact
    seat = line.seat
    home = seat.organisation if seat else line.achievement.owner_text
    return OwnPairing(
        line=line,
        side=side,
        mine=line.need.title if side == "need" else line.achievement.title,
        theirs=line.achievement.title if side == "need" else view.title,
        partner=home if side == "need" else view.firm,
        slot=slot_words(event.event, line.pairing.slot),
        answer=line.pairing.need_answer if side == "need" else line.pairing.achievement_answer,
        contact=contact_of(session, line, other) if accepted else None,
        contact_person_id=person.id if person else None,
    )


@blueprint.post("/events/mine/invitations/<int:invitation_id>")
@allow(*_GUESTS)
def answer_own_invitation(invitation_id: int) -> ResponseReturnValue:
    """Take the actor's own yes or no to an invitation."""
    accepted = request.form.get("answer") == "yes"
    note = request.form.get("note", "")
    answer_invitation(session_here(), actor_here(), invitation_id=invitation_id, accepted=accepted, note=note)
    flash(_("已确认参加") if accepted else _("已记下不参加，谢谢告知"), "success")
    return redirect(url_for("events.mine"), 303)


@blueprint.post("/events/mine/pairings/<int:pairing_id>")
@allow(*_GUESTS)
def answer_own_pairing(pairing_id: int) -> ResponseReturnValue:
    """Take the actor's own answer to a pairing."""
    form = request.form
    try:
        answer_pairing(
            session_here(),
            actor_here(),
            pairing_id=pairing_id,
            answer=form.get("answer", ""),
            note=form.get("note", ""),
        )
    except InvalidInput as refused:
        session_here().rollback()
        flash(refused.message, "error")
        return redirect(url_for("events.mine"), 303)
    flash(_("答复已记下"), "success")
    return redirect(url_for("events.mine"), 303)
