"""Lists undone one after the other, the last one first; and what somebody has worked with since stays."""

from collections.abc import Callable

import pytest
from factories import People
from sqlalchemy import select

from matchmaker import clock
from matchmaker.errors import WrongState
from matchmaker.services.upload_undo import undo_upload
from matchmaker.store.engine import Database
from matchmaker.store.tables import Achievement, Need, UploadRow
from tests.services.test_uploads import CRACKS, HEADER, WORKS, confirmed, organiser, total, upload_of

NEEDS = f"{HEADER}{CRACKS},50,周一诺,13800000001\n"
ACHIEVEMENTS = f"{WORKS}耐磨涂层,江州大学,周一诺,在刀具表面制备纳米多层涂层，寿命提高一倍。,,13800000001\n"

CASES = [
    pytest.param(Need, NEEDS, (("五成", "六成"), (",50,", ",80,")), id="needs"),
    pytest.param(Achievement, ACHIEVEMENTS, (("一倍", "两倍"),), id="achievements"),
]
Table = type[Need] | type[Achievement]


def edition(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    for old, new in changes:
        text = text.replace(old, new)
    return text


@pytest.fixture
def undo(people: People, database: Database) -> Callable[[int], None]:
    def take_back(upload_id: int) -> None:
        with database.writing() as session:
            undo_upload(session, organiser(people), upload_id=upload_id)

    return take_back


@pytest.fixture
def bring_in(people: People, database: Database) -> Callable[[str], int]:
    def import_list(text: str) -> int:
        actor = organiser(people)
        upload_id = upload_of(database, actor, text)
        confirmed(database, actor, upload_id)
        return upload_id

    return import_list


@pytest.mark.parametrize(("table", "text", "changes"), CASES)
def test_three_editions_are_undone_in_turn(
    database: Database,
    bring_in: Callable[[str], int],
    undo: Callable[[int], None],
    table: Table,
    text: str,
    changes: tuple[tuple[str, str], ...],
) -> None:
    editions = [bring_in(text), bring_in(edition(text, changes)), bring_in(text)]
    for upload_id in reversed(editions):
        undo(upload_id)

    with database.reading() as session:
        assert total(session, table) == 0
        assert {row.deed for row in session.scalars(select(UploadRow))} == {""}


@pytest.mark.parametrize(("table", "text", "changes"), CASES)
def test_what_somebody_changed_before_or_between_stops_the_first_undo(
    database: Database,
    bring_in: Callable[[str], int],
    undo: Callable[[int], None],
    table: Table,
    text: str,
    changes: tuple[tuple[str, str], ...],
) -> None:
    def work_on(database: Database) -> None:
        with database.writing() as session:
            row = session.scalars(select(table)).one()
            row.text_version, row.updated_at = row.text_version + 1, clock.now()

    first = bring_in(text)
    work_on(database)
    undo(bring_in(edition(text, changes)))
    with pytest.raises(WrongState, match="有 1 条已经有人"):
        undo(first)


@pytest.mark.parametrize(("table", "text", "changes"), CASES)
def test_what_somebody_changed_under_the_second_list_stops_the_first_undo(
    database: Database,
    bring_in: Callable[[str], int],
    undo: Callable[[int], None],
    table: Table,
    text: str,
    changes: tuple[tuple[str, str], ...],
) -> None:
    first, second = bring_in(text), bring_in(edition(text, changes))
    with database.writing() as session:  # as a merge does, which counts the text alone
        session.scalars(select(table)).one().text_version += 1
    undo(second)
    with pytest.raises(WrongState, match="有 1 条已经有人"):
        undo(first)
