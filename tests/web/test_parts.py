"""Where a reader is in a list, and the addresses around it."""

from matchmaker.web.parts import ListState, local_path


def state(query: list[tuple[str, str]], *, total: int = 437) -> ListState:
    return ListState.read("/needs", query, total=total)


def test_a_list_reads_its_page_and_tells_its_rows() -> None:
    there = state([("state", "draft"), ("page", "9")])

    assert (there.page, there.pages, there.first, there.last) == (9, 9, 401, 437)


def test_a_page_outside_the_list_is_moved_inside() -> None:
    pages = [state([("page", asked)]).page for asked in ("0", "10", "-1", "x", "²", "9" * 30)]

    assert pages == [1, 9, 1, 1, 1, 1]


def test_an_empty_list_has_one_page_and_no_rows() -> None:
    there = state([], total=0)

    assert (there.page, there.pages, there.first, there.last, there.page_numbers()) == (1, 1, 0, 0, [1])


def test_changing_a_filter_starts_again_at_the_first_page() -> None:
    there = state([("q", "铝"), ("state", "draft"), ("page", "3")])

    assert there.url(page=4) == "/needs?q=%E9%93%9D&state=draft&page=4"
    assert there.url(state=None) == "/needs?q=%E9%93%9D"
    assert there.toggle_url("state", "draft") == "/needs?q=%E9%93%9D"
    assert there.toggle_url("state", "open") == "/needs?q=%E9%93%9D&state=draft&state=open"


def test_a_column_asked_twice_is_sorted_the_other_way_round() -> None:
    there, back = state([("sort", "title")]), state([("sort", "-title")])

    assert (there.direction("title"), there.sort_url("title")) == ("ascending", "/needs?sort=-title")
    assert (back.direction("title"), back.sort_url("title")) == ("descending", "/needs?sort=title")
    assert (there.direction("budget"), there.sort_url("budget")) == ("none", "/needs?sort=budget")


def test_page_links_show_both_ends_and_the_neighbours() -> None:
    assert state([("page", "5")], total=1000).page_numbers() == [1, 0, 3, 4, 5, 6, 7, 0, 20]
    assert state([], total=60).page_numbers() == [1, 2]


def test_only_paths_of_this_site_are_followed() -> None:
    asked = [
        "/needs?q=1",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/a\r\nb",
        "/\t/evil.example",
        "",
        None,
    ]

    assert [local_path(text, "/home") for text in asked] == ["/needs?q=1", *["/home"] * 7]
