"""Which themes a need or an achievement belongs to."""

from matchmaker.domain.themes import Described, ThemeWords, themes_of

MOULDS = ThemeWords(key=1, words=["模具", "压铸", "型腔"], fields=["804"], industries=["3525"])
LAMPS = ThemeWords(key=2, words=["灯具", "散热器", "LED"], fields=["501"], industries=["387"])
THEMES = (MOULDS, LAMPS)


def of(title: str = "", text: str = "", *, fields: tuple[str, ...] = (), industry: str = "") -> set[int]:
    thing = Described(title=title, text=text, fields=fields, industry=industry)
    return set(themes_of(thing, THEMES))


def test_one_word_in_the_title_is_enough_and_in_the_text_it_takes_two() -> None:
    assert of("模具钢涂层") == {1}
    assert of(text="压铸模具") == {1}
    assert of(text="模具厂") == set()


def test_a_field_counts_only_beside_a_word() -> None:
    assert of(fields=("80401",), text="用于模具") == {1}
    assert of(fields=("80401",), text="用于水泵") == set()


def test_an_industry_is_enough() -> None:
    assert of(industry="3525") == {1}


def test_a_thing_goes_where_it_fits_best_and_where_it_fits_nearly_as_well() -> None:
    assert of("LED灯具散热器开裂", "压铸模具上") == {2}
    assert of("灯具散热器压铸模具", "") == {1, 2}


def test_the_order_of_the_themes_does_not_matter() -> None:
    thing = Described(title="灯具散热器压铸模具", text="")
    assert themes_of(thing, THEMES) == themes_of(thing, THEMES[::-1]) == {1, 2}
