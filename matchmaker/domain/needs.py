"""What a need must have, what would make it clearer, and what may never be taken in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.states import Disclosure

TITLE_MAX, TEXT_MAX = 200, 5000
_SECRET = re.compile(r"涉密|绝密|国防专利|(?<!商业)机密|(?<!商业)(?<!技术)秘密")
_INDICATOR = re.compile(
    r"[≥≤><±＞＜]|\d+(?:\.\d+)?\s*(?:%|％|℃|°C|MPa|GPa|μm|um|mm|cm|kg|kW|HV|HRC|Hz|dB|ppm|万次|模次|小时|天|倍|分钟)"
)
_FOUNDATION = re.compile(r"产线|生产线|样品|样机|中试|小试|客户|设备|试制|已有|目前|现有")
_VAGUE = re.compile(r"面议|待定|越高越好|越快越好|先进水平|根据需要|视情况")


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


def check_need(draft: NeedDraft, *, submitting: bool) -> list[Problem]:
    """Return every problem of a need; a draft is only checked for what may never be stored."""
    found = [*_secrets(draft), *_lengths(draft)]
    if submitting:
        found += _missing(draft)
    if not draft.title.strip():
        found.append(Problem(field="title", code="missing", message="请填写需求名称，一句话说清要解决什么。"))
    return found


def _secrets(draft: NeedDraft) -> list[Problem]:
    texts = {
        "title": draft.title,
        "problem": draft.problem,
        "key_points": draft.key_points,
        "goal": draft.goal,
        "background": draft.background,
        "conditions": draft.conditions,
    }
    return [
        Problem(
            field=name,
            code="secret",
            message=f"文中出现“{hit.group()}”。涉密内容不得录入本系统，请删去涉密部分，或改走保密渠道报送。",
        )
        for name, text in texts.items()
        if (hit := _SECRET.search(text))
    ]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarityPart:
    """One part of the clarity score: `share` 0–1, and what to do about it."""

    name: str
    share: float
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarity:
    """How well a need can be answered by somebody who does not know the firm. Advice, never a verdict."""

    share: float
    parts: tuple[ClarityPart, ...]
    questions: tuple[str, ...]


def clarity(
    *,
    title: str,
    problem: str,
    key_points: str,
    goal: str,
    background: str,
    fields: Sequence[str],
    budget_text: str,
    period_text: str,
) -> Clarity:
    """Score a need's clarity from 0 to 1 (domain notes, “clarity check”); at most three questions."""
    text = "\n".join((problem, key_points, goal, background))
    indicators = len(_INDICATOR.findall(text))
    parts = (
        ClarityPart(
            name="名称具体", share=_share(len(title), 8), advice="名称写到 8 个字以上，说出对象和要求"
        ),
        ClarityPart(
            name="问题清楚", share=_share(len(problem), 40), advice="写清什么情况下出什么问题，影响多大"
        ),
        ClarityPart(name="指标量化", share=_share(indicators, 3), advice="写出三个以上带数字和单位的指标"),
        ClarityPart(
            name="现有基础",
            share=1.0 if _FOUNDATION.search(text) else 0.0,
            advice="写已有的设备、样品，试过什么",
        ),
        ClarityPart(name="技术领域", share=1.0 if fields else 0.0, advice="选一个技术领域"),
        ClarityPart(
            name="投入与时限",
            share=_stated(budget_text, period_text),
            advice="写拟投入的金额和希望解决的时间",
        ),
        ClarityPart(
            name="用词明确",
            share=0.0 if _VAGUE.search(text) else 1.0,
            advice="不写“面议、越高越好”，改成能判断的说法",
        ),
    )
    return Clarity(
        share=sum(part.share for part in parts) / len(parts),
        parts=parts,
        questions=_questions(parts),
    )


def _share(have: int, want: int) -> float:
    return min(1.0, have / want)


def _stated(budget_text: str, period_text: str) -> float:
    stated = [bool(words.strip()) and not _VAGUE.search(words) for words in (budget_text, period_text)]
    return sum(stated) / 2


_QUESTIONS = {
    "问题清楚": "现在具体卡在哪里？什么产品、哪道工序、出现什么现象？",
    "指标量化": "做到什么程度算解决？例如精度、寿命、良率、温度，各要多少？",
    "现有基础": "已经试过哪些办法，结果怎样？现有哪些设备或样品？",
    "投入与时限": "准备投入多少、希望什么时候用上？",
    "技术领域": "这个难题大致属于哪个技术领域？",
    "名称具体": "能否用一句话说清：对象是什么，要解决什么？",
}


def _questions(parts: Sequence[ClarityPart]) -> tuple[str, ...]:
    by_name = {part.name: part.share for part in parts}
    return tuple(words for name, words in _QUESTIONS.items() if by_name[name] < 0.6)[:3]


def vague_problems(found: Clarity) -> list[Problem]:
    """Return the advice as guesses, for import previews."""
    return [
        Problem(field="", code="unclear", message=question, severity=Severity.GUESS)
        for question in found.questions
    ]
