"""Near-identical achievements of one hand fold; the top of a list belongs to several hands."""

from matchmaker.domain.families import Kin, fold, likeness, same_family, spread


def _kin(title: str, maker: int = 1, **more: object) -> Kin:
    return Kin(title=title, makers=(maker,), owner=9, **more)  # type: ignore[arg-type]


def test_one_experts_near_identical_patents_fold_and_others_stay() -> None:
    entries = [
        _kin("一种压铸模具表面抗热裂涂层的制备方法"),
        _kin("贻贝壳粉土壤调理剂"),
        _kin("压铸模具表面抗热裂涂层及其制备装置"),
        _kin("一种压铸模具抗热裂涂层表面制备设备"),
    ]

    assert fold(entries) == [[0, 2, 3], [1]]


def test_short_titles_that_differ_by_one_word_fold_where_the_texts_are_the_same() -> None:
    text = "本发明公开了一种三价铬%s电镀液，代替六价铬镀铬，用于卫浴五金，镀层外观白亮，耐盐雾96小时。"
    entries = [
        _kin(f"一种三价铬{kind}电镀液及其制备方法", text=text % kind) for kind in ("光亮", "耐蚀", "装饰性")
    ]
    entries.append(_kin("一种三价铬废水电镀液回收方法", text="用离子交换树脂从漂洗水中回收铬，出水回用。"))

    assert fold(entries) == [[0, 1, 2], [3]]


def test_the_same_title_of_two_houses_stays_two_entries() -> None:
    one = Kin(title="铝合金压铸件气孔检测", makers=(1,), owner=5)
    other = Kin(title="铝合金压铸件气孔检测", makers=(2,), owner=6)

    assert not same_family(one, other)
    assert same_family(one, Kin(title="铝合金压铸件气孔检测", makers=(3,), owner=5))


def test_a_shared_patent_makes_one_family_whatever_the_titles_and_owners() -> None:
    one = Kin(title="高温涂层", owner=1, patents=frozenset({"CN201810000001"}))
    other = Kin(title="模具延寿", owner=2, patents=frozenset({"CN201810000001", "CN201810000002"}))

    assert same_family(one, other)


def test_words_of_form_alone_make_no_likeness() -> None:
    assert likeness("一种涂层的制备方法及装置", "一种轴承的制备方法及装置") == 0.0
    assert likeness("", "涂层") == 0.0


def test_one_group_has_three_of_the_first_ten_places_and_loses_none() -> None:
    groups = ["a"] * 8 + ["b", "c", None, None, "d", "e", "f", "g", "h"]

    shown = spread(groups)

    assert shown[:4] == [0, 1, 2, 8]
    assert [groups[place] for place in shown[:10]].count("a") == 3
    assert sorted(shown) == list(range(len(groups)))
    assert spread([None] * 5) == [0, 1, 2, 3, 4]


def test_a_list_of_one_group_is_shown_whole_in_its_order() -> None:
    assert spread(["a"] * 5) == [0, 1, 2, 3, 4]
