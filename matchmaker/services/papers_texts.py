"""The papers made of words: agenda, event plan (活动方案), invitation letters with the reply slip.

Nothing is made up: what the system does not know stands as 【待填】.
"""

from collections.abc import Iterator
from datetime import datetime

from matchmaker import clock
from matchmaker.domain.papers import FILL_IN, Block, Grid, Heading, Page, Paper, Sheet, Words
from matchmaker.domain.showing import within_quotes
from matchmaker.domain.states import InvitationState
from matchmaker.services.events import event_end, slot_start
from matchmaker.services.papers_read import Dossier, Offer, hour, open_needs
from matchmaker.services.partners import offered_by
from matchmaker.store.queries.events import GuestLine
from matchmaker.store.tables import Event

_VISITS = "企业走访"
# Minutes from the first meeting: the usual order, squeezed into the hour before it.
_OPENING = (
    (-60, -45, "签到", "{bureau}"),
    (-45, -40, "领导致辞", "【待填】"),
    (-40, -30, "政策宣讲", "{bureau}"),
    (-30, -15, "企业技术需求发布", "{needs}"),
    (-15, 0, "科技成果推介", "{offers}"),
)
_AFTER = ((0, 15, "签约、授牌", "【待填】"), (15, 75, _VISITS, "【待填】"))
# Wall-clock minutes of the day outside which nobody would be there: firms are visited while they work.
_WAKING, _WORKING = (6 * 60, 24 * 60), (8 * 60, 18 * 60)
_HOW_TIMED = (
    "开场各项按惯例排在洽谈开始前一小时，可在 Word 里调整；当天排不下的（如晚间活动之后的企业走访）时间待填。"
)
_AGENDA_HEAD = ("时间", "内容", "主讲/负责")
_AGENDA_WIDTHS = (24, 46, 30)
_NEEDS_HEAD = ("序号", "企业名称（或代号）", "技术需求", "拟投入")
_OFFERS_HEAD = ("序号", "科技成果", "完成单位", "专家", "推介")
_REPLY_HEAD = ("单位", "姓名", "职务/职称", "手机", "拟洽谈项目", "用餐/住宿", "车牌号")


def agenda_rows(found: Dossier) -> list[tuple[str, str, str]]:
    """Return (time, what, who), counted from the first and the last meeting."""
    event = found.event
    said = {
        "bureau": found.bureau or FILL_IN,
        "needs": "需求企业代表，每家 3–5 分钟" if found.needs else FILL_IN,
        "offers": _speakers(found) or FILL_IN,
    }
    starts, ends = event.starts_at, event_end(event)
    rows = [(_hours(starts, a, b, what), what, who.format(**said)) for a, b, what, who in _OPENING]
    return [*rows, *_meeting_rows(found)] + [
        (_hours(ends, a, b, what), what, who) for a, b, what, who in _AFTER
    ]


def _hours(moment: datetime, first: int, last: int, what: str) -> str:
    """Return from when to when something is, minutes from a moment; to be filled in where that cannot be."""
    local = clock.local(moment)
    earliest, latest = _WORKING if what == _VISITS else _WAKING
    begins = local.hour * 60 + local.minute + first
    if begins < earliest or begins + last - first > latest:
        return FILL_IN
    return f"{hour(moment, minutes=first)}–{hour(moment, minutes=last)}"


def _meeting_rows(found: Dossier) -> list[tuple[str, str, str]]:
    """Return the stretches of meetings with the pauses between them, in the order of the day."""
    event, paused = found.event, found.day_rules.paused
    slots = found.row.settings.get("slots", event.slots) if found.row else event.slots
    free = [slot for slot in range(1, slots + 1) if slot not in paused]
    words = f"一对一洽谈（{event.tables} 桌，每轮 {event.slot_minutes} 分钟，共 {len(free)} 轮）"
    rows = [(when, name, "") for when, name in found.breaks]
    stretches = [first for first in free if first - 1 not in free]
    for number, first in enumerate(stretches):
        last = next(slot for slot in range(first, slots + 1) if slot + 1 not in free)
        when = f"{hour(slot_start(event, first))}–{hour(slot_start(event, last + 1))}"
        told = (words, f"{len(found.meetings) or FILL_IN} 场") if number == 0 else ("一对一洽谈（续）", "")
        rows.append((when, *told))
    return sorted(rows, key=lambda row: row[0])


def _speakers(found: Dossier) -> str:
    names = [
        partner.name
        for offer in found.offers
        if offer.presented and (partner := offered_by(offer.achievement, offer.seat)).name
    ]
    return "、".join(dict.fromkeys(names))


def agenda(found: Dossier) -> Paper:
    """Return the agenda."""
    rows = agenda_rows(found)
    page = Page(
        title=f"{found.event.title}议程",
        sub=f"{found.day}　{found.place}",
        blocks=[
            Grid(head=_AGENDA_HEAD, rows=rows, widths=_AGENDA_WIDTHS, tall=True),
            Words(text=_HOW_TIMED, plain=True),
        ],
    )
    sheet = Sheet(name="议程", head=_AGENDA_HEAD, rows=rows, widths=(18, 50, 34))
    return Paper(title="议程", pages=[page], sheet=sheet)


def plan(found: Dossier) -> Paper:
    """Return the event plan with the lists of needs and achievements as its annexes."""
    pages = [
        Page(title=f"{found.event.title}活动方案", blocks=list(_plan_blocks(found)), flows=True),
        Page(title="附件1　企业技术需求清单", blocks=[_need_grid(found)], flows=True),
        Page(title="附件2　科技成果清单", blocks=[_offer_grid(found)], flows=True),
    ]
    return Paper(title="活动方案", pages=pages, formal=True)


def _plan_blocks(found: Dossier) -> Iterator[Block]:
    for heading, paragraphs in _plan_sections(found):
        yield Heading(text=heading)
        for text in paragraphs:
            yield Words(text=text)
    yield Grid(head=_AGENDA_HEAD, rows=agenda_rows(found), widths=_AGENDA_WIDTHS)
    for heading, paragraphs in _later_sections(found):
        yield Heading(text=heading)
        for text in paragraphs:
            yield Words(text=text)
    yield Words(text=found.bureau or FILL_IN, plain=True, end=True)
    yield Words(text=FILL_IN + "年　月　日", plain=True, end=True)


def _plan_sections(found: Dossier) -> Iterator[tuple[str, list[str]]]:
    campaign, theme = found.campaign, found.theme
    slogan = f"以“{within_quotes(campaign.slogan)}”为目标，" if campaign.slogan else ""
    purpose = (
        f"根据“{within_quotes(campaign.name)}”安排，{slogan}围绕本县{theme or '主导产业'}企业的技术需求，"
        "组织高校院所专家与企业面对面对接，促成一批合作意向，推动科技成果转化。"
    )
    yield "一、活动目的", [purpose]
    yield "二、时间和地点", [f"时间：{found.when}。", f"地点：{found.place or FILL_IN}。"]
    yield (
        "三、组织单位",
        [f"主办单位：{found.bureau or FILL_IN}。", f"承办单位：{FILL_IN}。", f"协办单位：{FILL_IN}。"],
    )
    yield "四、参会对象", list(_who(found))
    yield "五、主题领域", [f"{theme or FILL_IN}。"]
    yield "六、议程", []


def _who(found: Dossier) -> Iterator[str]:
    groups = {"enterprise": "企业代表", "expert": "高校院所专家"}
    counts: dict[str, int] = {}
    for guest in found.coming:
        word = groups.get(guest.invitation.role, "领导、服务机构及工作人员")
        counts[word] = counts.get(word, 0) + 1
    if not counts:
        yield f"参会名单：{FILL_IN}。"
        return
    said = "，".join(f"{word} {count} 人" for word, count in counts.items())
    yield f"{said}，合计约 {sum(counts.values())} 人。会场可容纳 {found.event.capacity} 人。"


def _later_sections(found: Dossier) -> Iterator[tuple[str, list[str]]]:
    event, rows = found.event, found.row
    matched = (
        f"会前已按需求与成果的匹配情况安排一对一洽谈 {len(found.meetings)} 场，设洽谈桌 {event.tables} 张。"
        if rows
        else "会前按需求与成果的匹配情况安排一对一洽谈。"
    )
    yield (
        "七、需求与成果",
        [
            f"征集企业技术需求 {len(open_needs(found))} 项、科技成果 {len(found.offers)} 项"
            f"（清单见附件1、附件2）。{matched}"
        ],
    )
    yield (
        "八、任务分工",
        [f"会务组：{FILL_IN}。", f"对接组（配对、签到、记录结果）：{FILL_IN}。", f"宣传组：{FILL_IN}。"],
    )
    yield "九、经费预算", [f"{FILL_IN}。"]
    yield "十、宣传报道", [f"{FILL_IN}。"]
    yield "十一、安全保障", [f"落实会场消防和用电检查，制定应急预案，责任人：{FILL_IN}。"]


def _need_grid(found: Dossier) -> Grid:
    rows = [(str(number), *need) for number, need in enumerate(open_needs(found), 1)]
    return Grid(head=_NEEDS_HEAD, rows=rows, widths=(8, 34, 40, 18))


def _offer_grid(found: Dossier) -> Grid:
    rows = [
        (str(number), offer.achievement.title, *_offerer(offer), "推介" if offer.presented else "")
        for number, offer in enumerate(found.offers, 1)
    ]
    return Grid(head=_OFFERS_HEAD, rows=rows, widths=(8, 42, 26, 14, 10))


def _offerer(offer: Offer) -> tuple[str, str]:
    """Return institution and expert of an achievement, as they are disclosed."""
    partner = offered_by(offer.achievement, offer.seat)
    return partner.organisation, partner.name if offer.seat and offer.seat.person_id else ""


def invitations(found: Dossier) -> Paper:
    """Return one letter for each guest, with the reply slip under it."""
    guests = [guest for guest in found.guests if guest.invitation.status is not InvitationState.DECLINED]
    return Paper(title="邀请函", pages=[_letter(found, guest) for guest in guests], formal=True)


def _letter(found: Dossier, guest: GuestLine) -> Page:
    event = found.event
    return Page(
        title="邀 请 函",
        blocks=[
            Words(text=f"{_addressed(guest)}：", plain=True),
            Words(
                text=f"兹定于{found.day}在{found.place or FILL_IN}举办“{within_quotes(event.title)}”。"
                "诚邀您莅临，与"
                f"{'高校院所专家' if guest.invitation.role == 'enterprise' else '企业代表'}面对面洽谈。"
            ),
            Words(
                text=f"签到 {_sign_in(event)} 开始，一对一洽谈 {hour(event.starts_at)}–"
                f"{hour(event_end(event))}。{found.breaks_in_words}请填好下面的回执，于会前三天交回主办方。"
            ),
            Words(text=found.bureau or FILL_IN, plain=True, end=True),
            Words(text=FILL_IN + "年　月　日", plain=True, end=True),
            Heading(text="参会回执"),
            Grid(head=_REPLY_HEAD, rows=[_reply(guest), ("",) * len(_REPLY_HEAD)], tall=True, small=True),
        ],
    )


def _sign_in(event: Event) -> str:
    return _hours(event.starts_at, -60, 0, "").partition("–")[0]


def _addressed(guest: GuestLine) -> str:
    if guest.person is None:
        return guest.organisation
    return " ".join(part for part in (guest.organisation, guest.person.name, guest.person.title) if part)


def _reply(guest: GuestLine) -> tuple[str, ...]:
    name = guest.person.name if guest.person else ""
    return (guest.organisation, name, "", "", "", "", "")
