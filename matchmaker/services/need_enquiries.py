"""The open questions about a need: found, and ended when the answer came another way."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.states import EnquiryState
from matchmaker.services.links import Purpose, revoke
from matchmaker.store.tables import NeedEnquiry

PENDING = (EnquiryState.OPEN, EnquiryState.ANSWERED)


def pending_enquiry(session: Session, need_id: int) -> NeedEnquiry | None:
    """Return the enquiry that waits for its firm or for the organiser; there is one at most."""
    return session.scalars(
        select(NeedEnquiry)
        .where(NeedEnquiry.need_id == need_id, NeedEnquiry.state.in_(PENDING))
        .order_by(NeedEnquiry.id.desc())
        .limit(1)
    ).first()


def close_open_enquiries(session: Session, need_id: int) -> None:
    """End unanswered questions: the firm changed the need itself, or nobody asks any longer."""
    row = pending_enquiry(session, need_id)
    if row is not None and row.state is EnquiryState.OPEN:
        row.state, row.decided_at = EnquiryState.CLOSED, clock.now()
        revoke(session, purpose=Purpose.NEED_QUESTIONS, subject_id=row.id)
