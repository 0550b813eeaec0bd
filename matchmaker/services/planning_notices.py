"""Tells who asked for a plan that it is made, or why there is none."""

from sqlalchemy.orm import Session

from matchmaker.bus.work import Work
from matchmaker.domain.messages import PlanWorkedOff
from matchmaker.services.notices import Plan as NoticePlan
from matchmaker.services.notices import plan_with, user_recipient
from matchmaker.settings import Settings
from matchmaker.store.tables import Plan


def tell_plan_worked_off(work: Work, message: PlanWorkedOff) -> None:
    """Tell who asked for a plan that the background process has come to its end."""
    plan_with(_plan_worked_off, work, message)


def _plan_worked_off(session: Session, _settings: Settings, message: PlanWorkedOff) -> list[NoticePlan]:
    plan = session.get(Plan, message.plan_id)
    recipient = user_recipient(session, plan.created_by_id) if plan and plan.created_by_id else None
    if plan is None or recipient is None:
        return []
    context = {
        "made": message.made,
        "number": plan.number,
        "events": plan.result.get("events", 0),
        "needs": plan.result.get("needs", 0),
        "note": plan.note,
    }
    key, link = f"{plan.id}-{plan.attempts}", f"/planner/{plan.id}"
    return [NoticePlan(kind="plan_worked_off", key=key, recipient=recipient, context=context, link=link)]
