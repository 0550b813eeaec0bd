"""Who sees what of a need: one view per reader, made in one place for pages, lists, exports and notices."""

import re
from dataclasses import dataclass

from matchmaker.domain.permissions import Actor, may_see_inside
from matchmaker.domain.saying import later
from matchmaker.domain.showing import budget_band, money_range
from matchmaker.domain.states import NEEDS_SHOWN_OUTSIDE, Disclosure, NeedState
from matchmaker.domain.written_contacts import without_contacts

UNTOLD = later("（内容待主办方整理后公开）")
_SIZES = {"大型": "大型", "中型": "中型", "小型": "小型", "微型": "小微"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedFaces:
    """The two faces of a need: what its owner wrote, and what was approved for outside.

    `code`: by what the firm goes at the event that is spoken of, when it is not named; "" elsewhere.
    """

    need_id: int
    organisation_id: int
    firm: str
    firm_size: str
    trade: str
    town: str
    title: str
    text: str
    public_title: str
    public_text: str
    budget_min_fen: int | None
    budget_max_fen: int | None
    budget_text: str
    disclosure: Disclosure
    status: NeedState
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedView:
    """A need as one reader may see it. `inside`: nothing was held back."""

    need_id: int
    firm: str
    town: str
    title: str
    text: str
    budget: str
    inside: bool


# from the widest circle of readers to the narrowest
_CIRCLES = (Disclosure.PUBLIC, Disclosure.MASKED, Disclosure.TARGETED, Disclosure.INTERNAL)


def at_least_as_open(one: Disclosure, other: Disclosure) -> bool:
    """Say whether what stands under `one` may be read by all who may read what stands under `other`."""
    return _CIRCLES.index(one) <= _CIRCLES.index(other)


def may_see(actor: Actor, need: NeedFaces, *, pushed_to_actor: bool = False) -> bool:
    """Say whether the actor may know this need at all.

    Before publication only the organiser and its owner do. `pushed_to_actor`: the organiser chose
    one of the actor's achievements for it, which is what a targeted need waits for.
    """
    if may_see_inside(actor, need.organisation_id):
        return True
    if need.disclosure is Disclosure.INTERNAL or need.status not in NEEDS_SHOWN_OUTSIDE:
        return False
    return need.disclosure is not Disclosure.TARGETED or pushed_to_actor


def masked_firm(*, trade: str, size: str, town: str, with_town: bool = False) -> str:
    """Describe a firm without naming it: 某汽车零部件中型企业."""
    place = town if with_town else ""
    return f"{place}某{trade}{_SIZES.get(size, '')}企业"


def may_see_achievement(
    actor: Actor, *, owner_id: int | None, disclosure: Disclosure, pushed_to_actor: bool = False
) -> bool:
    """Say whether the actor may know this achievement of the library, as `may_see` says it of needs.

    `pushed_to_actor`: the organiser chose it for one of the actor's needs.
    """
    if may_see_inside(actor, owner_id):
        return True
    if disclosure is Disclosure.INTERNAL:
        return False
    return disclosure is not Disclosure.TARGETED or pushed_to_actor


def hides_owner(actor: Actor, *, owner_id: int | None, disclosure: Disclosure) -> bool:
    """Say whether this reader may not learn whose an achievement is, nor who made it."""
    return disclosure is Disclosure.MASKED and not may_see_inside(actor, owner_id)


def told_to(actor: Actor, text: str, *, owner_id: int | None) -> str:
    """Return a text of an achievement as this reader sees it: contacts in it are its owner's to give."""
    return text if may_see_inside(actor, owner_id) else without_contacts(text)


def view_of(actor: Actor, need: NeedFaces, *, contacts_open: bool = False) -> NeedView:
    """Return the need as this actor sees it; ask `may_see` first.

    `contacts_open`: both sides accepted a pairing, so neither the firm's name nor a contact that its text
    holds is a secret to this one.
    """
    if may_see_inside(actor, need.organisation_id):
        return NeedView(
            need_id=need.need_id,
            firm=need.firm,
            town=need.town,
            title=need.title,
            text=need.text,
            budget=money_range(need.budget_min_fen, need.budget_max_fen, text=need.budget_text),
            inside=True,
        )
    named = need.disclosure is Disclosure.PUBLIC or contacts_open
    title, text = need.public_title or need.title, need.public_text or need.text
    if not contacts_open:
        title, text = without_contacts(title), without_contacts(text)
    if not named:  # what was approved may be from when the firm still gave its name
        title = suggested_public_text(need.public_title, need.firm) or UNTOLD
        text = suggested_public_text(need.public_text, need.firm)
    return NeedView(
        need_id=need.need_id,
        firm=need.firm if named else _coded(need),
        town=need.town,
        title=title,
        text=text,
        budget=budget_band(need.budget_min_fen, need.budget_max_fen),
        inside=False,
    )


def firm_code(number: int) -> str:
    """Return the code of the firm with this number at an event (代号): 企业A01."""
    return f"企业A{number:02d}"


def _coded(need: NeedFaces) -> str:
    words = masked_firm(trade=need.trade, size=need.firm_size, town=need.town)
    if not need.code:
        return words
    return need.code if words == "某企业" else f"{need.code}（{words}）"


def title_outside(*, title: str, public_title: str, disclosure: Disclosure, firm: str) -> str:
    """Return what a need is called to anybody: its own title only where the firm hides nothing."""
    if disclosure is Disclosure.PUBLIC:
        return without_contacts(public_title or title)
    return suggested_public_text(public_title, firm) or UNTOLD


def suggested_public_text(text: str, firm: str) -> str:
    """Return the original without the firm's own name and without contacts, for the organiser to edit."""
    for name in sorted(
        {firm, firm.removesuffix("有限公司"), firm.removesuffix("股份有限公司")}, key=len, reverse=True
    ):
        if len(name) >= 4:
            text = text.replace(name, "本企业")
    return without_contacts(text)


_LEGAL_FORM = re.compile(r"(?:科技|实业|集团|控股)*(?:有限责任公司|股份有限公司|有限公司|公司|厂)$")
_PLACE = re.compile(
    r"^(?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川"
    r"|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|[一-鿿]{2,3}(?=[省市县区]))?[省市县区]?"
)


def short_name_in(text: str, firm: str) -> str:
    """Return the short name by which a text may give a firm away, "" when it does not: 绿泉泵阀.

    A guess, for a person to look at: a name may be made of common words.
    """
    bare = _LEGAL_FORM.sub("", firm)
    for name in (bare, _PLACE.sub("", bare)):
        if len(name) >= 4 and name in text:
            return name
    return ""
