"""The organiser's board, and the leader's read-only one."""

from datetime import date, timedelta

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker import clock
from matchmaker.domain import figures
from matchmaker.domain.figures import Period
from matchmaker.domain.states import EventState, NeedState
from matchmaker.services.duplicates import doubles_waiting
from matchmaker.store.queries import tracking as queries
from matchmaker.store.queries.claims import open_claims
from matchmaker.store.queries.headline import headline
from matchmaker.store.tables import Campaign
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import session_here
from matchmaker.web.presentation import link

blueprint = Blueprint("organiser", __name__)
# the states of needs that count as published, and as collected: the lists behind the figures show the same
_PUBLISHED = (
    NeedState.PUBLISHED,
    NeedState.MATCHING,
    NeedState.INTENDED,
    NeedState.CONTRACTED,
    NeedState.SOLVED,
    NeedState.UNSOLVED_CLOSED,
    NeedState.EXPIRED,
)
_COLLECTED = (NeedState.ACCEPTED, *_PUBLISHED)


@blueprint.get("/organiser")
@allow(Audience.ORGANISER)
def board() -> ResponseReturnValue:
    """Show the campaign's pace, the funnel, the next events, and what waits."""
    session, today = session_here(), clock.today()
    campaign = queries.current_campaign(session, today=today)
    first, last = queries.week_around(today)
    return render_template(
        "organiser/board.html",
        series=campaign,
        today=today,
        pace=_pace(campaign, today) if campaign else [],
        numbers=headline(session, campaign, today=today),
        funnel_rows=_funnel(),
        todo=_todo(),
        coming=queries.event_lines(session, first_day=first, last_day=last),
        towns=queries.needs_by_town(session)[:12],
        collected=_COLLECTED,
    )


def _pace(campaign: Campaign, today: date) -> list[tuple[str, int | None, int, float]]:
    """Return (day, held so far, planned so far, even pace to the target), one row a week."""
    days = queries.held_days(session_here(), campaign.id)
    length = max(1, (campaign.ends_on - campaign.starts_on).days)
    rows = []
    day = campaign.starts_on
    while True:
        held = sum(state is EventState.HELD and on <= day for on, state, _kind in days)
        planned = sum(on <= day for on, _state, _kind in days)
        share = (day - campaign.starts_on).days / length
        rows.append(
            (
                f"{day:%m-%d}",
                held if day <= today else None,
                planned,
                round(campaign.target_events * share, 1),
            )
        )
        if day >= campaign.ends_on:
            return rows
        day = min(day + timedelta(days=7), campaign.ends_on)


def _funnel() -> list[tuple[str, int, str]]:
    counts = queries.funnel_counts(session_here())
    session = session_here()
    ever = Period()
    contracts = queries.contract_facts(session)
    return [
        (_("受理需求"), counts["needs_collected"], link("needs.review", state=_COLLECTED)),
        (_("公开需求"), counts["needs_published"], link("needs.review", state=_PUBLISHED)),
        (_("一对一洽谈"), counts["meetings"], link("events.index")),
        (
            _("合作意向"),
            figures.intents_reached(queries.intent_facts(session), ever).count,
            url_for("tracking.index"),
        ),
        (
            _("签约"),
            figures.agreements_signed(queries.agreement_facts(session), ever).count,
            url_for("tracking.index"),
        ),
        (_("登记合同"), figures.contracts_registered(contracts, ever).count, url_for("tracking.index")),
        (_("难题解决"), counts["solved"], link("needs.review", state="solved")),
    ]


def _todo() -> list[tuple[str, int, str]]:
    waiting = queries.waiting_counts(session_here())
    doubles = doubles_waiting(session_here())
    entries = [
        (_("待受理需求"), waiting["needs"], link("needs.review", state="submitted")),
        (_("待审核成果"), waiting["achievements"], link("achievements.index", status="submitted")),
        (
            _("待审核账号"),
            waiting["accounts"],
            link("registration.waiting") or link("accounts.users", status="waiting"),
        ),
        (
            _("疑似重复"),
            sum(doubles.values()),
            link("duplicates.index", kind=max(doubles, key=lambda kind: doubles[kind])),
        ),
        (_("待确认的上传"), waiting["uploads"], link("uploads.index")),
        (_("待看的推荐"), waiting["matches"], link("matches.workbench", queue="waiting")),
        (_("待答复的揭榜"), open_claims(session_here()), link("claims.index", state="open")),
        (_("未答复邀请"), waiting["invitations"], link("events.index", answers="waiting")),
        (_("待跟进"), waiting["debts"], link("tracking.debts")),
        (_("待登记合同"), waiting["contracts"], link("tracking.index", rung="contract", view="list")),
        (_("发送失败"), waiting["notices"], link("queue.index")),
    ]
    return [(words, number, address) for words, number, address in entries if address]
