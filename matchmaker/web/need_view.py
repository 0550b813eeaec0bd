"""What the pages about needs share: the page for its owner, the coach, the timeline, the list's state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker import clock
from matchmaker.domain.disclosure import may_see
from matchmaker.domain.permissions import may_see_inside, owns
from matchmaker.domain.saying import later
from matchmaker.domain.states import NeedState
from matchmaker.domain.word_changes import Piece, word_changes
from matchmaker.errors import NotFound
from matchmaker.services.coach import Advice, NeedWords, advise, trades
from matchmaker.services.reach import firm_hears
from matchmaker.store.queries import needs as queries
from matchmaker.store.queries.need_work import Change
from matchmaker.store.queries.needs import NeedFilter, NeedLine, NeedPage
from matchmaker.store.tables import Need
from matchmaker.web.frame import actor_here, session_here, settings_here
from matchmaker.web.parts import ListState, Step
from matchmaker.web.presentation import field_name, label, listed

PER_PAGE = 50
RETURN_REASONS = (
    later("难题没有写清"),
    later("缺少量化指标"),
    later("联系方式不通"),
    later("不属于技术需求"),
    later("含有涉密或不宜公开内容"),
)
# fields whose words are ids of lists
_IDS = {"need_type": "need_type", "disclosure": "disclosure", "coop_modes": "coop_mode"}
_LATER = (NeedState.INTENDED, NeedState.CONTRACTED, NeedState.SOLVED)


def page_for_owner(need_id: int) -> NeedPage:
    """Return a need's page for the organiser or its owner. Raises NotFound for anybody else."""
    page = queries.need_page(session_here(), need_id, for_firm=not actor_here().organises)
    if page is None or not may_see_inside(actor_here(), page.organisation.id) or _unsent(page):
        raise NotFound()
    return page


def visible_page(need_id: int) -> NeedPage:
    """Return a need's page for whoever may see some of it. Raises NotFound for the others."""
    page = queries.need_page(session_here(), need_id, for_firm=not actor_here().organises)
    if page is None or _unsent(page):
        raise NotFound()
    pushed = queries.pushed_to(session_here(), need_id, actor_here().organisation_ids)
    if not may_see(actor_here(), page.line.faces, pushed_to_actor=pushed):
        raise NotFound()
    return page


def _unsent(page: NeedPage) -> bool:
    """Say whether this is a draft that its enterprise has not sent: nobody else's business yet."""
    need = page.line.need
    mine = owns(actor_here(), need.organisation_id)
    return need.status is NeedState.DRAFT and need.source == "web_form" and not mine


def advice_on(need: NeedWords) -> Advice:
    """Return what the coach says of one need or draft."""
    return advise(need, trades(session_here()))


def advice_on_all(lines: Sequence[NeedLine]) -> dict[int, Advice]:
    """Return what the coach says of the needs of a list, by id."""
    themes = trades(session_here())
    return {line.id: advise(line.need, themes) for line in lines}


def timeline(line: NeedLine) -> list[Step]:
    """Return the stations of a need from the form to the solution."""
    need = line.need
    reached = [
        (_("已提交"), need.submitted_at),
        (_("已受理"), need.accepted_at),
        (_("已发布"), need.published_at),
    ]
    steps = [
        Step(title=words, state="done" if at else "todo", at=f"{clock.local(at):%m-%d}" if at else "")
        for words, at in reached
    ]
    proposed = not line.being_computed and need.proposed_version is not None
    steps.insert(
        1,
        Step(
            title=_proposed(line.good_matches) if proposed else _("推荐成果"),
            state="done" if proposed else "todo",
        ),
    )
    place = _LATER.index(need.status) if need.status in _LATER else -1
    return steps + [
        Step(title=label("need_status", state), state="done" if number <= place else "todo")
        for number, state in enumerate(_LATER)
    ]


def _proposed(good: int) -> str:
    """Say how many proposals are good enough to name: the number that the lists of needs show."""
    return str(_("已推荐 %(n)s 项", n=good) if good else _("暂无较强的匹配"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """What one save changed, each field with the words that went and came."""

    at: datetime
    cause: str
    who: str
    fields: tuple[tuple[str, tuple[Piece, ...]], ...]


def change_views(changes: Sequence[Change]) -> list[ChangeView]:
    """Return the log of a need's changes as it is read, ids told in words."""
    return [
        ChangeView(
            at=change.at,
            cause=change.cause,
            who=change.who,
            fields=tuple(
                (field, word_changes(_in_words(field, before), _in_words(field, after)))
                for field, before, after in change.fields
            ),
        )
        for change in changes
    ]


def _in_words(field: str, value: str) -> str:
    parts = value.split("、") if value else []
    if field == "fields":
        return listed(field_name(part) for part in parts)
    return listed(label(_IDS[field], part) for part in parts) if field in _IDS else value


def asked(**more: Any) -> NeedFilter:
    """Return the filter that the address asks for."""
    arguments = request.args
    return NeedFilter(
        search=arguments.get("q", "")[:100],
        states=tuple(arguments.getlist("state")),
        fields=tuple(code for code in arguments.getlist("field") if code.isalnum()),
        towns=tuple(arguments.getlist("town")),
        **more,
    )


def first() -> int:
    """Return how many rows come before the page that the address asks for."""
    page = request.args.get("page", "1")
    return (max(1, int(page)) - 1) * PER_PAGE if page.isdecimal() and len(page) < 7 else 0


def list_state(total: int) -> ListState:
    """Return where the reader is in a list of needs."""
    return ListState.read(request.path, request.args.items(multi=True), total=total, per_page=PER_PAGE)


def ticked() -> list[int]:
    """Return the ids of the rows ticked in a list, at most a thousand."""
    return [int(value) for value in request.form.getlist("ids") if value.isdecimal() and len(value) < 10][
        :1000
    ]


def version() -> int | None:
    """Return the version that a form was made from."""
    word = request.form.get("version", "")
    return int(word) if word.isdecimal() else None


def back(usual: str) -> ResponseReturnValue:
    """Go on to the next page after a save."""
    return redirect(usual, 303)


def say_if_unheard(need: Need, words: str) -> None:
    """Tell the organiser what is left to do where nobody of the firm can be told by the system."""
    if not firm_hears(session_here(), settings_here(), need):
        flash(_("这家企业没有账号，也收不到邮件，系统通知不到：") + words, "warning")
