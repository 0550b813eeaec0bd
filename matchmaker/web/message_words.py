"""What happened, in words: messages, what they set off, and the things they speak of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from matchmaker.web.presentation import link

SAID = {
    "AccountRegistered": _("有人注册账号"),
    "AccountDecided": _("审核了账号"),
    "PasswordResetAsked": _("有人要找回密码"),
    "NeedPosted": _("企业提交了需求"),
    "NeedRevised": _("需求改过了"),
    "NeedsMerged": _("合并了两条需求，或撤销了合并"),
    "NeedDecided": _("需求状态变了"),
    "NeedQuestionsAsked": _("向企业提了问题"),
    "NeedQuestionsAnswered": _("企业答复了问题"),
    "NeedsImported": _("导入了一批需求"),
    "NeedClaimed": _("院校揭榜"),
    "ClaimDecided": _("答复了揭榜"),
    "NeedRouteChosen": _("没有合适成果，选了去向"),
    "NeedSolved": _("企业确认难题解决"),
    "AchievementsImported": _("成果入库或更新"),
    "AchievementsWithdrawn": _("成果撤下"),
    "UploadReceived": _("收到上传的清单"),
    "UploadWorkedOff": _("清单处理完了"),
    "PlanWorkedOff": _("专场规划算完了"),
    "ProposalsDue": _("推荐要重新算一步"),
    "MatchesProposed": _("算好了推荐"),
    "WiderSearchAsked": _("要求在全部需求中查找"),
    "MatchDecided": _("对推荐表了态"),
    "MatchGraded": _("改评了推荐的等级"),
    "InvitationsIssued": _("发出邀请"),
    "GuestsReminded": _("提醒了没有回音的人"),
    "InvitationAnswered": _("答复了邀请"),
    "EventChanged": _("活动有变动"),
    "PairingListPublished": _("发布配对清单"),
    "PairingAnswered": _("答复了配对"),
    "TimetableRepaired": _("现场调整了时间表"),
    "LearningAsked": _("要求现在学习"),
    "OutcomeRecorded": _("记录洽谈结果"),
    "IntentRecorded": _("记录合作意向"),
    "AgreementSigned": _("记录签约"),
    "ContractRecorded": _("记录技术合同"),
    "DebtOpened": _("有答复该催了"),
}
DONE = {
    "tell_account_registered": _("告诉主办方"),
    "tell_account_decided": _("告诉申请人"),
    "mail_reset_link": _("寄出重设密码的链接"),
    "propose_for_need": _("计算推荐"),
    "learn_when_asked": _("按对接结果校准推荐"),
    "propose_for_imported_needs": _("为导入的需求排队计算推荐"),
    "refresh_proposals": _("让受影响的推荐重新计算"),
    "take_a_step": _("计算一步推荐"),
    "search_when_asked": _("在全部需求中查找"),
    "tell_need_posted": _("告诉主办方"),
    "tell_need_decided": _("告诉企业"),
    "tell_needs_merged": _("告诉企业"),
    "tell_need_claimed": _("告诉主办方"),
    "tell_claim_decided": _("告诉揭榜的院校"),
    "tell_route_chosen": _("告诉企业"),
    "tell_upload_worked_off": _("告诉上传的人"),
    "tell_questions_asked": _("把问题发给企业"),
    "tell_questions_answered": _("告诉主办方"),
    "tell_guests_reminded": _("发提醒"),
    "tell_plan_worked_off": _("告诉做规划的人"),
    "tell_matches_proposed": _("告诉企业有合适的成果"),
    "tell_invitations_issued": _("发邀请"),
    "tell_invitation_answered": _("告诉主办方"),
    "tell_event_changed": _("告诉受邀的人"),
    "tell_pairing_list_published": _("告诉双方"),
    "tell_pairing_answered": _("告诉另一方"),
    "tell_timetable_repaired": _("告诉受影响的人"),
    "ask_debtor": _("请欠答复的一方答复"),
}
# key of the payload → what it names, and the page about it with the argument it takes
_THINGS = {
    "need_id": (_("需求"), "needs.detail"),
    "match_id": (_("推荐"), "matches.detail"),
    "upload_id": (_("清单"), "uploads.detail"),
    "event_id": (_("活动"), "events.detail"),
    "pairing_id": (_("洽谈"), "tracking.talk"),
    "intent_id": (_("意向"), "tracking.intent"),
    "agreement_id": (_("协议"), "tracking.agreement"),
    "contract_id": (_("合同"), "tracking.contract"),
    "user_id": (_("账号"), "accounts.user"),
}
_COUNTS = {
    "need_ids": _("需求 %(n)s 条"),
    "achievement_ids": _("成果 %(n)s 项"),
    "invitation_ids": _("邀请 %(n)s 份"),
    "match_count": _("推荐 %(n)s 项"),
    "strong_count": _("其中较强以上 %(n)s 项"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of what a message says; `url` leads to the thing it names, where it has a page."""

    words: str
    url: str = ""


def parts_of(payload: Mapping[str, Any]) -> list[Part]:
    """Return what a message speaks of: the things with their numbers, how many, and the reason."""
    return list(_parts(payload))


def _parts(payload: Mapping[str, Any]) -> Iterator[Part]:
    for key, value in payload.items():
        if key in _THINGS and value:
            what, endpoint = _THINGS[key]
            yield Part(words=f"{what} {value}", url=link(endpoint, **{key: value}))
        elif key in _COUNTS:
            number = len(value) if isinstance(value, list) else value
            yield Part(words=str(_COUNTS[key]) % {"n": number})
        elif key == "reason" and value:
            yield Part(words=str(value))
