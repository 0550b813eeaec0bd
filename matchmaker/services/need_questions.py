"""Questions to a need's firm: asked with a link or on paper, answered, and taken into the need.

An answer never changes a need by itself: it becomes a proposed change, which the organiser sees
beside the old text, may edit, and takes or leaves.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.enquiries import MOST_QUESTIONS, check_answers, proposal_of
from matchmaker.domain.messages import NeedPosted, NeedQuestionsAnswered, NeedQuestionsAsked, NeedRevised
from matchmaker.domain.needs import TEXT_LABELS, TEXT_MAX
from matchmaker.domain.permissions import Actor, owns
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import EnquiryState, NeedState
from matchmaker.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.coach import Question
from matchmaker.services.links import Purpose, address_of, make_link, open_links, revoke
from matchmaker.services.moves import move
from matchmaker.services.need_changes import record_changes, snapshot, write_texts
from matchmaker.services.need_enquiries import close_open_enquiries, pending_enquiry
from matchmaker.services.secrecy import refuse_secrets
from matchmaker.settings import Settings
from matchmaker.store.queries.withdrawals import WITHDREW, withdrawn_now
from matchmaker.store.tables import Need, NeedEnquiry, Person

ASKABLE = frozenset({NeedState.SUBMITTED, NeedState.RETURNED, NeedState.ACCEPTED, NeedState.PUBLISHED})
_NO_LONGER_ASKED = frozenset(
    {
        NeedState.SOLVED,
        NeedState.UNSOLVED_CLOSED,
        NeedState.EXPIRED,
        NeedState.WITHDRAWN,
        NeedState.DUPLICATE,
        NeedState.SPLIT,
    }
)
_RETURNABLE = frozenset({NeedState.SUBMITTED, NeedState.ACCEPTED})
FIELD_LABELS = {**TEXT_LABELS, "budget_text": "拟投入资金", "period_text": "希望解决的时间"}
_MOST_REMARK = 500


def ask_firm(
    session: Session,
    actor: Actor,
    settings: Settings,
    *,
    need_id: int,
    questions: Sequence[Question],
    remark: str = "",
    send: bool = True,
    send_back: bool = False,
) -> NeedEnquiry:
    """Put at most three questions to a need's firm; unanswered older ones end.

    `send`: people of the firm are told, each with a link; one link for the organiser to pass on is
    always made. `send_back`: the need goes back to the firm until it has answered. Raises NotAllowed,
    NotFound, InvalidInput, and WrongState while an answer waits or the need is beyond change.
    """
    need = _askable(session, actor, need_id)
    _check_questions(questions, remark)
    close_open_enquiries(session, need.id)
    row = NeedEnquiry(
        need_id=need.id,
        state=EnquiryState.OPEN,
        questions=[
            {"code": q.code, "field": q.field, "text": q.text, "example": q.example} for q in questions
        ],
        remark=remark.strip(),
        asked_by_id=actor.user_id,
        asked_at=clock.now(),
    )
    session.add(row)
    session.flush()  # links and messages carry its id
    make_link(session, settings, purpose=Purpose.NEED_QUESTIONS, subject_id=row.id, person_id=need.contact_id)
    if send_back and need.status in _RETURNABLE:
        need.return_reason = "；".join([remark.strip(), *(one.text for one in questions)]).strip("；")
        move(session, actor, "need", need, NeedState.RETURNED, reason=need.return_reason)
    if send or send_back:
        outbox.record(session, actor, NeedQuestionsAsked(enquiry_id=row.id))
    return row


def _askable(session: Session, actor: Actor, need_id: int) -> Need:
    if not actor.organises:
        raise NotAllowed()
    need = session.get(Need, need_id)
    if need is None:
        raise NotFound()
    if need.status not in ASKABLE:
        raise WrongState("这条需求现在不能再向企业提问：它还是草稿，或者已经进入对接、已经结束。")
    if withdrawn_now(session).firm(organisation_id=need.organisation_id, contact_id=need.contact_id):
        raise WrongState(f"这条需求的联系人{WITHDREW}，不能再向其提问。可以在需求里换一位联系人。")
    pending = pending_enquiry(session, need_id)
    if pending is not None and pending.state is EnquiryState.ANSWERED:
        raise WrongState("企业已经答复了上一次的问题，请先采用或不采用，再提新的问题。")
    return need


def _check_questions(questions: Sequence[Question], remark: str) -> None:
    texts = [one.text.strip() for one in questions]
    message = ""
    if not texts or not all(texts):
        message = "请至少选一个问题，并写清要问什么。"
    elif len(texts) > MOST_QUESTIONS:
        message = f"一次最多问 {MOST_QUESTIONS} 个问题，问多了企业不愿答。请先挑最要紧的。"
    elif len(remark) > _MOST_REMARK or any(len(text) > _MOST_REMARK for text in texts):
        message = f"问题和附言每段最多 {_MOST_REMARK} 字，请写得短一些。"
    if message:
        raise InvalidInput([Problem(field="questions", code="questions", message=message)])
    refuse_secrets({"questions": "\n".join([*texts, remark])}, {"questions": "问题"})


def renew_link(session: Session, actor: Actor, settings: Settings, *, need_id: int) -> None:
    """Make a new link for questions whose link has expired; one that still works stays the one.

    Raises NotAllowed, and NotFound when nothing waits for an answer.
    """
    if not actor.organises:
        raise NotAllowed()
    row = pending_enquiry(session, need_id)
    if row is None or row.state is not EnquiryState.OPEN:
        raise NotFound("没有等待答复的问题，可能已经答复过。请刷新页面。")
    if not address_to_pass_on(session, settings, row):
        person_id = session.get_one(Need, need_id).contact_id
        make_link(session, settings, purpose=Purpose.NEED_QUESTIONS, subject_id=row.id, person_id=person_id)


def address_to_pass_on(session: Session, settings: Settings, enquiry: NeedEnquiry) -> str:
    """Return the address of an open link that the organiser may hand on, "" when there is none."""
    links = open_links(session, purpose=Purpose.NEED_QUESTIONS, subject_id=enquiry.id)
    return address_of(settings, links[0].id) if links else ""


def answer_questions(
    session: Session,
    actor: Actor,
    *,
    enquiry_id: int,
    answers: Mapping[str, str],
    channel: str,
    who: str = "",
) -> NeedEnquiry:
    """Keep a firm's answers (by question code) as a proposed change; the organiser is told.

    `channel`: link, phone (keyed in by the organiser) or form (its own account). Raises NotFound
    for another's need, WrongState when it is answered already, InvalidInput with every problem.
    """
    row = session.get(NeedEnquiry, enquiry_id)
    need = session.get(Need, row.need_id) if row else None
    if row is None or need is None or not (actor.organises or owns(actor, need.organisation_id)):
        raise NotFound()
    if row.state is not EnquiryState.OPEN:
        raise WrongState("这些问题已经答复过，或者主办方已经不再询问。")
    problems = check_answers(row.questions, answers)
    if problems:
        raise InvalidInput(problems)
    labels = {f"answer_{one['code']}": one["text"] for one in row.questions}
    refuse_secrets({f"answer_{code}": text for code, text in answers.items()}, labels)
    asked = [one["code"] for one in row.questions]
    row.answers = {code: answers[code].strip() for code in asked if answers.get(code, "").strip()}
    row.proposal = proposal_of(_texts(need), row.questions, row.answers)
    row.state, row.channel = EnquiryState.ANSWERED, channel
    row.answered_by, row.answered_at = (who or actor.name)[:60], clock.now()
    row.answered_by_id = _known_person(session, need, actor, row.answered_by)
    revoke(session, purpose=Purpose.NEED_QUESTIONS, subject_id=row.id)
    if channel != "phone":  # who keys an answer in knows of it
        outbox.record(session, actor, NeedQuestionsAnswered(enquiry_id=row.id))
    return row


def _known_person(session: Session, need: Need, actor: Actor, name: str) -> int | None:
    """Return whose name this is: the one who acts, or the need's contact; None for anybody else."""
    for person_id in (None if actor.organises else actor.person_id, need.contact_id):
        person = session.get(Person, person_id) if person_id is not None else None
        if person is not None and person.name == name:
            return person.id
    return None


def _texts(need: Need) -> dict[str, str]:
    return {field: getattr(need, field) for field in FIELD_LABELS}


def take_answers(
    session: Session,
    actor: Actor,
    *,
    enquiry_id: int,
    texts: Mapping[str, str],
    version: int | None = None,
) -> Need:
    """Write the answered fields into the need as the organiser left them; a returned need comes back.

    `texts` are field → new text, of the fields that were answered; one left out stays as it was.
    Raises Conflict when the need changed since the page was made, InvalidInput for a text that is
    too long, and WrongState as the moves say.
    """
    row, need = _answered(session, actor, enquiry_id)
    if version is not None and version != need.version:
        raise Conflict()
    if need.status in _NO_LONGER_ASKED:
        raise WrongState("这条需求已经办结、撤回或并到别的需求，答复不再写进去。请选“不采用”。")
    proposed = {one["field"] for one in row.proposal}
    wanted = {field: text.strip() for field, text in texts.items() if field in proposed}
    _check_texts(wanted)
    before, old = snapshot(need), _texts(need)
    matched = write_texts(need, wanted)
    record_changes(
        session, actor, need, before, cause="answers", who=row.answered_by, person_id=row.answered_by_id
    )
    row.proposal = [{"field": field, "before": old[field], "after": text} for field, text in wanted.items()]
    _decide(row, actor, EnquiryState.ACCEPTED)
    _go_on(session, actor, need, matched=matched)
    return need


def _check_texts(texts: Mapping[str, str]) -> None:
    most = {"title": 200, "budget_text": 80, "period_text": 80}
    problems = [
        Problem(
            field=field,
            code="too_long",
            message=f"“{FIELD_LABELS[field]}”最多写 {most.get(field, TEXT_MAX)} 字，请精简后再采用。",
        )
        for field, text in texts.items()
        if len(text) > most.get(field, TEXT_MAX)
    ]
    if not texts.get("title", "有"):
        problems.append(Problem(field="title", code="missing", message="需求名称不能为空。"))
    if problems:
        raise InvalidInput(problems)
    refuse_secrets(texts, FIELD_LABELS)


def _go_on(session: Session, actor: Actor, need: Need, *, matched: bool) -> None:
    if need.status is NeedState.RETURNED:
        move(session, actor, "need", need, NeedState.SUBMITTED, reason="企业已补充，主办方采用")
        need.submitted_at, need.return_reason = clock.now(), ""
        session.flush()
        outbox.record(session, actor, NeedPosted(need_id=need.id, text_version=need.text_version))
    elif matched:
        session.flush()
        outbox.record(session, actor, NeedRevised(need_id=need.id, text_version=need.text_version))


def dismiss_answers(session: Session, actor: Actor, *, enquiry_id: int) -> NeedEnquiry:
    """Leave the need as it is; the answers stay readable."""
    row, _need = _answered(session, actor, enquiry_id)
    _decide(row, actor, EnquiryState.DISMISSED)
    return row


def _answered(session: Session, actor: Actor, enquiry_id: int) -> tuple[NeedEnquiry, Need]:
    if not actor.organises:
        raise NotAllowed()
    row = session.get(NeedEnquiry, enquiry_id)
    if row is None:
        raise NotFound()
    if row.state is not EnquiryState.ANSWERED:
        raise WrongState("这次提问没有等待处理的答复，可能已经处理过。请刷新页面。")
    return row, session.get_one(Need, row.need_id)


def _decide(row: NeedEnquiry, actor: Actor, state: EnquiryState) -> None:
    row.state, row.decided_at, row.decided_by_id = state, clock.now(), actor.user_id


def stop_asking(session: Session, actor: Actor, *, need_id: int) -> None:
    """End open questions without an answer; their links no longer work."""
    if not actor.organises:
        raise NotAllowed()
    if session.get(Need, need_id) is None:
        raise NotFound()
    close_open_enquiries(session, need_id)
