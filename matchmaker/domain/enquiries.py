"""Answers to questions about a need, and what they would make of its fields."""

from collections.abc import Mapping, Sequence

from matchmaker.domain.problems import Problem

MOST_QUESTIONS = 3
ANSWER_MAX = 1000
SHORT_MAX = 80
TITLE_MAX = 200
# an answer to these replaces what stands there; to the others it is added below
REPLACED = frozenset({"title", "budget_text", "period_text"})


def longest_answer(field: str) -> int:
    """Return how many characters an answer for this field may have."""
    return {"title": TITLE_MAX, "budget_text": SHORT_MAX, "period_text": SHORT_MAX}.get(field, ANSWER_MAX)


def check_answers(questions: Sequence[Mapping[str, str]], answers: Mapping[str, str]) -> list[Problem]:
    """Return what is wrong with answers by question code: nothing answered, or one too long."""
    if not any(answers.get(one["code"], "").strip() for one in questions):
        return [Problem(field="", code="missing", message="请至少回答一个问题，再提交。")]
    found = []
    for one in questions:
        most, have = longest_answer(one["field"]), len(answers.get(one["code"], "").strip())
        if have > most:
            message = f"这里最多写 {most} 字，现在有 {have} 字，请精简。"
            found.append(Problem(field=f"answer_{one['code']}", code="too_long", message=message))
    return found


def proposal_of(
    current: Mapping[str, str], questions: Sequence[Mapping[str, str]], answers: Mapping[str, str]
) -> list[dict[str, str]]:
    """Return {field, before, after} for every field that the answers speak of, in the order of asking.

    `current` are the need's texts. Two answers for one field stand below each other.
    """
    after: dict[str, str] = {}
    for one in questions:
        answer, field = answers.get(one["code"], "").strip(), one["field"]
        if not answer:
            continue
        before = after.get(field, "" if field in REPLACED else current[field].strip())
        after[field] = f"{before}\n{answer}" if before else answer
    return [{"field": field, "before": current[field], "after": text} for field, text in after.items()]
