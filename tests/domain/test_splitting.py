"""Where a text with several problems may be cut."""

import pytest

from matchmaker.domain.splitting import several_needs, suggested_cuts


@pytest.mark.parametrize(
    "text",
    [
        "1、模具表面龟裂，寿命不足；2、压铸件气孔多，泄漏率高；3、脱模剂残留，影响喷涂。",
        "一、模具表面龟裂，寿命不足。\n二、压铸件气孔多，泄漏率高。\n三、脱模剂残留，影响喷涂。",
        "（1）模具表面龟裂，寿命不足。（2）压铸件气孔多，泄漏率高。（3）脱模剂残留，影响喷涂。",
        "①模具表面龟裂，寿命不足；②压铸件气孔多，泄漏率高；③脱模剂残留，影响喷涂",
        "1. 模具表面龟裂，寿命不足\n2. 压铸件气孔多，泄漏率高\n3. 脱模剂残留，影响喷涂",
    ],
)
def test_numbered_problems_are_cut_at_their_numbers(text: str) -> None:
    first = suggested_cuts(text)[0]

    assert first.way == "number"
    assert [piece.title for piece in first.pieces] == ["模具表面龟裂", "压铸件气孔多", "脱模剂残留"]
    assert all("、模具" not in piece.text for piece in first.pieces)


def test_what_stands_before_the_first_number_goes_with_every_piece() -> None:
    cut = suggested_cuts("我厂做压铸件，目前有：1、模具龟裂严重；2、铸件气孔很多。")[0]

    assert [piece.text for piece in cut.pieces] == [
        "我厂做压铸件，目前有：\n模具龟裂严重",
        "我厂做压铸件，目前有：\n铸件气孔很多。",
    ]
    assert [piece.title for piece in cut.pieces] == ["模具龟裂严重", "铸件气孔很多"]


def test_a_numbered_piece_with_items_of_its_own_is_called_by_its_first_line() -> None:
    cut = suggested_cuts(
        "功能如下：\n1) 换电服务功能：\na) 自动换电；\nb) 上门维护；\n2) 储能功能：\n移峰填谷。\n投入2百万。"
    )[0]

    assert [piece.title for piece in cut.pieces] == ["换电服务功能", "储能功能"]


def test_paragraphs_and_semicolons_are_further_ways_and_equal_ones_are_said_once() -> None:
    assert [cut.way for cut in suggested_cuts("模具表面容易龟裂；铸件内部气孔多\n脱模剂残留影响喷涂")] == [
        "paragraph",
        "semicolon",
    ]


@pytest.mark.parametrize(
    "text", ["", "模具表面龟裂，寿命不足2.5万模次。", "硬度1.5；好", "精度0.01mm，寿命3、4年"]
)
def test_one_problem_is_not_cut(text: str) -> None:
    assert suggested_cuts(text) == ()


def test_a_title_that_numbers_several_needs_gives_each_its_name() -> None:
    title = "1、红茶加工关键技术研究。2、毛尖茶储藏保鲜技术应用研究。3、茶资源综合利用。"
    names = ["红茶加工关键技术研究", "毛尖茶储藏保鲜技术应用研究", "茶资源综合利用"]

    plain = suggested_cuts("三项都要在两年内完成。", title=title)
    alike = suggested_cuts("1、红茶萎凋不均匀；2、半年后陈味重；3、茶渣没有用处。", title=title)[0]

    assert [(cut.way, [piece.title for piece in cut.pieces]) for cut in plain] == [("title", names)]
    assert {piece.text for piece in plain[0].pieces} == {"三项都要在两年内完成。"}
    assert [piece.title for piece in alike.pieces] == names
    assert [piece.text for piece in alike.pieces] == ["红茶萎凋不均匀", "半年后陈味重", "茶渣没有用处。"]


def test_the_sections_of_one_form_are_not_needs_of_their_own() -> None:
    form = "需求内容：红茶萎凋和发酵的干预技术\n预期目标：提高综合利用率\n现有工作基础：现有员工40人"

    assert suggested_cuts(form) == ()


@pytest.mark.parametrize(
    "title",
    [
        "1.红茶陈味 2.茶渣利用",
        "①红茶陈味②茶渣利用",
        "需求：（1）红茶陈味（2）茶渣利用",
        "一、红茶陈味，二、茶渣利用",
    ],
)
def test_a_title_alone_is_cut_where_its_numbers_count_up(title: str) -> None:
    (cut,) = suggested_cuts("", title=title)

    assert (cut.way, [(piece.title, piece.text) for piece in cut.pieces]) == (
        "title",
        [("红茶陈味", "红茶陈味"), ("茶渣利用", "茶渣利用")],
    )


@pytest.mark.parametrize(
    "title", ["1.5MW电机 2.5MW风机", "满足1、2级能效的水泵", "2、茶渣利用 3、红茶陈味", "3D打印"]
)
def test_numbers_that_do_not_count_up_from_one_cut_no_title(title: str) -> None:
    assert suggested_cuts("", title=title) == ()


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (
            "（1）污水脱色技术开发（2）浆料回收再用（3）余热利用技术",
            ["污水脱色技术开发", "浆料回收再用", "余热利用技术"],
        ),
        ("1）萎凋自动控制 2）茶渣提取多酚", ["萎凋自动控制", "茶渣提取多酚"]),
        ("1.电机噪声控制 2.余热利用", ["电机噪声控制", "余热利用"]),
        ("A. 胶黏剂耐水性提升；B. 挥发物降低", ["胶黏剂耐水性提升", "挥发物降低"]),
        ("需求一：密封件寿命不足。需求二：装配靠人工。", ["密封件寿命不足", "装配靠人工"]),
    ],
)
def test_numbers_that_count_up_part_a_text_without_marks_between_its_sentences(
    text: str, titles: list[str]
) -> None:
    cut = several_needs(text)

    assert cut is not None
    assert [piece.title for piece in cut.pieces] == titles


@pytest.mark.parametrize(
    "text",
    [
        "硬度均匀性差。技术要求：1.同件差不大；2.变形量要小；3.成本不高于现在。",
        "①抗拉强度≥600MPa；②延伸率≥15%；③表面粗糙度Ra≤0.8",
        "工艺步骤：1.原料清洗蒸煮；2.发酵三十天；3.压榨澄清。温度不稳。",
        "希望合作方具备：1.相关专利；2.同类项目经验；3.中试条件",
        "耐压1.2倍，见（1）和（2）",
        "一、现状：目前采用电镀。二、存在问题：镀层开裂。三、目标：不再开裂",
        "1. 研发内容：新镀液。2. 技术路线：先小试。3. 预期成果：样品",
        "1、技术名称：镀层；2、技术指标：硬度；3、合作方式：转让",
        "达到如下效果：1.强度提高；2.寿命延长",
        "希望专家帮助：1.诊断开裂原因；2.提供改进方案",
    ],
)
def test_numbered_parts_of_one_need_are_not_several_needs(text: str) -> None:
    assert several_needs(text) is None


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (
            "首先，需要解决铸件气孔，废品率高；其次，寻求一套在线检测设备。",
            ["需要解决铸件气孔", "寻求一套在线检测设备"],
        ),
        (
            "一是希望找到无醛的替代胶；二是需要废水处理工艺；三是急需检测设备",
            ["希望找到无醛的替代胶", "需要废水处理工艺", "急需检测设备"],
        ),
        (
            "希望开发耐高温涂层；还需要解决废气治理问题；寻求自动上料方案",
            ["希望开发耐高温涂层", "还需要解决废气治理问题", "寻求自动上料方案"],
        ),
    ],
    ids=["first and then", "counted in words", "semicolons"],
)
def test_wishes_that_words_or_semicolons_part_are_several_needs(text: str, titles: list[str]) -> None:
    cut = several_needs(text)

    assert cut is not None
    assert [piece.title for piece in cut.pieces] == titles


@pytest.mark.parametrize(
    "text",
    [
        "存在以下问题：一是硬度不足；二是寿命太短",
        "首先加热到300℃，其次保温两小时，最后水淬，易开裂",
        "希望提高模具耐磨性；需要控制生产成本",
        "硬度不均匀；寿命短；成本高",
        "需要温度≥300℃；需要寿命≥3个月",
    ],
)
def test_problems_steps_and_aims_of_one_need_are_not_several_needs(text: str) -> None:
    assert several_needs(text) is None
