"""Technology contracts as plain values, to compare the rows of a registration list with."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from matchmaker.domain.imports import Known
from matchmaker.store.queries.uploads import chunks
from matchmaker.store.tables import Event, Need, Organisation, TechContract

COLUMNS = (
    "kind", "subtype", "title", "amount_total_fen", "amount_tech_fen", "amount_received_fen", "signed_on",
    "registration_no", "registered_on", "registration_office", "valid_from", "valid_to", "status",
)  # fmt: skip


def known_contracts(
    session: Session, *, numbers: Iterable[str], party_ids: Sequence[int], layout: str
) -> list[tuple[int, int, Known]]:
    """Return (buyer id, seller id, contract) of those with one of these numbers, or of these buyers.

    `layout` is given to all: the registration is the authority on what it names.
    """
    found: dict[int, tuple[int, int, Known]] = {}
    for part in chunks(number for number in numbers if number):
        found |= _where(session, TechContract.registration_no.in_(part), layout)
    for part in chunks(party_ids):
        found |= _where(session, TechContract.buyer_id.in_(part), layout)
    return [found[key] for key in sorted(found)]


def _where(
    session: Session, condition: ColumnElement[bool], layout: str
) -> dict[int, tuple[int, int, Known]]:
    buyer, seller = aliased(Organisation), aliased(Organisation)
    query = (
        select(TechContract, buyer.name, seller.name)
        .join(buyer, buyer.id == TechContract.buyer_id)
        .join(seller, seller.id == TechContract.seller_id)
        .where(condition)
    )
    return {
        row.id: (
            row.buyer_id,
            row.seller_id,
            Known(
                id=row.id,
                label=row.title,
                values={**_values(row), "buyer": buyer_name, "seller": seller_name},
                layout=layout,
            ),
        )
        for row, buyer_name, seller_name in session.execute(query)
    }


def _values(row: TechContract) -> Mapping[str, object]:
    found = {name: getattr(row, name) for name in COLUMNS}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


def ids_of_words(
    session: Session, *, need_codes: Iterable[str], event_titles: Iterable[str]
) -> tuple[dict[str, int], dict[str, int]]:
    """Return need number → id and event title → id, for those that a list names exactly."""
    needs: dict[str, int] = {}
    events: dict[str, int] = {}
    for part in chunks(code for code in need_codes if code):
        query = select(Need.code, Need.id).where(Need.code.in_(part))
        needs |= {str(row[0]): row[1] for row in session.execute(query)}
    for part in chunks(title for title in event_titles if title):
        known = select(Event.title, Event.id).where(Event.title.in_(part))
        events |= {row[0]: row[1] for row in session.execute(known)}
    return needs, events
