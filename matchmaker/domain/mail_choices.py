"""Which notices a person may have without mail. The inbox gets every one of them all the same."""

from collections.abc import Iterable
from dataclasses import dataclass

from matchmaker.domain.permissions import Actor
from matchmaker.domain.saying import later
from matchmaker.domain.states import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class MailGroup:
    """Notices that are turned off together; `kinds` are folders under templates/notices."""

    key: str
    words: str
    kinds: frozenset[str]


OPTIONAL = (
    MailGroup(
        key="proposals",
        words=later("为我的需求找到了合适的成果"),
        kinds=frozenset({"matches_proposed"}),
    ),
    MailGroup(
        key="progress",
        words=later("我的需求和揭榜有了进展"),
        kinds=frozenset({"need_decided", "need_route", "needs_merged", "claim_decided"}),
    ),
    MailGroup(
        key="reminders",
        words=later("活动临近、还没有答复的提醒"),
        kinds=frozenset({"event_reminder", "guest_reminder"}),
    ),
    MailGroup(
        key="follow_up",
        words=later("询问洽谈结果、意向进展和合同登记"),
        kinds=frozenset({"ask_outcome", "ask_intent_news", "ask_registration"}),
    ),
    MailGroup(
        key="work",
        words=later("清单、规划办完了，有账号和揭榜要处理"),
        kinds=frozenset({"upload_worked_off", "plan_worked_off", "account_registered", "need_claimed"}),
    ),
)
# what others wait for, or what somebody would travel in vain without
ALWAYS = frozenset(
    {"account_decided", "password_reset", "invitation", "need_questions", "claim_taken"}
    | {"pairing_list", "pairing_accepted", "pairing_dropped", "event_changed", "desk_change"}
)
ALWAYS_WORDS = later(
    "账号和密码、邀请、洽谈安排及其变动、主办方对需求的提问：这些邮件与您约定的事有关，不能关闭"
)


def group_of(kind: str) -> MailGroup | None:
    """Return the group by which a kind of notice may be turned off, None for one that always goes out."""
    return next((group for group in OPTIONAL if kind in group.kinds), None)


def groups_for(actor: Actor) -> tuple[MailGroup, ...]:
    """Return the groups that the actor can get mails of: firms neither plan nor decide about accounts."""
    return tuple(one for one in OPTIONAL if one.key != "work" or Role.ENTERPRISE not in actor.roles)


def last_words(kind: str, *, has_account: bool) -> str:
    """Return how a mail ends: what to do for getting no more of its kind."""
    if not has_account:
        return "不想再收到，请联系主办方。"
    if group_of(kind) is None:
        return "这类邮件与您约定的事有关，不能关闭；有疑问请联系主办方。"
    return "不想再收到这类邮件，请在“我的账号与数据”中关闭。"


def known_keys(keys: Iterable[str]) -> frozenset[str]:
    """Return those that name a group."""
    return frozenset(keys) & {group.key for group in OPTIONAL}
