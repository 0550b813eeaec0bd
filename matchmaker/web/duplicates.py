"""Entries that may be one thing, side by side: merged with a click, or said to be two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchmaker.domain import showing
from matchmaker.domain.duplicates import Pair
from matchmaker.domain.saying import later
from matchmaker.errors import WrongState
from matchmaker.services import duplicates as service
from matchmaker.services import merging
from matchmaker.services.kept_apart import keep_apart
from matchmaker.services.merge_references import TABLES
from matchmaker.store.queries.duplicates import count_merges, merges_page
from matchmaker.store.queries.organisations import counts_of
from matchmaker.store.tables import Merge, Organisation, Person
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.parts import Column, ListState
from matchmaker.web.presentation import label, offer_undo
from matchmaker.web.upload_view import column_words, value_words

blueprint = Blueprint("duplicates", __name__, url_prefix="/duplicates")
_PER_PAGE = 10
_NAMES = {
    "name": later("名称"),
    "profile": later("简介"),
    "address": later("地址"),
    "website": later("网址"),
    "size": later("规模"),
    "province": later("省份"),
    "city": later("城市"),
}
_PERSON_NAMES = {"name": later("姓名"), "title": later("职称")}
_LINKS = {
    "organisation": ("organisations.detail", "organisation_id"),
    "need": ("needs.detail", "need_id"),
    "achievement": ("achievements.detail", "achievement_id"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two entries."""

    id: int
    label: str
    note: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One field of both; `pick` says which side a merging takes by itself, "" when they are equal.

    "neither" where the two are meant for different readers: the kept one keeps its own unless a person ticks.
    """

    name: str
    words: str
    left: str
    right: str
    pick: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """Two entries side by side."""

    left: Side
    right: Side
    why: str
    certain: bool
    fields: Sequence[FieldView]


@blueprint.get("")
@allow(Audience.ORGANISER)
def index() -> ResponseReturnValue:
    """Show the pairs of one kind, certain ones first; unasked, of the kind with most of them."""
    numbers = service.doubles_waiting(session_here())
    kind = _kind(request.args.get("kind", "") or max(numbers, key=lambda key: numbers[key]))
    found = service.likely_pairs(session_here(), kind)
    numbers |= {kind: len(found)}
    shared = service.shared_needs(session_here()) if kind == "need" else []
    state = ListState.read(request.path, request.args.items(multi=True), total=len(found), per_page=_PER_PAGE)
    start = (state.page - 1) * _PER_PAGE
    return render_template(
        "duplicates/index.html",
        kind=kind,
        tabs=[
            (words, url_for("duplicates.index", kind=key), key == kind, numbers[key])
            for key, words in _kind_words().items()
        ],
        state=state,
        pairs=[_pair_view(session_here(), kind, pair) for pair in found[start : start + _PER_PAGE]],
        shared=[_pair_view(session_here(), kind, pair) for pair in shared[:_PER_PAGE]],
        shared_total=len(shared),
    )


@blueprint.get("/pair")
@allow(Audience.ORGANISER)
def pair() -> ResponseReturnValue:
    """Show two entries side by side that nobody found alike, chosen by a person."""
    kind = _kind(request.args.get("kind", ""))
    left, right = (_id(request.args.get(name, "")) for name in ("left", "right"))
    one, other = merging.to_merge(session_here(), kind, left, right)
    return render_template(
        "duplicates/pair.html",
        kind=kind,
        pair=PairView(
            left=_side(session_here(), kind, one),
            right=_side(session_here(), kind, other),
            why="",
            certain=False,
            fields=_fields(session_here(), kind, one, other),
        ),
    )


def _id(words: str) -> int:
    """Return an id that was sent, 0 for what can be none."""
    return int(words) if words.isdecimal() and len(words) < 10 else 0


def _kind(asked: str) -> str:
    return asked if asked in service.KINDS else service.KINDS[0]


def _kind_words() -> dict[str, str]:
    return {"organisation": _("单位"), "need": _("需求"), "achievement": _("成果"), "person": _("人员")}


def _pair_view(session: Session, kind: str, pair: Pair) -> PairView:
    left, right = (session.get_one(TABLES[kind], key) for key in (pair.low, pair.high))
    return PairView(
        left=_side(session, kind, left),
        right=_side(session, kind, right),
        why=pair.why,
        certain=pair.certain,
        fields=_fields(session, kind, left, right),
    )


def _side(session: Session, kind: str, row: Any) -> Side:
    if kind == "organisation":
        people, needs, achievements = counts_of(session, row.id)
        held = _("人员 %(a)s · 需求 %(b)s · 成果 %(c)s", a=people, b=needs, c=achievements)
        notes = [label("organisation_kind", row.kind), row.uscc or "", row.town, held]
    else:
        owner = session.get(Organisation, row.organisation_id) if row.organisation_id else None
        notes = [owner.name if owner else ""]
        if kind == "need":
            notes += [row.code or "", label("need_status", row.status)]
        if kind == "achievement":
            notes += [label("record_type", row.record_type), label("achievement_status", row.status)]
    endpoint, argument = _LINKS.get(kind, _LINKS["organisation"])
    key = row.organisation_id if kind == "person" else row.id
    return Side(
        id=row.id,
        label=row.name if kind in ("organisation", "person") else row.title,
        note=" · ".join(note for note in notes if note),
        url=url_for(endpoint, **{argument: key}),
    )


def _fields(session: Session, kind: str, left: Any, right: Any) -> list[FieldView]:
    found = []
    for name in merging.FIELDS[kind]:
        one, other = getattr(left, name), getattr(right, name)
        if one in (None, "", []) and other in (None, "", []):
            continue
        pick = "" if one == other else _pick(kind, left, right, name)
        shown = [_shown(session, kind, name, value) for value in (one, other)]
        found.append(FieldView(name=name, words=_words(kind, name), left=shown[0], right=shown[1], pick=pick))
    return found


def _pick(kind: str, left: Any, right: Any, name: str) -> str:
    rightwards, leftwards = merging.may_fill(kind, right, left), merging.may_fill(kind, left, right)
    if getattr(left, name) in (None, "", []):
        return "right" if leftwards else "neither"
    if getattr(right, name) in (None, "", []):
        return "left" if rightwards else "neither"
    return "left" if leftwards and rightwards else "neither"


def _held_back(done: Merge) -> str:
    """Say which fields a merging did not copy, "" when there were none."""
    names = [_words(done.kind, name) for name in done.gone.get(merging.HELD_BACK, ())]
    return _("公开范围较窄，未转入：%(fields)s", fields="、".join(names)) if names else ""


def _words(kind: str, name: str) -> str:
    names: Mapping[str, str] = _PERSON_NAMES if kind == "person" else _NAMES
    return _("联系人") if name == "contact_id" else _(names[name]) if name in names else column_words(name)


def _shown(session: Session, kind: str, name: str, value: Any) -> str:
    """Return a value in words; contacts of people stay masked, for looking at them is recorded."""
    if name == "contact_id":
        person = session.get(Person, value) if value else None
        return f"{person.name} {showing.masked_phone(person.phone)}" if person else value_words(name, "")
    if value and (kind, name) == ("person", "phone"):
        return "、".join(showing.masked_phone(part) for part in value.split("、"))
    if value and (kind, name) == ("person", "email"):
        return showing.masked_email(value)
    return value_words(name, value.value if hasattr(value, "value") else value)


@blueprint.post("/merge")
@allow(Audience.ORGANISER)
def merge() -> ResponseReturnValue:
    """Merge two entries: `keep` stays, and each field's value comes from the side that was ticked."""
    kind, keep = _kind(request.form.get("kind", "")), _id(request.form.get("keep", ""))
    sides = {side: _id(request.form.get(side, "")) for side in ("left", "right")}
    if keep not in sides.values():
        raise WrongState("请选择保留左边还是右边的一条。")
    gone_side = "right" if keep == sides["left"] else "left"
    taken = [name for name in merging.FIELDS[kind] if request.form.get(f"pick-{name}") == gone_side]
    done = merging.merge(
        session_here(), actor_here(), kind=kind, kept_id=keep, gone_id=sides[gone_side], taken=taken
    )
    words = _("已把“%(gone)s”合并到“%(kept)s”", gone=done.gone_label, kept=done.kept_label)
    offer_undo(
        "；".join(filter(None, (words, _held_back(done)))), url_for("duplicates.undo", merge_id=done.id)
    )
    return redirect(url_for("duplicates.index", kind=kind), 303)


@blueprint.post("/apart")
@allow(Audience.ORGANISER)
def apart() -> ResponseReturnValue:
    """Note that two entries are two things."""
    kind = _kind(request.form.get("kind", ""))
    left, right = (_id(request.form.get(name, "")) for name in ("left", "right"))
    keep_apart(session_here(), actor_here(), kind=kind, one_id=left, other_id=right)
    flash(_("已记下：这是两条不同的记录，以后不再提示。"), "success")
    return redirect(url_for("duplicates.index", kind=kind), 303)


@blueprint.get("/log")
@allow(Audience.ORGANISER)
def log() -> ResponseReturnValue:
    """Show what was merged, by whom, and let it be taken back."""
    total = count_merges(session_here())
    state = ListState.read(request.path, request.args.items(multi=True), total=total)
    rows = merges_page(session_here(), offset=(state.page - 1) * state.per_page, limit=state.per_page)
    columns = [
        Column(key="what", title=_("合并")),
        Column(key="kind", title=_("类型")),
        Column(key="by", title=_("经办")),
        Column(key="at", title=_("时间")),
        Column(key="acts", title=""),
    ]
    return render_template(
        "duplicates/log.html",
        state=state,
        rows=rows,
        columns=columns,
        kind_words=_kind_words(),
        held_back={row.id: _held_back(row) for row in rows},
    )


@blueprint.post("/log/<int:merge_id>/undo")
@allow(Audience.ORGANISER)
def undo(merge_id: int) -> ResponseReturnValue:
    """Take a merging back."""
    done = merging.undo_merge(session_here(), actor_here(), merge_id=merge_id)
    flash(_("已撤销合并，“%(name)s”恢复为单独一条。", name=done.gone_label), "success")
    return redirect(url_for("duplicates.log"), 303)
