"""Who could meet whom in a version of the pairing list: the map, and the best that is not chosen."""

from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from flask import request
from sqlalchemy import select

from matchmaker.store.queries.pairings import (
    PairingLine,
    titles_of,
)
from matchmaker.store.tables import Need, PairingList
from matchmaker.web.frame import session_here
from matchmaker.web.presentation import link

# A larger map is drawn when it is asked for.
_CELLS_AT_ONCE = 1_500


_OPTIONS_OF_A_FIRM = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """Who could meet whom, as the macro draws it."""

    rows: list[tuple[int, str]]
    columns: list[tuple[int, str, str]]
    cells: dict[tuple[int, int], dict[str, Any]]


def cells_of(row: PairingList) -> int:
    """Return how many cells the map of a version has; 0 for one that cannot be drawn."""
    result = row.result
    return len(result["firms"]) * len(result["experts"]) if result.get("options") else 0


def draws_map(row: PairingList) -> bool:
    """Say whether the map of a version is drawn: it is small, or was asked for."""
    return bool(request.args.get("map")) or 0 < cells_of(row) <= _CELLS_AT_ONCE


def heat_of(row: PairingList, lines: list[PairingLine]) -> HeatMap:
    """Return the map of a version, from what it remembers: enterprises against people."""
    session, result = session_here(), row.result
    needs, achievements = titles_of(
        session,
        need_ids=[option[0] for option in result["options"]],
        achievement_ids=[option[2] for option in result["options"]],
    )
    firm_of = _firms(row)
    chosen = {(line.enterprise.id, line.expert_key) for line in lines}
    cells: dict[tuple[int, int], dict[str, Any]] = {}
    for need_id, key, achievement_id, value, banned, match_id in result["options"]:
        place = (firm_of.get(need_id, 0), key)
        known = cells.get(place)
        if known and (known["score"] or 0) >= value / 100 and not known["forbidden"]:
            continue
        words = f"{needs.get(need_id, '')} × {achievements.get(achievement_id, '')}"
        cells[place] = {
            "score": round(value / 100),
            "chosen": place in chosen,
            "forbidden": bool(banned) and place not in chosen,
            "url": link("matches.detail", match_id=match_id) if match_id else "",
            "note": f"{words}：{banned}" if banned else words,
        }
    return HeatMap(
        rows=[(key, name) for key, name in result["firms"]],
        columns=[(key, f"{name} {title}".strip(), home) for key, name, title, home in result["experts"]],
        cells=cells,
    )


def _firms(version: PairingList) -> dict[int, int]:
    """Return need id → enterprise id of everything in a version's question."""
    ids = {option[0] for option in version.result["options"]}
    found = session_here().execute(select(Need.id, Need.organisation_id).where(Need.id.in_(ids)))
    return {row.id: row.organisation_id for row in found}


def options_of(row: PairingList, lines: list[PairingLine]) -> list[tuple[str, str, str]]:
    """Return (pair, words, enterprise) of the best that could be paired but is not, for the form of rules."""
    there = {(line.need.id, line.achievement.id) for line in lines}
    others = (option for option in row.result["options"] if (option[0], option[2]) not in there)
    by_firm = _firms(row)
    rest: list[Any] = []
    best = sorted(others, key=lambda option: (by_firm.get(option[0], 0), -option[3]))
    for _firm, group in groupby(best, key=lambda option: by_firm.get(option[0], 0)):
        rest += islice(group, _OPTIONS_OF_A_FIRM)
    needs, achievements = titles_of(
        session_here(), need_ids=[o[0] for o in rest], achievement_ids=[o[2] for o in rest]
    )
    firms, firm_of = dict(row.result["firms"]), by_firm
    return [
        (
            f"{need_id}-{achievement_id}",
            f"{round(value / 100)} 分 {needs.get(need_id, '')} × {achievements.get(achievement_id, '')}",
            firms.get(firm_of.get(need_id, 0), ""),
        )
        for need_id, _who, achievement_id, value, *_rest in sorted(rest, key=lambda option: -option[3])
    ]
