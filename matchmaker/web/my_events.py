"""An enterprise's or university's own events: what it is asked to, whom it is to meet, its answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker import clock
from matchmaker.domain.disclosure import may_see, may_see_achievement, view_of
from matchmaker.domain.problems import Problem
from matchmaker.domain.reasons import shown_inside, shown_to
from matchmaker.domain.states import Disclosure, MatchState
from matchmaker.errors import InvalidInput
from matchmaker.services import wishes
from matchmaker.services.events import slot_words
from matchmaker.services.invitations import answer_invitation
from matchmaker.services.own_calendar import personal_calendar
from matchmaker.services.pairing_answers import (
    ANSWERS,
    OpenContact,
    Side,
    agreed_to_share,
    answer_pairing,
    both_accepted,
    contact_of,
    other_declined,
    side_of,
)
from matchmaker.services.partners import partner_of
from matchmaker.store.queries.day_rules import pauses_told
from matchmaker.store.queries.events import OwnEvent, own_events
from matchmaker.store.queries.pairings import PairingLine
from matchmaker.store.tables import Match
from matchmaker.web.access import Audience, allow
from matchmaker.web.event_form import whole_number
from matchmaker.web.events import blueprint
from matchmaker.web.frame import actor_here, session_here, settings_here
from matchmaker.web.presentation import masked_owner

_MOST_SHOWN = 20
_GUESTS = (Audience.ENTERPRISE, Audience.UNIVERSITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPairing:
    """A pairing as one of its sides may see it; `expert` is whose it is, where that is a colleague's."""

    line: PairingLine
    match: Match | None
    side: Side
    mine: str
    theirs: str
    partner: str
    expert: str
    slot: str
    answer: str
    agreed: bool
    turned_down: bool
    named_by_accepting: bool
    why: Sequence[Mapping[str, Any]]
    contact: OpenContact | None
    contact_person_id: int | None


@blueprint.get("/events/mine")
@allow(*_GUESTS)
def mine() -> ResponseReturnValue:
    """Show the actor's own invitations and pairings."""
    actor = actor_here()
    own = own_events(session_here(), actor.organisation_ids, actor.person_id, ahead_from=clock.today())
    rows = [(event, [shown for line in event.pairings if (shown := _shown(event, line))]) for event in own]
    told = pauses_told(session_here(), [event.event for event in own])
    pauses = {event_id: [pause.words for pause, _slots in day.pauses] for event_id, day in told.items()}
    return render_template("events/mine.html", rows=rows, answers=ANSWERS, pauses=pauses)


def _shown(event: OwnEvent, line: PairingLine) -> OwnPairing | None:
    session, actor = session_here(), actor_here()
    side = side_of(session, actor, line.pairing)
    if side is None:
        return None
    accepted = both_accepted(line.pairing)
    other: Side = "achievement" if side == "need" else "need"
    view = view_of(actor, line.faces, contacts_open=accepted)
    person = line.expert if side == "need" else line.need_contact
    return OwnPairing(
        line=line,
        match=_proposal(line, side),
        side=side,
        mine=line.need.title if side == "need" else line.achievement.title,
        theirs=line.achievement.title if side == "need" else view.title,
        partner=_home_of(line) if side == "need" else view.firm,
        expert=_colleague(line) if side == "achievement" else "",
        slot=slot_words(event.event, line.pairing.slot),
        answer=line.pairing.need_answer if side == "need" else line.pairing.achievement_answer,
        agreed=agreed_to_share(session, line.pairing, side),
        turned_down=other_declined(line.pairing, side),
        named_by_accepting=not accepted and _is_masked(line, side),
        why=shown_inside(line.reasons)
        if view.inside
        else shown_to(line.reasons, f"{view.title}\n{view.text}"),
        contact=contact_of(session, line, other) if accepted else None,
        contact_person_id=person.id if person else None,
    )


def _colleague(line: PairingLine) -> str:
    own = line.expert is None or line.expert.id == actor_here().person_id
    return "" if own or line.expert is None else " ".join(filter(None, (line.expert.name, line.expert.title)))


def _is_masked(line: PairingLine, side: Side) -> bool:
    """Say whether this side's own entry hides whose it is; both sides' yes tells the other."""
    mine = line.need if side == "need" else line.achievement
    return mine.disclosure is Disclosure.MASKED


def _home_of(line: PairingLine) -> str:
    partner = partner_of(line)
    return masked_owner(line.seat.kind if line.seat else "") if partner.masked else partner.organisation


def _proposal(line: PairingLine, side: Side) -> Match | None:
    """Return the proposal behind a pairing, where this side may open its page."""
    match, thing = line.match, line.achievement
    if match is None:
        return None
    chosen = match.status is MatchState.SHORTLISTED
    if side == "achievement":
        opens = may_see(actor_here(), line.faces, pushed_to_actor=chosen)
    else:
        opens = may_see_achievement(
            actor_here(), owner_id=thing.organisation_id, disclosure=thing.disclosure, pushed_to_actor=chosen
        )
    return match if opens else None


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
    answer_pairing(
        session_here(),
        actor_here(),
        pairing_id=pairing_id,
        answer=form.get("answer", ""),
        note=form.get("note", ""),
        share=bool(form.get("share")),
    )
    flash(_("答复已记下"), "success")
    return redirect(url_for("events.mine"), 303)


@blueprint.get("/events/mine/<int:event_id>/wishes")
@allow(*_GUESTS)
def own_wishes(event_id: int) -> ResponseReturnValue:
    """Show whom a guest may ask to meet, whom they asked for, and when they cannot come."""
    return _wish_page(event_id)


def _wish_page(event_id: int, problems: list[Problem] | None = None) -> str:
    page = wishes.wish_page(session_here(), actor_here(), event_id=event_id)
    search = request.args.get("q", "")[:100].split()
    ticked = {int(word) for word in request.form.getlist("other") if word.isdecimal() and len(word) < 12}
    return render_template(
        "events/wishes.html",
        page=page,
        most=wishes.MOST_WISHES,
        search=" ".join(search),
        shown={side.side: _found(side, search, ticked)[:_MOST_SHOWN] for side in page.sides},
        more={side.side: max(len(_found(side, search, ticked)) - _MOST_SHOWN, 0) for side in page.sides},
        ticked=ticked,
        problems=problems or [],
    )


def _found(side: wishes.WishSide, search: list[str], ticked: set[int]) -> list[wishes.Offered]:
    """Return what is searched for; what was ticked stays in sight."""
    return [
        one
        for one in side.offered
        if one.subject_id in ticked or all(word in one.title + one.who for word in search)
    ]


@blueprint.post("/events/mine/<int:event_id>/wishes")
@allow(*_GUESTS)
def add_own_wishes(event_id: int) -> ResponseReturnValue:
    """Keep whom a guest asks to meet."""
    form = request.form
    try:
        new = wishes.add_wishes(
            session_here(),
            actor_here(),
            event_id=event_id,
            side=form.get("side", ""),
            own_id=whole_number(form.get("own")) or 0,
            other_ids=[key for word in form.getlist("other") if (key := whole_number(word)) is not None],
            note=form.get("note", ""),
        )
    except InvalidInput as refused:
        session_here().rollback()
        return _wish_page(event_id, list(refused.problems)), 422
    if new:
        flash(_("已记下 %(n)s 个想见的对象，下次配对时会优先考虑", n=new), "success")
    else:
        flash(_("选的对象都已经记过了，没有重复记。"), "info")
    return redirect(url_for("events.own_wishes", event_id=event_id), 303)


@blueprint.post("/events/mine/wishes/<int:wish_id>/drop")
@allow(*_GUESTS)
def drop_own_wish(wish_id: int) -> ResponseReturnValue:
    """Take a wish back."""
    event_id = wishes.drop_wish(session_here(), actor_here(), wish_id=wish_id)
    flash(_("已取消"), "success")
    return redirect(url_for("events.own_wishes", event_id=event_id), 303)


@blueprint.post("/events/mine/invitations/<int:invitation_id>/away")
@allow(*_GUESTS)
def own_hours(invitation_id: int) -> ResponseReturnValue:
    """Keep the slots in which a guest cannot sit down."""
    slots = [slot for word in request.form.getlist("slot") if (slot := whole_number(word)) is not None]
    row = wishes.set_away(session_here(), actor_here(), invitation_id=invitation_id, slots=slots)
    flash(_("不方便的时段已记下，下次配对时会避开"), "success")
    return redirect(url_for("events.own_wishes", event_id=row.event_id), 303)


@blueprint.get("/events/mine/<int:event_id>/calendar.ics")
@allow(*_GUESTS)
def own_calendar(event_id: int) -> ResponseReturnValue:
    """Hand out the event and the guest's own meetings for their calendar."""
    content = personal_calendar(session_here(), actor_here(), settings_here(), event_id=event_id)
    answer = Response(content, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'attachment; filename="meetings.ics"'
    return answer
