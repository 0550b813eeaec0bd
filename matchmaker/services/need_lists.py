"""需求清单: frozen editions of the needs of an industry or field, as outsiders may read them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker import clock, wording
from matchmaker.domain.disclosure import may_see, view_of
from matchmaker.domain.editions import Differences, compare
from matchmaker.domain.permissions import ANYONE, Actor
from matchmaker.domain.saying import later
from matchmaker.domain.states import NEEDS_SHOWN_OUTSIDE, Disclosure, NeedState
from matchmaker.domain.themes import Described, ThemeWords, themes_of
from matchmaker.domain.written_contacts import without_contacts
from matchmaker.errors import NotAllowed, NotFound, WrongState
from matchmaker.store.queries.needs import faces_of
from matchmaker.store.tables import Need, NeedListEdition, Organisation, Theme

# wanted still: what is signed or solved leaves the next edition
LISTED = frozenset({NeedState.PUBLISHED, NeedState.MATCHING, NeedState.INTENDED})
_OPEN_TO_ALL = (Disclosure.PUBLIC, Disclosure.MASKED)
EVERYTHING = "all"
_ELSEWHERE = later("改列其他产业、领域")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a list is about: `key` is all, theme:<slug> or field:<code>."""

    key: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    entry: dict[str, Any]
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeState:
    """A scope with its last edition and what the next one would change."""

    scope: Scope
    listed: int
    last: NeedListEdition | None
    differences: Differences


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPage:
    """An edition as it may be read today; `hidden` entries are no longer open to everybody.

    `differences` are those to the edition before, each list with need ids and titles.
    """

    edition: NeedListEdition
    entries: tuple[Mapping[str, Any], ...]
    differences: Mapping[str, Sequence[Mapping[str, Any]]]
    hidden: int
    latest: bool


def scopes(session: Session) -> list[Scope]:
    """Return everything a list can be about: all needs, each theme, each field of the first level."""
    return [
        Scope(key=EVERYTHING, name=later("全部产业")),
        *(Scope(key=f"theme:{row.slug}", name=row.name) for row in _themes(session)),
        *(Scope(key=f"field:{code}", name=f"{name}领域") for code, name in _fields()),
    ]


def _themes(session: Session) -> Sequence[Theme]:
    return session.scalars(select(Theme).order_by(Theme.place, Theme.id)).all()


def _fields() -> list[tuple[str, str]]:
    return [(code, name) for code, name, parent in wording.fields() if not parent]


def scope_states(session: Session) -> list[ScopeState]:
    """Return the scopes that have needs or an edition, with what the next edition would change."""
    listed = _listed(session)
    last = latest_editions(session)
    states = []
    for scope in scopes(session):
        entries = [one.entry for one in listed if scope.key in one.scopes]
        edition = last.get(scope.key)
        if entries or edition:
            differences = compare(edition.entries if edition else [], entries)
            states.append(ScopeState(scope=scope, listed=len(entries), last=edition, differences=differences))
    return states


def latest_editions(session: Session) -> dict[str, NeedListEdition]:
    """Return scope key → its newest edition."""
    newest = (
        select(NeedListEdition.scope, func.max(NeedListEdition.number).label("number"))
        .group_by(NeedListEdition.scope)
        .subquery()
    )
    rows = session.scalars(
        select(NeedListEdition)
        .join(
            newest,
            (newest.c.scope == NeedListEdition.scope) & (newest.c.number == NeedListEdition.number),
        )
        .order_by(NeedListEdition.id)
    )
    return {row.scope: row for row in rows}


def issue_edition(session: Session, actor: Actor, *, scope_key: str) -> NeedListEdition:
    """Freeze the present needs of a scope as its next edition.

    Raises NotAllowed, NotFound for an unknown scope, and WrongState when it would say the same as
    the last one, or nothing.
    """
    if not actor.organises:
        raise NotAllowed()
    scope = next((one for one in scopes(session) if one.key == scope_key), None)
    if scope is None:
        raise NotFound("没有这个产业或领域，请刷新页面再选。")
    entries = [one.entry for one in _listed(session) if scope.key in one.scopes]
    last = latest_editions(session).get(scope.key)
    differences = compare(last.entries if last else [], entries)
    if not differences.any:
        raise WrongState("现在的需求和上一期完全一样，不用出新的一期。" if last else "还没有可以公开的需求。")
    edition = NeedListEdition(
        scope=scope.key,
        scope_name=scope.name,
        number=last.number + 1 if last else 1,
        issued_on=clock.today(),
        entries=entries,
        differences=_stored(session, differences),
        created_by_id=actor.user_id,
        created_at=clock.now(),
    )
    session.add(edition)
    session.flush()
    return edition


def _stored(session: Session, differences: Differences) -> dict[str, Any]:
    """Return the differences for the row; what is gone is named only while everybody may still see it."""
    needs = _needs_by_id(session, [entry["need_id"] for entry in differences.withdrawn])
    withdrawn = [_gone(entry, needs.get(entry["need_id"])) for entry in differences.withdrawn]
    return asdict(differences) | {"withdrawn": withdrawn}


def _needs_by_id(session: Session, need_ids: Sequence[int]) -> dict[int, Need]:
    return {need.id: need for need in session.scalars(select(Need).where(Need.id.in_(need_ids)))}


def _gone(entry: dict[str, Any], need: Need | None) -> dict[str, Any]:
    if need and need.status in NEEDS_SHOWN_OUTSIDE and need.disclosure in _OPEN_TO_ALL:
        why = _ELSEWHERE if need.status in LISTED else wording.label("need_status", need.status)
        return entry | {"why": why}
    code = (need.code if need else None) or str(entry["need_id"])
    return entry | {"title": f"需求 {code}", "why": "不再公开"}


def _listed(session: Session) -> list[_Listed]:
    """Return the needs open to everybody with the scopes they belong to, longest published first."""
    rows = session.execute(
        select(Need, Organisation)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .where(Need.status.in_(LISTED), Need.disclosure.in_(_OPEN_TO_ALL))
        .order_by(Need.published_at, Need.id)
    )
    slugs = {row.id: row.slug for row in _themes(session)}
    words = [
        ThemeWords(key=row.id, words=row.words, fields=row.fields, industries=row.industries)
        for row in _themes(session)
    ]
    return [_Listed(entry=_entry(need, firm), scopes=_scopes_of(need, words, slugs)) for need, firm in rows]


def _scopes_of(need: Need, themes: Sequence[ThemeWords], slugs: Mapping[int, str]) -> frozenset[str]:
    described = Described(
        title=need.title,
        text=f"{need.problem}{need.key_points}",
        fields=need.fields,
        industry=need.industry,
    )
    of_themes = {f"theme:{slugs[key]}" for key in themes_of(described, themes)}
    of_fields = {
        f"field:{code}" for code, _ in _fields() if any(str(one).startswith(code) for one in need.fields)
    }
    return frozenset({EVERYTHING} | of_themes | of_fields)


def _entry(need: Need, firm: Organisation) -> dict[str, Any]:
    """Return a need as anybody may read it."""
    view = view_of(ANYONE, faces_of(need, firm))
    names = wording.field_names()
    return {
        "need_id": need.id,
        "code": need.code or "",
        "title": view.title,
        "text": view.text,
        "firm": view.firm,
        "town": view.town,
        "fields": "、".join(names.get(code, code) for code in need.fields)
        or without_contacts(need.field_text),
        "budget": view.budget,
        "period": without_contacts(need.period_text),
    }


def edition_page(session: Session, actor: Actor, edition_id: int) -> EditionPage:
    """Return an edition without what its firm has since withdrawn from the public.

    Frozen words stay, but where the firm is named otherwise than today, as when it now hides its name:
    then the words of today stand, for the old ones may name it. Raises NotFound, also for an older
    edition when the reader is not the organiser.
    """
    edition = session.get(NeedListEdition, edition_id)
    if edition is None:
        raise NotFound()
    latest = latest_editions(session)[edition.scope].id == edition.id
    if not (latest or actor.organises):
        raise NotFound()
    now = _shown_now(session, [entry["need_id"] for entry in edition.entries])
    entries = tuple(
        entry if entry["firm"] == now[entry["need_id"]]["firm"] else {**entry, **now[entry["need_id"]]}
        for entry in edition.entries
        if entry["need_id"] in now
    )
    return EditionPage(
        edition=edition,
        entries=entries,
        differences=_differences_now(session, edition, {entry["need_id"]: entry for entry in entries}),
        hidden=len(edition.entries) - len(entries),
        latest=latest,
    )


def _differences_now(
    session: Session, edition: NeedListEdition, entries: Mapping[int, Mapping[str, Any]]
) -> dict[str, list[Mapping[str, Any]]]:
    """Return what differs from the edition before, with titles that everybody may still read."""
    frozen = edition.differences
    standing: dict[str, list[Mapping[str, Any]]] = {
        kind: [
            {**one, "title": entries[one["need_id"]]["title"]}
            for one in frozen[kind]
            if one["need_id"] in entries
        ]
        for kind in ("added", "changed")
    }
    gone = [one["need_id"] for one in frozen["withdrawn"]]
    now, needs = _shown_now(session, gone), _needs_by_id(session, gone)
    withdrawn: list[Mapping[str, Any]] = [
        {**one, "title": now[key]["title"]} if (key := one["need_id"]) in now else _gone(one, needs.get(key))
        for one in frozen["withdrawn"]
    ]
    return standing | {"withdrawn": withdrawn}


def _shown_now(session: Session, need_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return need id → its firm and words as anybody may read them; needs hidden by now are absent."""
    rows = session.execute(
        select(Need, Organisation)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .where(Need.id.in_(need_ids))
    )
    faces = [faces_of(need, firm) for need, firm in rows]
    views = [view_of(ANYONE, one) for one in faces if may_see(ANYONE, one)]
    return {view.need_id: {"firm": view.firm, "title": view.title, "text": view.text} for view in views}
