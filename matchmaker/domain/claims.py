"""Claims (揭榜): a university offers to solve a published need, with a plan."""

from enum import StrEnum

from matchmaker.domain.problems import Problem

_SHORTEST_PLAN = 20
_LONGEST_PLAN = 3000


class ClaimState(StrEnum):
    """Life of a claim (enums.json: claim_status): the organiser takes it up or declines it with a reason."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


def check_plan(plan: str) -> list[Problem]:
    """Return what is wrong with the plan of a claim."""
    length = len("".join(plan.split()))
    if length < _SHORTEST_PLAN:
        message = (
            f"请用至少 {_SHORTEST_PLAN} 个字写明打算怎么做、做到什么程度、要多久，企业据此判断要不要谈。"
        )
        return [Problem(field="plan", code="short", message=message)]
    if length > _LONGEST_PLAN:
        message = f"方案请写在 {_LONGEST_PLAN} 字以内，细节留到洽谈时说。"
        return [Problem(field="plan", code="long", message=message)]
    return []
