"""The kinds of lists, and the verdict on their rows: one code for preview, import and undo."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from matchmaker.domain.imports import Deed, Judgement
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.states import Role, Verdict
from matchmaker.services import import_achievements, import_contracts, import_needs, import_people
from matchmaker.services.import_owners import Owners
from matchmaker.services.import_values import Memory
from matchmaker.store.queries.list_rows import ListRow
from matchmaker.store.tables import Upload

Judge = Callable[
    [Session, Actor, Upload, Sequence[ListRow], Memory], tuple[list[Judgement], list[list[Problem]]]
]
Meet = Callable[[Session, Actor, Upload, Sequence[tuple[ListRow, Deed]]], Any]
BringIn = Callable[[Session, Actor, Upload, Sequence[tuple[ListRow, Deed]], Any], Owners]
TakeBack = Callable[[Session, Actor, Upload, Sequence[ListRow], Sequence[ListRow]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKind:
    """What one kind of row can do: be judged and made ready, go in, say what holds it, come out again.

    `meet` reads what `bring_in` needs of the library, as far as that can be done before anything is written.
    """

    judge: Judge
    prepare: Callable[[Sequence[ListRow]], None]
    meet: Meet
    bring_in: BringIn
    blocked: Callable[[Session, Sequence[ListRow]], set[int]]
    take_back: TakeBack


def _as_they_are(rows: Sequence[ListRow]) -> None:
    """Do nothing: these rows are few, and read when they are brought in."""


def _nobody(session: Session, actor: Actor, upload: Upload, work: Sequence[tuple[ListRow, Deed]]) -> None:
    """Meet nobody: bringing in these few rows does it."""


# people first: needs and achievements then find them
KINDS: Mapping[str, ListKind] = {
    name: ListKind(
        judge=module.judge,
        prepare=getattr(module, "prepare", _as_they_are),
        meet=getattr(module, "meet", _nobody),
        bring_in=module.bring_in,
        blocked=module.blocked,
        take_back=module.take_back,
    )
    for name, module in (
        ("people", import_people),
        ("achievement", import_achievements),
        ("need", import_needs),
        ("contract", import_contracts),
    )
}


def allowed_kinds(actor: Actor) -> frozenset[str]:
    """Return the kinds of rows an actor may import: enterprises needs, universities achievements."""
    if actor.organises:
        return frozenset(KINDS)
    kinds = {"people"}
    kinds |= {"need"} if Role.ENTERPRISE in actor.roles else set()
    kinds |= {"achievement"} if Role.UNIVERSITY in actor.roles else set()
    return frozenset(kinds)


def judge_rows(
    session: Session,
    actor: Actor,
    upload: Upload,
    rows: Sequence[ListRow],
    memory: Mapping[str, Memory] | None = None,
) -> bool:
    """Write the verdict on every row as of now; say whether any differs from what stood there.

    A long list is judged in parts: `memory`, by kind, carries from one part to the next what the
    file itself has named before.
    """
    memory = memory or fresh_memory()
    differs = False
    for name, kind in KINDS.items():
        own = [row for row in rows if row.kind == name]
        if not own:
            continue
        if name not in allowed_kinds(actor):
            judgements, remarks = _not_theirs(own)
        else:
            judgements, remarks = kind.judge(session, actor, upload, own, memory[name])
        for row, judgement, said in zip(own, judgements, remarks, strict=True):
            differs |= _write_verdict(row, judgement, said)
    return differs


def fresh_memory() -> dict[str, Memory]:
    """Return what a list has named before its first row: nothing, for every kind."""
    return {name: Memory() for name in KINDS}


def _not_theirs(rows: Sequence[ListRow]) -> tuple[list[Judgement], list[list[Problem]]]:
    message = "您的账号不能导入这一类清单：企业导入需求，高校院所导入成果。"
    problems = [
        [Problem(field="", code="kind_not_allowed", message=message, where=row.values["where"])]
        for row in rows
    ]
    return [Judgement(verdict=Verdict.PROBLEM) for _ in rows], problems


def _write_verdict(row: ListRow, judgement: Judgement, remarks: Sequence[Problem]) -> bool:
    changes = {name: [old, new] for name, (old, new) in judgement.changes.items()}
    differs = (row.verdict, row.target_id, dict(row.changes)) != (
        judgement.verdict,
        judgement.target_id,
        changes,
    )
    row.verdict, row.target_id, row.changes = judgement.verdict, judgement.target_id, changes
    said = [as_json(problem) for problem in remarks]
    if judgement.remark:
        said.append(
            as_json(
                Problem(
                    field="",
                    code=f"row_{judgement.verdict}",
                    message=judgement.remark,
                    where=row.values["where"],
                    severity=Severity.WARNING,
                )
            )
        )
    row.problems = [*row.values["problems"], *said]
    return differs


def as_json(problem: Problem) -> dict[str, str]:
    """Return a problem as it is stored with its row."""
    return {
        "field": problem.field,
        "code": problem.code,
        "message": problem.message,
        "where": problem.where,
        "severity": problem.severity.value,
    }
