"""Needs: posted, revised, withdrawn by their enterprise; accepted, returned, published by the organiser."""

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.disclosure import suggested_public_text
from matchmaker.domain.messages import NeedDecided, NeedPosted, NeedRevised, NeedSolved
from matchmaker.domain.needs import NeedDraft, check_need
from matchmaker.domain.permissions import Actor, owns
from matchmaker.domain.problems import Problem, errors
from matchmaker.domain.states import ConsentScope, Disclosure, NeedState
from matchmaker.domain.written_contacts import contacts_in
from matchmaker.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.consents import agree_again, record_consents
from matchmaker.services.moves import move
from matchmaker.services.need_changes import READ_BY_MATCHING, record_changes, snapshot
from matchmaker.services.need_enquiries import close_open_enquiries
from matchmaker.services.organisations import find_or_create_person
from matchmaker.services.secrecy import refuse_secrets, secrecy_words
from matchmaker.store.tables import Need, Organisation

_EDITABLE = frozenset(
    {NeedState.DRAFT, NeedState.SUBMITTED, NeedState.RETURNED, NeedState.ACCEPTED, NeedState.PUBLISHED}
)


def save_draft(
    session: Session,
    actor: Actor,
    draft: NeedDraft,
    *,
    organisation_id: int,
    need_id: int | None = None,
    version: int | None = None,
) -> Need:
    """Keep a need as a draft, new or changed. Raises InvalidInput for what may never be stored."""
    _refuse(check_need(draft, submitting=False, secrecy=secrecy_words()))
    need = (
        _own_need(session, actor, need_id, version) if need_id else _new_need(session, actor, organisation_id)
    )
    _write(session, actor, need, draft)
    return need


def post_need(
    session: Session,
    actor: Actor,
    draft: NeedDraft,
    *,
    organisation_id: int,
    need_id: int | None = None,
    version: int | None = None,
) -> Need:
    """Submit a need, new or from a draft or a return; the organiser may post for an enterprise.

    Writes the need, its consents and its move, and records NeedPosted, together. Raises
    InvalidInput with every problem, NotFound for another's need, Conflict for a stale version.
    """
    _refuse(check_need(draft, submitting=True, secrecy=secrecy_words()))
    need = save_draft(
        session, actor, draft, organisation_id=organisation_id, need_id=need_id, version=version
    )
    move(session, actor, "need", need, NeedState.SUBMITTED)
    close_open_enquiries(session, need.id)
    need.submitted_at = clock.now()
    need.return_reason = ""
    session.flush()
    outbox.record(session, actor, NeedPosted(need_id=need.id, text_version=need.text_version))
    return need


def revise_need(session: Session, actor: Actor, draft: NeedDraft, *, need_id: int, version: int) -> Need:
    """Change a need that is already with the organiser; new proposals follow when its text changed.

    A published need's public text stays as it was approved. Raises as `post_need`, and WrongState
    once it is beyond change.
    """
    _refuse(check_need(draft, submitting=True, secrecy=secrecy_words()))
    need = _own_need(session, actor, need_id, version)
    before = need.text_version
    _write(session, actor, need, draft)
    if owns(actor, need.organisation_id):
        close_open_enquiries(session, need.id)  # the firm answered by changing the need itself
    session.flush()
    if need.text_version != before and need.status is not NeedState.DRAFT:
        outbox.record(session, actor, NeedRevised(need_id=need.id, text_version=need.text_version))
    return need


def decide_need(
    session: Session,
    actor: Actor,
    *,
    need_id: int,
    to: NeedState,
    reason: str = "",
    version: int | None = None,
) -> Need:
    """Accept, return (with a reason), close or reopen a need; publishing has its own function.

    Records NeedDecided. Asked for the state it is in, it changes nothing. Raises NotAllowed,
    NotFound, WrongState, InvalidInput without a reason.
    """
    need = _for_organiser(session, actor, need_id, version)
    if need.status is to:
        return need
    if to in (NeedState.RETURNED, NeedState.UNSOLVED_CLOSED, NeedState.DUPLICATE) and not reason.strip():
        _refuse([Problem(field="reason", code="missing", message="请写明原因，企业会看到这句话。")])
    move(session, actor, "need", need, to, reason=reason)
    if to is NeedState.ACCEPTED and need.accepted_at is None:
        need.accepted_at = clock.now()
    if to is NeedState.RETURNED:
        need.return_reason = reason
    outbox.record(session, actor, NeedDecided(need_id=need.id, to=to.value, reason=reason))
    return need


def publish_need(
    session: Session,
    actor: Actor,
    *,
    need_id: int,
    public_title: str,
    public_text: str,
    disclosure: Disclosure,
    version: int | None = None,
) -> Need:
    """Publish an accepted need with the text meant for outside, or correct that text later.

    Raises InvalidInput for an empty text, for the firm's name in a masked one, and for an internal
    need.
    """
    need = _for_organiser(session, actor, need_id, version)
    firm = session.get_one(Organisation, need.organisation_id).name
    _refuse(_public_problems(public_title, public_text, disclosure, firm))
    labels = {"public_title": "公开标题", "public_text": "公开文本"}
    refuse_secrets({"public_title": public_title, "public_text": public_text}, labels)
    before = snapshot(need)
    need.public_title, need.public_text = public_title.strip(), public_text.strip()
    need.disclosure, need.updated_at = disclosure, clock.now()
    record_changes(session, actor, need, before, cause="publish")
    if need.status is NeedState.ACCEPTED:
        move(session, actor, "need", need, NeedState.PUBLISHED)
        need.published_at = need.published_at or clock.now()
        outbox.record(session, actor, NeedDecided(need_id=need.id, to="published", reason=""))
    elif need.status in (NeedState.SUBMITTED, NeedState.DRAFT, NeedState.RETURNED):
        raise WrongState("需求要先受理，才能发布。")
    return need


def _public_problems(title: str, text: str, disclosure: Disclosure, firm: str) -> list[Problem]:
    found = []
    if not title.strip():
        found.append(Problem(field="public_title", code="missing", message="请填写公开标题。"))
    if not text.strip():
        found.append(Problem(field="public_text", code="missing", message="请填写公开文本。"))
    if disclosure is Disclosure.INTERNAL:
        found.append(
            Problem(
                field="disclosure",
                code="internal",
                message="“仅供主办方内部使用”的需求不能发布，请先征得企业同意改为其他公开范围。",
            )
        )
    if disclosure is not Disclosure.PUBLIC and firm in title + text:
        found.append(
            Problem(
                field="public_text",
                code="names_firm",
                message=f"公开文本里还有企业名称“{firm}”，请改成“本企业”一类的说法。",
            )
        )
    return [*found, *_contact_problems(title, text)]


def _contact_problems(title: str, text: str) -> list[Problem]:
    """Return that a public text holds contacts, which open when both sides have said yes and not before."""
    return [
        Problem(
            field=field,
            code="contacts",
            message=f"这里有联系方式“{'、'.join(held)}”：双方都同意之前不公开，请删去。",
        )
        for field, held in (
            ("public_title", contacts_in(title)),
            ("public_text", contacts_in(text)),
        )
        if held
    ]


def public_draft(need: Need, firm: str) -> tuple[str, str]:
    """Return title and text to start the public edition from; the title alone where nothing else is told."""
    if need.public_text:
        return need.public_title or need.title, need.public_text
    parts = (need.problem, need.key_points, need.goal)
    text = "\n\n".join(part for part in parts if part.strip()) or need.title
    return suggested_public_text(need.title, firm), suggested_public_text(text, firm)


def keep_name_out(session: Session, need: Need) -> None:
    """Take the firm's name out of what was approved for outside, where the firm no longer gives its name."""
    if need.disclosure is Disclosure.PUBLIC or not (need.public_title or need.public_text):
        return
    firm = session.get_one(Organisation, need.organisation_id).name
    need.public_title = suggested_public_text(need.public_title, firm)
    need.public_text = suggested_public_text(need.public_text, firm)


def withdraw_need(session: Session, actor: Actor, *, need_id: int) -> Need:
    """Take a need back; its enterprise or the organiser may."""
    need = _own_need(session, actor, need_id, None, any_state=True)
    if need.status is not NeedState.WITHDRAWN:
        move(session, actor, "need", need, NeedState.WITHDRAWN)
        close_open_enquiries(session, need.id)
        outbox.record(session, actor, NeedDecided(need_id=need.id, to="withdrawn", reason=""))
    return need


def confirm_solved(session: Session, actor: Actor, *, need_id: int, confirmed_by: str) -> Need:
    """Record that the enterprise says its problem is solved; the organiser names who said so.

    Raises InvalidInput without a name. Said twice, it stands once.
    """
    need = _own_need(session, actor, need_id, None, any_state=True)
    if not confirmed_by.strip():
        _refuse([Problem(field="confirmed_by", code="missing", message="请填写由企业哪位负责人确认。")])
    if need.status is NeedState.SOLVED:
        return need
    move(session, actor, "need", need, NeedState.SOLVED)
    need.solved_at, need.solved_confirmed_by = clock.now(), confirmed_by.strip()
    outbox.record(session, actor, NeedSolved(need_id=need.id))
    return need


def _refuse(problems: list[Problem]) -> None:
    if errors(problems):
        raise InvalidInput(problems)


def _new_need(session: Session, actor: Actor, organisation_id: int) -> Need:
    if not (actor.organises or owns(actor, organisation_id)):
        raise NotFound()
    moment = clock.now()
    need = Need(
        organisation_id=organisation_id,
        status=NeedState.DRAFT,
        title="",
        source="web_form" if owns(actor, organisation_id) else "visit",
        created_by_id=actor.user_id,
        created_at=moment,
        updated_at=moment,
    )
    session.add(need)
    return need


def _own_need(
    session: Session, actor: Actor, need_id: int, version: int | None, *, any_state: bool = False
) -> Need:
    need = session.get(Need, need_id)
    if need is None or not (actor.organises or owns(actor, need.organisation_id)):
        raise NotFound()
    if version is not None and version != need.version:
        raise Conflict()
    if not any_state:
        must_be_editable(need)
    return need


def must_be_editable(need: Need) -> None:
    """Raise WrongState where a need's text can no longer be changed."""
    if need.status not in _EDITABLE:
        raise WrongState("这条需求已进入对接，内容不能再改。要补充请联系主办方。")


def _for_organiser(session: Session, actor: Actor, need_id: int, version: int | None) -> Need:
    if not actor.organises:
        raise NotAllowed()
    return _own_need(session, actor, need_id, version, any_state=True)


def _write(session: Session, actor: Actor, need: Need, draft: NeedDraft) -> None:
    before = snapshot(need)
    handed_in = need.id is not None and need.status is not NeedState.DRAFT
    for name in (
        *("title", "problem", "key_points", "goal", "background", "conditions", "need_type", "activity_type"),
        *("industry", "budget_text", "budget_min_fen", "budget_max_fen", "period_text", "period_from"),
        *("period_to", "town", "wished_partner", "disclosure"),
    ):
        setattr(need, name, getattr(draft, name))
    need.coop_modes, need.fields, need.keywords = (
        list(draft.coop_modes),
        list(draft.fields),
        list(draft.keywords),
    )
    keep_name_out(session, need)
    need.updated_at = clock.now()
    session.flush()  # a new need has no id, and consents and contacts hang on it
    need.code = need.code or f"N{clock.local(need.created_at):%Y%m%d}-{need.id:05d}"
    if handed_in:
        if any(getattr(need, name) != before[name] for name in READ_BY_MATCHING):
            need.text_version += 1
        record_changes(session, actor, need, before, cause="edit")
    need.contact_id = _contact(session, actor, need, draft)
    ticks = {scope: scope.value in draft.consents for scope in ConsentScope}
    record_consents(session, actor, subject_kind="need", subject_id=need.id, ticks=ticks, channel="web_form")
    agree_again(session, actor, ticks=ticks, channel="web_form")


def _contact(session: Session, actor: Actor, need: Need, draft: NeedDraft) -> int | None:
    if not draft.contact_name.strip():
        return need.contact_id
    person = find_or_create_person(
        session,
        actor,
        organisation_id=need.organisation_id,
        name=draft.contact_name.strip(),
        phone=draft.contact_phone.strip(),
        email=draft.contact_email.strip(),
        source="web_form",
    )
    session.flush()
    return person.id
