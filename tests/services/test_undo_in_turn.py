"""Lists undone one after the other, the last one first; and what somebody has worked with since stays."""

from dataclasses import dataclass

import pytest
from factories import People
from sqlalchemy import select

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.errors import WrongState
from matchmaker.services.upload_undo import undo_upload
from matchmaker.store.engine import Database
from matchmaker.store.tables import Achievement, Need, UploadRow
from tests.services.test_uploads import CRACKS, HEADER, WORKS, confirmed, organiser, total, upload_of

NEEDS = f"{HEADER}{CRACKS},50,周一诺,13800000001\n"
ACHIEVEMENTS = f"{WORKS}耐磨涂层,江州大学,周一诺,在刀具表面制备纳米多层涂层，寿命提高一倍。,,13800000001\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """A list of one row, and a second edition that says something else in words and figures."""

    database: Database
    actor: Actor
    table: type[Need] | type[Achievement]
    first: str
    second: str

    def bring_in(self, text: str) -> int:
        upload_id = upload_of(self.database, self.actor, text)
        confirmed(self.database, self.actor, upload_id)
        return upload_id

    def undo(self, upload_id: int) -> None:
        with self.database.writing() as session:
            undo_upload(session, self.actor, upload_id=upload_id)

    def work_on_it(self, *, dated: bool) -> None:
        with self.database.writing() as session:
            row = session.scalars(select(self.table)).one()
            row.text_version += 1
            row.updated_at = clock.now() if dated else row.updated_at


@pytest.fixture(params=["needs", "achievements"])
def lists(request: pytest.FixtureRequest, people: People, database: Database) -> Lists:
    actor = organiser(people)
    if request.param == "needs":
        other = NEEDS.replace("五成", "六成").replace(",50,", ",80,")
        return Lists(database=database, actor=actor, table=Need, first=NEEDS, second=other)
    other = ACHIEVEMENTS.replace("一倍", "两倍")
    return Lists(database=database, actor=actor, table=Achievement, first=ACHIEVEMENTS, second=other)


def test_three_editions_are_undone_in_turn(lists: Lists) -> None:
    editions = [lists.bring_in(text) for text in (lists.first, lists.second, lists.first)]
    for upload_id in reversed(editions):
        lists.undo(upload_id)

    with lists.database.reading() as session:
        assert total(session, lists.table) == 0
        assert {row.deed for row in session.scalars(select(UploadRow))} == {""}


def test_what_somebody_changed_between_two_lists_stops_the_undo_of_the_first(lists: Lists) -> None:
    first = lists.bring_in(lists.first)
    lists.work_on_it(dated=True)
    lists.undo(lists.bring_in(lists.second))

    with pytest.raises(WrongState, match="有 1 条已经有人"):
        lists.undo(first)


@pytest.mark.parametrize("dated", [True, False], ids=["edited", "merged"])
def test_what_somebody_changed_after_the_second_list_stops_the_undo_of_the_first(
    lists: Lists, dated: bool
) -> None:
    first, second = lists.bring_in(lists.first), lists.bring_in(lists.second)
    lists.work_on_it(dated=dated)
    lists.undo(second)

    with pytest.raises(WrongState, match="有 1 条已经有人"):
        lists.undo(first)
