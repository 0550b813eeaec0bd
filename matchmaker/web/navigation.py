"""The menu: one table, read by audience."""

from collections.abc import Iterator

from flask import current_app, request, url_for
from flask_babel import lazy_gettext

from matchmaker.domain.permissions import Actor
from matchmaker.web.access import audiences_of, may_call
from matchmaker.web.parts import NavItem

_GROUPS = {
    "mine": lazy_gettext("我的"),
    "organise": lazy_gettext("对接"),
    "library": lazy_gettext("资料库"),
    "manage": lazy_gettext("管理"),
}

# endpoint, title, icon, group; an entry shows when its view exists and the actor may call it
_MENU = (
    ("organiser.board", lazy_gettext("看板"), "dashboard", "organise"),
    ("needs.review", lazy_gettext("需求受理"), "inbox", "organise"),
    ("needs.mine", lazy_gettext("我的需求"), "list", "mine"),
    ("needs.new", lazy_gettext("发布需求"), "plus", "mine"),
    ("uploads.index", lazy_gettext("上传清单"), "upload", "library"),
    ("achievements.index", lazy_gettext("成果库"), "books", "library"),
    ("experts.index", lazy_gettext("专家"), "users", "library"),
    ("matches.workbench", lazy_gettext("配对工作台"), "link", "organise"),
    ("matches.mine", lazy_gettext("推荐给我的"), "bulb", "mine"),
    ("claims.index", lazy_gettext("揭榜"), "flag", "organise"),
    ("events.index", lazy_gettext("活动"), "calendar", "organise"),
    ("planner.index", lazy_gettext("专场规划"), "layout-kanban", "organise"),
    ("events.mine", lazy_gettext("我的活动"), "calendar", "mine"),
    ("tracking.index", lazy_gettext("跟踪台账"), "chart", "organise"),
    ("tracking.debts", lazy_gettext("待办"), "checklist", "organise"),
    ("notices.inbox", lazy_gettext("消息"), "bell", "mine"),
    ("organisations.index", lazy_gettext("单位与人员"), "building", "manage"),
    ("duplicates.index", lazy_gettext("疑似重复"), "git-merge", "manage"),
    ("accounts.users", lazy_gettext("账号"), "user", "manage"),
    ("queue.index", lazy_gettext("消息与任务"), "activity", "manage"),
    ("settings.index", lazy_gettext("设置"), "settings", "manage"),
)


def menu_for(actor: Actor) -> list[NavItem]:
    """Return the entries this actor may open, in their order."""
    return list(_items(actor)) if actor.user_id is not None else []


def _items(actor: Actor) -> Iterator[NavItem]:
    for endpoint, title, icon, group in _MENU:
        if endpoint not in current_app.view_functions:
            continue
        if not may_call(actor, audiences_of(current_app, endpoint)):
            continue
        active = (request.endpoint or "").split(".")[0] == endpoint.split(".")[0]
        same_blueprint = request.endpoint == endpoint
        alone = sum(entry[0].split(".")[0] == endpoint.split(".")[0] for entry in _MENU) == 1
        yield NavItem(
            title=str(title),
            url=url_for(endpoint),
            icon=icon,
            active=same_blueprint or (active and alone),
            group=str(_GROUPS[group]),
        )
