"""Technology contracts from the registration's export: matched by number, else by parties and title."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain import imports
from matchmaker.domain.achievements import owner_kind
from matchmaker.domain.identifiers import normal_title
from matchmaker.domain.imports import Deed, Incoming, Judgement, Known
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.states import (
    COUNTED_CONTRACTS,
    ContractKind,
    ContractState,
    NeedState,
    Verdict,
    can_move,
)
from matchmaker.files.headers import RecordKind
from matchmaker.services.contract_parties import own_side
from matchmaker.services.contracts import ContractDraft, check_contract, register_contract, sign_contract
from matchmaker.services.import_owners import Owners
from matchmaker.services.import_values import Memory, filled
from matchmaker.services.moves import move, put_back
from matchmaker.services.secrecy import secrets_of_row
from matchmaker.store.queries.contract_lists import ids_of_words, known_contracts
from matchmaker.store.queries.imports import rows_by_id
from matchmaker.store.queries.list_rows import ListRow
from matchmaker.store.queries.uploads import chunks, still_referenced
from matchmaker.store.tables import Evidence, Need, StateChange, TechContract, Upload

_LAYOUT = "registration"
_ENDED = frozenset({ContractState.TERMINATED, ContractState.REVOKED})
_DAYS = frozenset({"signed_on", "registered_on", "valid_from", "valid_to"})
_BY_HAND = frozenset({"buyer", "seller", "registration_no", "registered_on", "kind"})
_NOT_IN_DRAFT = ("amount_received_fen", "valid_from")
_NULL = frozenset({"registration_no", "amount_tech_fen", "amount_received_fen", *_DAYS})
# what a list may say of a contract; signed and registered follow from its days and numbers
_FOLLOWED = frozenset(ContractState) - {ContractState.DRAFT, ContractState.SIGNED, ContractState.REGISTERED}
_REASON = "由登记台账导入"


def row_values(stored: Mapping[str, Any]) -> dict[str, object]:
    """Return what a row says, by column of the contract table, with the names of both parties."""
    plain = stored["plain"]
    period = plain.get("valid_period") or {}
    return filled(
        {
            "kind": plain.get("contract_type"),
            "subtype": str(plain.get("contract_subtype", ""))[:30],
            "title": str(plain.get("title", ""))[:200],
            "buyer": plain.get("buyer"),
            "seller": plain.get("seller"),
            "amount_total_fen": _fen(plain, "amount_total"),
            "amount_tech_fen": _fen(plain, "amount_tech"),
            "amount_received_fen": _fen(plain, "amount_received"),
            "signed_on": _day(plain.get("signed_on")),
            "registration_no": str(plain.get("registration_no", ""))[:30],
            "registered_on": _day(plain.get("registered_on")),
            "registration_office": str(plain.get("registry", ""))[:100],
            "valid_from": _day(period.get("start")),
            "valid_to": _day(period.get("end")),
        }
    )


def _fen(plain: Mapping[str, Any], name: str) -> int | None:
    amount = plain.get(name) or {}
    return amount.get("high_fen") if amount.get("high_fen") is not None else amount.get("low_fen")


def _day(value: object) -> str:
    return str(value)[:10] if value else ""


def _completed(row: ListRow, own: Mapping[str, str]) -> dict[str, object]:
    """Return what a row says, with the unit of the upload as the party that it leaves out."""
    values = row_values(row.values)
    sides = {"buyer", "seller"}
    return {**own, **values} if own and sides - values.keys() == own.keys() else values


def _names(values: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(str(values[side]), "") for side in ("buyer", "seller") if values.get(side)]


def judge(
    session: Session, actor: Actor, upload: Upload, rows: Sequence[ListRow], memory: Memory
) -> tuple[list[Judgement], list[list[Problem]]]:
    """Return the verdict on every row, and what is to be said about it besides the file's own problems."""
    own = own_side(session, upload)
    values = [_completed(row, own) for row in rows]
    met = Owners(session, actor, upload, names=[name for said in values for name in _names(said)])
    numbers = [str(said.get("registration_no", "")) for said in values]
    library = known_contracts(session, numbers=numbers, party_ids=sorted(met.met_ids()), layout=_LAYOUT)
    known: dict[str, list[Known]] = {}
    for buyer_id, seller_id, contract in library:
        for key in _keys(str(buyer_id), str(seller_id), contract.values):
            known.setdefault(key, []).append(contract)
        for hint in _hints(str(buyer_id), str(seller_id), contract.values):
            known.setdefault(hint, []).append(contract)
    remarks = [_check(row, said, met) for row, said in zip(rows, values, strict=True)]
    incoming = [
        _incoming(row, said, met, stopped=any(p.severity is Severity.ERROR for p in problems))
        for row, said, problems in zip(rows, values, remarks, strict=True)
    ]
    states = {contract.id: contract.values["status"] for same in known.values() for contract in same}
    judged = imports.judge(incoming, known, seen=memory.seen)
    return [_followed(row, _numbered(one), states) for row, one in zip(rows, judged, strict=True)], remarks


def _incoming(row: ListRow, values: Mapping[str, object], met: Owners, *, stopped: bool) -> Incoming:
    buyer, seller = (met.key(str(values.get(side, ""))) for side in ("buyer", "seller"))
    said = {name: value for name, value in values.items() if name not in ("buyer", "seller")}
    return Incoming(
        place=row.values["where"],
        values=said,
        keys=_keys(buyer, seller, values),
        hints=_hints(buyer, seller, values),
        layout=_LAYOUT,
        stopped=row.values["stopped"] or stopped,
    )


def _followed(row: ListRow, judged: Judgement, states: Mapping[int, object]) -> Judgement:
    """A contract whose 履行状态 has gone on is changed by the list, if by nothing else."""
    if judged.target_id is None or judged.verdict not in (Verdict.SAME, Verdict.CHANGED):
        return judged
    was = ContractState(str(states[judged.target_id]))
    path = _states_said(row.values["plain"], was)
    if not path:
        return judged
    moved = {**judged.changes, "status": (was.value, path[-1].value)}
    return replace(judged, verdict=Verdict.CHANGED, changes=moved)


def _states_said(plain: Mapping[str, Any], was: ContractState) -> tuple[ContractState, ...]:
    """Return the states that a row leads on through, none where it says nothing new or nothing possible."""
    word = plain.get("status")
    if word not in _FOLLOWED or word == was:
        return ()
    to, asked = ContractState(word), ContractState.SUBMITTED
    if can_move(was, to):
        return (to,)
    return (asked, to) if can_move(was, asked) and can_move(asked, to) else ()


def _numbered(judged: Judgement) -> Judgement:
    """A contract that is registered under another number is another contract: a person decides."""
    old, new = judged.changes.get("registration_no", ("", ""))
    if not (old and new):
        return judged
    words = (
        f"库中这份合同的登记编号是 {old}，表里是 {new}：同一合同只能登记一次，请核对后选择更新或另存为新的。"
    )
    return replace(judged, verdict=Verdict.DUPLICATE, remark=words)


def _keys(buyer: str, seller: str, values: Mapping[str, object]) -> tuple[str, ...]:
    number = str(values.get("registration_no") or "")
    by_number = (f"number:{number}",) if number else ()
    return (*by_number, f"title:{buyer}:{seller}:{normal_title(values.get('title'))}")


def _hints(buyer: str, seller: str, values: Mapping[str, object]) -> tuple[str, ...]:
    day, total = values.get("signed_on"), values.get("amount_total_fen")
    return (f"deal:{buyer}:{seller}:{day}:{total}",) if day and total else ()


def _check(row: ListRow, values: Mapping[str, object], met: Owners) -> list[Problem]:
    where = row.values["where"]
    found = [
        Problem(field=field, code="missing", message=f"没有写{words}，请补上。", where=where)
        for field, words in (("buyer", "买方"), ("seller", "卖方"), ("kind", "合同类别"))
        if not values.get(field)
    ]
    plain = row.values["plain"]
    found += [
        Problem(field=field, code="own_party", message=message, where=where, severity=Severity.GUESS)
        for field, words in (("buyer", "买方"), ("seller", "卖方"))
        if values.get(field) and not plain.get(field)
        for message in [f"表里没有写{words}，按上传单位“{values[field]}”记入，请核对。"]
    ]
    found += secrets_of_row(row.values, RecordKind.CONTRACT)
    found += [problem.at(where) for problem in check_contract(_draft(values, buyer_id=1, seller_id=2))]
    parties = [str(values.get(side, "")) for side in ("buyer", "seller")]
    if all(parties) and met.key(parties[0]) == met.key(parties[1]):
        found.append(
            Problem(field="seller", code="same", message="买方和卖方是同一家单位，请核对。", where=where)
        )
    fresh = [name for name in parties if name and met.known(name) is None]
    if fresh:
        message = f"{'、'.join(fresh)}是新单位：企业按本地、院校按外地处理，不对的请导入后在单位页改。"
        found.append(
            Problem(field="buyer", code="new_party", message=message, where=where, severity=Severity.GUESS)
        )
    return found


def _draft(values: Mapping[str, object], *, buyer_id: int, seller_id: int) -> ContractDraft:
    said: dict[str, Any] = {name: _typed(name, value) for name, value in values.items()}
    return ContractDraft(
        kind=ContractKind(said.get("kind", ContractKind.DEVELOPMENT)),
        title=said.get("title", ""),
        subtype=said.get("subtype", ""),
        buyer_id=buyer_id,
        seller_id=seller_id,
        amount_total_fen=said.get("amount_total_fen"),
        amount_tech_fen=said.get("amount_tech_fen"),
        signed_on=said.get("signed_on"),
        registration_no=said.get("registration_no", ""),
        registered_on=said.get("registered_on"),
        registration_office=said.get("registration_office", ""),
        valid_to=said.get("valid_to"),
    )


def _typed(name: str, value: object) -> object:
    if name == "kind":
        return ContractKind(str(value))
    return date.fromisoformat(str(value)) if name in _DAYS else value


def bring_in(
    session: Session, actor: Actor, upload: Upload, work: Sequence[tuple[ListRow, Deed]], _met: None
) -> Owners:
    """Add and change contracts as decided; return the parties that were met."""
    rows = [row for row, deed in work if deed in (Deed.ADD, Deed.UPDATE)]
    own = own_side(session, upload)
    named = [name for row in rows for name in _names(_completed(row, own))]
    met = Owners(session, actor, upload, names=named)
    met.add_missing([(name, "", "") for name, _ in named], kind_of=owner_kind)
    met.write()
    plains = [row.values["plain"] for row in rows]
    needs, events = ids_of_words(
        session,
        need_codes=[str(plain.get("need_no", "")) for plain in plains],
        event_titles=[str(plain.get("event", "")) for plain in plains],
    )
    contracts = rows_by_id(session, TechContract, [row.target_id for row in rows])
    for row, deed in work:
        plain, values = row.values["plain"], _completed(row, own)
        if deed is Deed.ADD:
            need_id = needs.get(str(plain.get("need_no", "")))
            ended = plain.get("status") in _ENDED
            contract = sign_contract(
                session,
                actor,
                replace(
                    _draft(values, **_parties(values, met)),
                    # a contract that came to nothing makes no need 已签约; it is only noted beside it
                    need_id=None if ended else need_id,
                    event_id=events.get(str(plain.get("event", ""))),
                ),
            )
            row.target_id, contract.need_id = contract.id, need_id
            _set(contract, {name: values[name] for name in _NOT_IN_DRAFT if name in values})
            _advance(session, actor, contract, plain)
        elif deed is Deed.UPDATE and (found := contracts.get(row.target_id or 0)) is not None:
            _change(session, actor, row, found)
            _advance(session, actor, found, plain)
    return met


def _parties(values: Mapping[str, object], met: Owners) -> dict[str, int]:
    """Return the ids of both parties, added when nobody knew them."""
    found = {side: str(values[side]) for side in ("buyer", "seller")}
    return {f"{side}_id": met.ensure(name, kind=owner_kind(name)) for side, name in found.items()}


def _set(contract: TechContract, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(contract, name, _typed(name, value))


def _change(session: Session, actor: Actor, row: ListRow, contract: TechContract) -> None:
    values = row_values(row.values)
    row.values = {**row.values, "old_status": contract.status.value}
    news = {name: values[name] for name in row.changes if name in values}
    _set(contract, {name: value for name, value in news.items() if name not in _BY_HAND})
    if "kind" in news:
        contract.kind = ContractKind(str(news["kind"]))
    if contract.status not in COUNTED_CONTRACTS and values.get("registration_no"):
        register_contract(
            session,
            actor,
            contract_id=contract.id,
            registration_no=str(values["registration_no"]),
            registered_on=_as_day(values.get("registered_on")),
            amount_tech_fen=contract.amount_tech_fen,
        )
    else:
        contract.registration_no = str(news.get("registration_no", contract.registration_no or "")) or None
        contract.registered_on = _as_day(news.get("registered_on")) or contract.registered_on


def _as_day(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value else None


def _advance(session: Session, actor: Actor, contract: TechContract, plain: Mapping[str, Any]) -> None:
    """Follow the 履行状态 of the list where it leads on: a revoked registration is not counted."""
    for to in _states_said(plain, contract.status):
        move(session, actor, "contract", contract, to, reason=_REASON)


def blocked(session: Session, added: Sequence[ListRow]) -> set[int]:
    """Return which added contracts can no longer be taken back: they were changed, or have papers."""
    ids = [row.target_id for row in added if row.target_id is not None]
    moved = {
        subject_id
        for part in chunks(ids)
        for subject_id in session.scalars(
            select(StateChange.subject_id).where(
                StateChange.subject_kind == "contract",
                StateChange.subject_id.in_(part),
                StateChange.reason != _REASON,
            )
        )
    }
    papers = {
        subject_id
        for part in chunks(ids)
        for subject_id in session.scalars(
            select(Evidence.subject_id).where(
                Evidence.subject_kind == "contract", Evidence.subject_id.in_(part)
            )
        )
    }
    return moved | papers | still_referenced(session, TechContract, ids)


def take_back(
    session: Session, actor: Actor, _upload: Upload, added: Sequence[ListRow], changed: Sequence[ListRow]
) -> None:
    """Remove added contracts, and give changed ones their old values and state back."""
    for part in chunks(row.target_id for row in added if row.target_id is not None):
        _give_needs_back(session, actor, part)
        session.execute(
            delete(StateChange).where(
                StateChange.subject_kind == "contract", StateChange.subject_id.in_(part)
            )
        )
        session.execute(delete(TechContract).where(TechContract.id.in_(part)))
    contracts = rows_by_id(session, TechContract, [row.target_id for row in changed])
    for row in changed:
        contract = contracts.get(row.target_id or 0)
        if contract is not None:
            _restore(session, actor, row, contract)


def _give_needs_back(session: Session, actor: Actor, contract_ids: Sequence[int]) -> None:
    """Let needs that only these contracts had made 已签约 be what they were before."""
    going = TechContract.id.in_(contract_ids)
    still = select(TechContract.need_id).where(~going, TechContract.need_id.is_not(None))
    signed = select(Need).where(
        Need.id.in_(select(TechContract.need_id).where(going)),
        Need.id.not_in(still),
        Need.status == NeedState.CONTRACTED,
    )
    for need in session.scalars(signed).all():
        since = select(func.min(TechContract.created_at)).where(going, TechContract.need_id == need.id)
        before = session.scalar(
            select(StateChange.from_state)
            .where(
                StateChange.subject_kind == "need",
                StateChange.subject_id == need.id,
                StateChange.to_state == NeedState.CONTRACTED.value,
                StateChange.at >= since.scalar_subquery(),
            )
            .order_by(StateChange.id.desc())
            .limit(1)
        )
        if before:
            put_back(session, actor, "need", need, NeedState(before), reason="撤销导入")


def _restore(session: Session, actor: Actor, row: ListRow, contract: TechContract) -> None:
    for name, (old, new) in row.changes.items():
        if name != "status" and getattr(contract, name) == _typed(name, new):
            setattr(
                contract, name, _typed(name, old) if old not in (None, "") else None if name in _NULL else ""
            )
    old_status = ContractState(row.values.get("old_status", contract.status))
    if contract.status is not old_status:
        session.add(
            StateChange(
                subject_kind="contract",
                subject_id=contract.id,
                from_state=contract.status.value,
                to_state=old_status.value,
                reason="撤销导入",
                user_id=actor.user_id,
                at=clock.now(),
            )
        )
        contract.status = old_status
