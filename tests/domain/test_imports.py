"""Verdicts on rows, as pure rules."""

import pytest

from matchmaker.domain.achievements import makers, owner_kind, owners, patent_keys
from matchmaker.domain.imports import Decision, Deed, Incoming, Known, changes, deed, judge
from matchmaker.domain.states import OrganisationKind, Verdict


def row(title: str, *, layout: str = "form-a", stopped: bool = False, **values: object) -> Incoming:
    return Incoming(
        place=f"行 {title}",
        values={"title": title, **values},
        keys=(f"title:{title}",),
        hints=(f"text:{values['text']}",) if "text" in values else (),
        layout=layout,
        stopped=stopped,
    )


def known(
    title: str, *, layout: str = "form-a", own: bool = True, **values: object
) -> dict[str, list[Known]]:
    thing = Known(id=7, label=title, values={"title": title, **values}, layout=layout, own=own)
    hints = {f"text:{values['text']}": [thing]} if "text" in values else {}
    return {f"title:{title}": [thing], **hints}


@pytest.mark.parametrize(
    ("incoming", "library", "verdict", "target"),
    [
        (row("A"), {}, Verdict.NEW, None),
        (row("A", stopped=True), {}, Verdict.PROBLEM, None),
        (row("A", town="南溪镇"), known("A", town="南溪镇"), Verdict.SAME, 7),
        (row("A", town="南 溪 镇"), known("A", town="南溪镇"), Verdict.SAME, 7),
        (row("A"), known("A", town="南溪镇"), Verdict.SAME, 7),
        (row("A", town="北溪镇"), known("A", town="南溪镇"), Verdict.CHANGED, 7),
        (row("A", town="北溪镇", layout="form-b"), known("A", town="南溪镇"), Verdict.DUPLICATE, 7),
        (row("A", town="北溪镇"), known("A", town="南溪镇", layout=""), Verdict.DUPLICATE, 7),
        (row("B", text="同一段话"), known("A", text="同一段话"), Verdict.DUPLICATE, 7),
        (row("A", town="北溪镇"), known("A", own=False), Verdict.DUPLICATE, None),
    ],
)
def test_a_row_is_judged_by_what_the_library_holds(
    incoming: Incoming, library: dict[str, list[Known]], verdict: Verdict, target: int | None
) -> None:
    (judged,) = judge([incoming], library)

    assert (judged.verdict, judged.target_id) == (verdict, target)


def test_the_second_of_two_equal_rows_names_the_first() -> None:
    first, second = judge([row("A"), row("A")], {})

    assert (first.verdict, second.verdict) == (Verdict.NEW, Verdict.DUPLICATE)
    assert "行 A" in second.remark


@pytest.mark.parametrize(("town", "verdict", "target"), [("北溪镇", "same", 8), ("东溪镇", "changed", 7)])
def test_of_several_with_one_title_a_row_is_the_one_it_says_nothing_new_of(
    town: str, verdict: str, target: int
) -> None:
    library = [
        Known(id=number, label="A", values={"title": "A", "town": known_town}, layout="form-a")
        for number, known_town in ((7, "南溪镇"), (8, "北溪镇"))
    ]

    (judged,) = judge([row("A", town=town)], {"title:A": library})

    assert (judged.verdict, judged.target_id) == (verdict, target)


@pytest.mark.parametrize(("old", "new", "same"), [("铃\x07声", "铃�声", True), ("铃\x07声", "铃�响", False)])
def test_characters_that_no_list_can_hold_make_no_change(old: str, new: str, same: bool) -> None:
    assert (changes({"text": old}, {"text": new}) == {}) is same


def test_a_phone_that_stands_among_the_known_ones_is_no_change() -> None:
    old = {"contact_phone": "13800000001、0574-65510000", "town": "南溪镇"}

    assert changes(old, {"contact_phone": "13800000001", "town": ""}) == {}
    assert changes(old, {"contact_phone": "13800000002"}) == {
        "contact_phone": ("13800000001、0574-65510000", "13800000002")
    }


@pytest.mark.parametrize(
    ("verdict", "decision", "expected"),
    [
        (Verdict.NEW, None, Deed.ADD),
        (Verdict.NEW, Decision.SKIP, Deed.PARK),
        (Verdict.CHANGED, None, Deed.UPDATE),
        (Verdict.CHANGED, Decision.NEW, Deed.ADD),
        (Verdict.SAME, None, Deed.NOTHING),
        (Verdict.DUPLICATE, None, Deed.PARK),
        (Verdict.DUPLICATE, Decision.UPDATE, Deed.UPDATE),
        (Verdict.DUPLICATE, Decision.NEW, Deed.ADD),
        (Verdict.PROBLEM, Decision.NEW, Deed.PARK),
    ],
)
def test_what_is_done_with_a_row(verdict: Verdict, decision: Decision | None, expected: Deed) -> None:
    assert deed(verdict, decision, has_target=True) is expected


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("江州大学", OrganisationKind.UNIVERSITY),
        ("江州大学附属医院", OrganisationKind.INSTITUTE),
        ("中国海洋研究院临澜研究所", OrganisationKind.INSTITUTE),
        ("江州大学科技园有限公司", OrganisationKind.ENTERPRISE),
        ("临澜山", OrganisationKind.OTHER),
    ],
)
def test_an_owner_is_known_by_the_last_word_of_its_name(name: str, kind: OrganisationKind) -> None:
    assert owner_kind(name) is kind


def test_owners_makers_and_numbers_are_taken_from_one_cell() -> None:
    assert owners("江州大学、海州理工学院；临澜公司") == ("江州大学", "海州理工学院", "临澜公司")
    assert makers("沈知行，顾言 等；江州大学") == ("沈知行",)
    assert patent_keys(["ZL201910123456.X", "ZL201910123456.9", "CN110123456A"]) == (
        "201910123456.X",
        "CN110123456",
    )
