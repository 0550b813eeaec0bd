"""What a need must have, and what may never be taken in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from matchmaker.domain.problems import Problem
from matchmaker.domain.secrecy import SecrecyWords, secret_problems
from matchmaker.domain.states import Disclosure

TITLE_MAX, TEXT_MAX = 200, 5000
TEXT_LABELS: Mapping[str, str] = {
    "title": "需求名称",
    "problem": "主要问题",
    "key_points": "技术关键与主要指标",
    "goal": "预期目标",
    "background": "现有基础",
    "conditions": "条件与限制",
    "wished_partner": "希望合作的院校或专家",
}
_SEARCHED = {
    **TEXT_LABELS,
    "keywords": "关键词",
    "budget_text": "拟投入资金",
    "period_text": "希望解决的时间",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedDraft:
    """A need as a form gives it: texts trimmed, lists of ids, amounts in fen."""

    title: str
    problem: str = ""
    key_points: str = ""
    goal: str = ""
    background: str = ""
    conditions: str = ""
    need_type: str = "rnd"
    activity_type: str = ""
    coop_modes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    industry: str = ""
    keywords: tuple[str, ...] = ()
    budget_text: str = ""
    budget_min_fen: int | None = None
    budget_max_fen: int | None = None
    period_text: str = ""
    period_from: date | None = None
    period_to: date | None = None
    town: str = ""
    wished_partner: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    disclosure: Disclosure = Disclosure.MASKED
    consents: frozenset[str] = field(default_factory=frozenset)


def check_need(draft: NeedDraft, *, submitting: bool, secrecy: SecrecyWords) -> list[Problem]:
    """Return every problem of a need; a draft is only checked for what may never be stored."""
    texts = {name: str(getattr(draft, name)) for name in _SEARCHED}
    found = [*secret_problems(texts, _SEARCHED, secrecy), *_lengths(draft)]
    if submitting:
        found += _missing(draft)
    if not draft.title.strip():
        found.append(Problem(field="title", code="missing", message="请填写需求名称，一句话说清要解决什么。"))
    return found


def _lengths(draft: NeedDraft) -> list[Problem]:
    longest = {"title": TITLE_MAX} | dict.fromkeys(
        ("problem", "key_points", "goal", "background", "conditions"), TEXT_MAX
    )
    return [
        Problem(
            field=name,
            code="too_long",
            message=f"这里最多写 {most} 字，现在有 {len(getattr(draft, name))} 字，请精简。",
        )
        for name, most in longest.items()
        if len(getattr(draft, name)) > most
    ]


def _missing(draft: NeedDraft) -> list[Problem]:
    found = []
    if len(draft.problem.strip()) < 10:
        found.append(
            Problem(
                field="problem",
                code="missing",
                message="请写清遇到的主要问题（至少 10 字），专家才能判断能否解决。",
            )
        )
    if not draft.contact_name.strip():
        found.append(Problem(field="contact_name", code="missing", message="请填写联系人姓名。"))
    if not (draft.contact_phone.strip() or draft.contact_email.strip()):
        found.append(
            Problem(field="contact_phone", code="missing", message="请至少填写联系电话或电子邮箱中的一项。")
        )
    if "internal" not in draft.consents:
        found.append(
            Problem(
                field="consent_internal",
                code="missing",
                message="需要同意主办方为对接目的使用所填信息，才能提交。",
            )
        )
    return found
