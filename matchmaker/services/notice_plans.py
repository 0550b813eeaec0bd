"""Who is told what about accounts, needs and proposals. One handler per message, each a short plan."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker import wording
from matchmaker.bus.work import Work
from matchmaker.domain.messages import (
    AccountDecided,
    AccountRegistered,
    MatchesProposed,
    NeedDecided,
    NeedPosted,
    NeedRouteChosen,
    NeedsMerged,
    PasswordResetAsked,
    UploadWorkedOff,
)
from matchmaker.domain.states import MatchState, NeedState, Route
from matchmaker.services.accounts import make_reset_link
from matchmaker.services.need_enquiries import pending_enquiry
from matchmaker.services.notices import (
    Plan,
    Recipient,
    organisers,
    person_recipient,
    plan_with,
    save_plan,
    still_asked,
    user_recipient,
    users_of,
    with_contact,
)
from matchmaker.settings import Settings
from matchmaker.store.queries.needs import GOOD, shown_to_firm
from matchmaker.store.queries.withdrawals import withdrawn_now
from matchmaker.store.tables import Achievement, Match, Merge, Need, NeedRoute, Organisation, Upload, User

_TOLD = (NeedState.ACCEPTED, NeedState.RETURNED, NeedState.PUBLISHED, NeedState.UNSOLVED_CLOSED)


def tell_account_registered(work: Work, message: AccountRegistered) -> None:
    """Tell the organisers that somebody waits for approval."""
    plan_with(_account_registered, work, message)


def _account_registered(session: Session, _settings: Settings, message: AccountRegistered) -> list[Plan]:
    user = session.get(User, message.user_id)
    if user is None:
        return []
    organisation = session.get(Organisation, user.organisation_id) if user.organisation_id else None
    context = {"applicant": user.name, "organisation": organisation.name if organisation else ""}
    plan = partial(Plan, kind="account_registered", key=str(user.id), context=context, link="/accounts/users")
    return [plan(recipient=recipient) for recipient in organisers(session)]


def tell_account_decided(work: Work, message: AccountDecided) -> None:
    """Tell an applicant whether the account was approved."""
    plan_with(_account_decided, work, message)


def _account_decided(session: Session, _settings: Settings, message: AccountDecided) -> list[Plan]:
    recipient = user_recipient(session, message.user_id)
    if recipient is None:
        return []
    context = {"approved": message.approved, "reason": message.reason}
    version = session.get_one(User, message.user_id).version
    key = f"{message.user_id}-{'yes' if message.approved else 'no'}-{version}"
    return [
        Plan(kind="account_decided", key=key, recipient=recipient, context=context, link="/accounts/sign-in")
    ]


def tell_upload_worked_off(work: Work, message: UploadWorkedOff) -> None:
    """Tell who sent a large list that the background process has come to its end."""
    plan_with(_upload_worked_off, work, message)


def _upload_worked_off(session: Session, _settings: Settings, message: UploadWorkedOff) -> list[Plan]:
    upload = session.get(Upload, message.upload_id)
    recipient = user_recipient(session, upload.user_id) if upload and upload.user_id else None
    if upload is None or recipient is None:
        return []
    context = {
        "filename": upload.filename,
        "state": message.state,
        "words": wording.label("upload_status", message.state),
    }
    key = f"{upload.id}-{message.state}-{upload.version}"
    link = f"/uploads/{upload.id}"
    return [Plan(kind="upload_worked_off", key=key, recipient=recipient, context=context, link=link)]


def mail_reset_link(work: Work, message: PasswordResetAsked) -> None:
    """Mail a link by which a forgotten password is replaced."""
    with work.writing() as session:
        recipient = user_recipient(session, message.user_id)
        if recipient is not None and work.settings.mail.host:
            address = make_reset_link(session, message.user_id)
            context = {"address": f"{work.settings.public_url}{address}"}
            plan = Plan(
                kind="password_reset",
                key=str(work.message_id),
                recipient=recipient,
                context=context,
                channels=("mail",),
            )
            save_plan(session, work.settings, plan, message_id=work.message_id)


def tell_need_posted(work: Work, message: NeedPosted) -> None:
    """Tell the organisers that a need waits for them (in the inbox: the list is where they work)."""
    plan_with(_need_posted, work, message)


def _need_posted(session: Session, _settings: Settings, message: NeedPosted) -> list[Plan]:
    need = session.get(Need, message.need_id)
    if need is None or need.status is not NeedState.SUBMITTED:
        return []
    firm = session.get_one(Organisation, need.organisation_id).name
    key = f"{need.id}-{message.text_version}"
    return [
        Plan(
            kind="need_posted",
            key=key,
            recipient=recipient,
            context={"title": need.title, "firm": firm},
            link=f"/needs/{need.id}",
            channels=("inbox",),
        )
        for recipient in organisers(session)
    ]


def tell_need_decided(work: Work, message: NeedDecided) -> None:
    """Tell an enterprise what became of its need."""
    plan_with(_need_decided, work, message)


def _need_decided(session: Session, _settings: Settings, message: NeedDecided) -> list[Plan]:
    need = session.get(Need, message.need_id)
    if need is None or message.to not in _TOLD:
        return []
    context = {"title": need.title, "state": message.to, "reason": message.reason}
    key = f"{need.id}-{message.to}-{need.version if message.to == NeedState.RETURNED else 1}"
    return [
        Plan(kind="need_decided", key=key, recipient=recipient, context=context, link=f"/needs/{need.id}")
        for recipient in _owners(session, need)
    ]


def tell_needs_merged(work: Work, message: NeedsMerged) -> None:
    """Tell a firm that two of its needs were made one, or stand apart again."""
    plan_with(_needs_merged, work, message)


def _needs_merged(session: Session, _settings: Settings, message: NeedsMerged) -> list[Plan]:
    """Plan them; of what a rule merged, a list sent twice, only the account is told."""
    done = session.get(Merge, message.merge_id)
    need = session.get(Need, done.kept_id) if done else None
    if done is None or need is None or message.undone != (done.undone_at is not None):
        return []
    context = {"kept": done.kept_label, "gone": done.gone_label, "undone": message.undone}
    return [
        Plan(
            kind="needs_merged",
            key=f"{done.id}-{'undone' if message.undone else 'done'}",
            recipient=recipient,
            context=context,
            link=f"/needs/{need.id}",
            channels=("inbox",) if done.rule else ("inbox", "mail"),
        )
        for recipient in _owners(session, need)
    ]


def tell_matches_proposed(work: Work, message: MatchesProposed) -> None:
    """Tell the need's owner that proposals are there, once per text and only when there are good ones."""
    plan_with(_matches_proposed, work, message)


def _matches_proposed(session: Session, _settings: Settings, message: MatchesProposed) -> list[Plan]:
    need = session.get(Need, message.need_id)
    if need is None or not message.strong_count or need.source == "excel":
        return []
    good = session.scalar(
        select(func.count(Match.id))
        .join(Achievement, Achievement.id == Match.achievement_id)
        .where(
            Match.need_id == need.id,
            Match.current,
            Match.status != MatchState.REJECTED,
            Match.grade.in_(GOOD),
            shown_to_firm(),
        )
    )
    if not good:
        return []
    context = {"title": need.title, "good_count": good}
    return [
        Plan(
            kind="matches_proposed",
            key=f"{need.id}-{message.text_version}",
            recipient=recipient,
            context=context,
            link=f"/needs/{need.id}",
        )
        for recipient in still_asked(withdrawn_now(session), _owners(session, need))
    ]


def tell_route_chosen(work: Work, message: NeedRouteChosen) -> None:
    """Tell a need's owner how the search goes on, with the questions if there are any."""
    plan_with(_route_chosen, work, message)


def _route_chosen(session: Session, _settings: Settings, message: NeedRouteChosen) -> list[Plan]:
    need, route = session.get(Need, message.need_id), session.get(NeedRoute, message.route_id)
    if need is None or route is None:
        return []
    if route.route is Route.ASK_FIRM and pending_enquiry(session, need.id) is not None:
        return []  # the questions themselves tell the firm, with a link to answer by
    context = {"title": need.title, "route": route.route, "questions": route.questions, "note": route.note}
    return [
        Plan(
            kind="need_route",
            key=str(route.id),
            recipient=recipient,
            context=context,
            link=f"/needs/{need.id}",
        )
        for recipient in still_asked(withdrawn_now(session), _owners(session, need))
    ]


def _owners(session: Session, need: Need) -> Sequence[Recipient]:
    return with_contact(users_of(session, [need.organisation_id]), person_recipient(session, need.contact_id))
