"""Takes an edited pairing list over as a new version, with who changed what and why."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import PairingState
from matchmaker.errors import Conflict, InvalidInput
from matchmaker.services.firm_codes import give_codes
from matchmaker.services.pairing_edit_diff import EditDiff, Wanted
from matchmaker.services.pairing_edits import difference, edit_of
from matchmaker.services.pairing_lists import open_event
from matchmaker.services.pairing_rows import follower_of, remark_of
from matchmaker.store.tables import Organisation, Pairing, PairingList


def accept_edit(
    session: Session, actor: Actor, *, event_id: int, edit_id: int, reason: str, despite: bool = False
) -> PairingList:
    """Make an edited list the event's next version; asking again returns the same version.

    `despite`: the organiser has seen which rules it breaks, or that it leaves no meeting. Raises
    InvalidInput without a reason, while rows are wrong, or while that is unseen; Conflict when it changes
    nothing.
    """
    edit = edit_of(session, actor, event_id=event_id, edit_id=edit_id)
    if edit.made_list_id is not None:
        return session.get_one(PairingList, edit.made_list_id)
    open_event(session, actor, event_id)
    found = difference(session, edit)
    problems = [*found.problems]
    if not reason.strip():
        message = "请写一句为什么这样改，留在这一版的记录里。"
        problems.append(Problem(field="reason", code="missing", message=message))
    if found.broken and not despite:
        message = "这份清单违反了一些规定，请看过下面列出的各条，再勾选“仍要采用”。"
        problems.append(Problem(field="despite", code="rules", message=message))
    if found.emptied and not despite:
        message = "这份文件里一场洽谈也没有了。请核对是不是传错或误删，确实要清空再勾选“仍要采用”。"
        problems.append(Problem(field="despite", code="emptied", message=message))
    if problems:
        raise InvalidInput(problems)
    if found.nothing:
        raise Conflict("文件里的安排与系统里这一版相同，没有需要采用的改动。")
    return _save(session, actor, found, reason=reason.strip())


def _save(session: Session, actor: Actor, found: EditDiff, *, reason: str) -> PairingList:
    edit = found.edit
    newest = session.scalar(select(func.max(PairingList.number)).where(PairingList.event_id == edit.event_id))
    row = PairingList(
        event_id=edit.event_id,
        number=(newest or 0) + 1,
        settings=dict(found.base.settings),
        result=_report(session, actor, found, reason),
        day=dict(found.base.day),
        created_by_id=actor.user_id,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()  # the pairings hang on its id
    for place, one in enumerate(found.wanted, 1):
        session.add(_pairing(row, one, place=place if found.reordered else None, reason=reason))
    edit.made_list_id = row.id
    session.flush()  # the caller may read the lines back
    give_codes(session, row.event_id)
    return row


def _pairing(row: PairingList, one: Wanted, *, place: int | None, reason: str) -> Pairing:
    need_id, achievement_id = one.key
    was = one.line.pairing if one.line else None
    option = one.option
    return Pairing(
        list_id=row.id,
        event_id=row.event_id,
        match_id=was.match_id if was else option.match_id if option else None,
        need_id=need_id,
        achievement_id=achievement_id,
        expert_id=was.expert_id if was else one.seat.person_id,
        value=was.value if was else option.value if option else 0,
        pinned=was.pinned if was else False,
        reason=was.reason if was else _said(one, reason),
        follower=_own(one.follower, follower_of(one.line) if one.line else "", was.follower if was else ""),
        remark=_own(one.remark, remark_of(one.line) if one.line else "", was.remark if was else ""),
        place=place,
        status=PairingState.SHORTLISTED,
        slot=one.slot,
        table_number=one.table,
    )


def _said(one: Wanted, reason: str) -> str:
    known = one.option.reason if one.option else ""
    return "；".join(part for part in (f"人工加入：{reason}", known) if part)


def _own(typed: str, exported: str, stored: str) -> str:
    """Return the organiser's own words: what was exported for want of any is not made theirs."""
    return stored if typed == exported else typed


def _report(session: Session, actor: Actor, found: EditDiff, reason: str) -> dict[str, Any]:
    """Return what the version remembers: the figures anew, no proof, and the edit itself."""
    base = found.base.result
    firms = dict(base.get("firms", ())) | {
        one.enterprise_id: session.get_one(Organisation, one.enterprise_id).name for one in found.wanted
    }
    served = {one.enterprise_id for one in found.wanted}
    return {
        "seats": found.room.tables * found.room.slots,
        "left_out": [],
        **base,
        "served": len(served),
        "enterprises": len(firms),
        "meetings": len(found.wanted),
        "total_value": sum(_value(one) for one in found.wanted),
        "unserved": [
            {"id": key, "name": name, "reason": _why_unserved(base, key)}
            for key, name in sorted(firms.items())
            if key not in served
        ],
        "price": None,
        "certificate": {"checked": False, "note": "", "faults": []},
        "timetable": {
            "proved": False,
            "unplaced": [f"{one.seat.name}的一场还没有时间" for one in found.wanted if one.slot is None],
            "warnings": [],
        },
        "firms": [[key, name] for key, name in sorted(firms.items())],
        "experts": _experts(base, found),
        "options": _options(base, found),
        "edited": _story(actor, found, reason),
    }


def _value(one: Wanted) -> int:
    return one.line.pairing.value if one.line else one.option.value if one.option else 0


def _why_unserved(base: Mapping[str, Any], key: int) -> str:
    known = {entry["id"]: str(entry["reason"]) for entry in base.get("unserved", ())}
    return known.get(key, "人工修改清单时去掉了它的洽谈")


def _experts(base: Mapping[str, Any], found: EditDiff) -> list[list[Any]]:
    known = {entry[0]: list(entry) for entry in base.get("experts", ())}
    for one in found.wanted:
        seat = one.seat
        known.setdefault(seat.key, [seat.key, seat.name, seat.title, seat.organisation])
    return [known[key] for key in sorted(known)]


def _options(base: Mapping[str, Any], found: EditDiff) -> list[list[Any]]:
    known = {(entry[0], entry[1]): list(entry) for entry in base.get("options", ())}
    for one in found.wanted:
        banned = one.option.banned if one.option else ""
        match_id = one.option.match_id if one.option else None
        known.setdefault(
            (one.key[0], one.seat.key), [one.key[0], one.seat.key, one.key[1], _value(one), banned, match_id]
        )
    return [known[key] for key in sorted(known)]


def _story(actor: Actor, found: EditDiff, reason: str) -> dict[str, Any]:
    told: dict[str, list[str]] = {"added": [], "removed": [], "moved": [], "noted": []}
    for change in found.changes:
        if change.kind == "moved":
            told["moved"].append(f"{change.words}（{change.before or '未排'} → {change.after or '未排'}）")
        elif change.kind != "same":
            told[change.kind].append(change.words)
    return {
        "since": found.base.number,
        "file": found.edit.filename,
        "by": actor.name,
        "why": reason,
        "reordered": found.reordered,
        "broken": found.broken,
        **told,
    }
