"""Lists as township officers, universities and web forms send them, each with what it says; all invented.

Every maker returns (filename, content, wanted): one dict a record, with its kind and all values.
"""

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

from messy import saved, with_members, workbook

Said = dict[str, Any]
Made = tuple[str, bytes, list[Said]]

_PLACES = ("恒岳轴承有限公司", "青塘印染有限公司", "西坪竹业专业合作社")


def _grid(rows: Sequence[Sequence[object]], wanted: list[Said], *, merges: Sequence[str] = ()) -> Made:
    return "清单.xlsx", workbook(rows, merges=merges), wanted


def _need(**values: Any) -> Said:
    return {"kind": "need", **values}


def _achievement(**values: Any) -> Said:
    return {"kind": "achievement", **values}


def _person(**values: Any) -> Said:
    return {"kind": "people", **values}


def groups_named_after_what_they_hold() -> Made:
    """成果基本情况 over 名称, 联系方式 over 姓名: the lower word alone would name nothing."""
    rows: list[list[object]] = [[None] * 5 for _ in range(9)]
    rows += [
        [*[None] * 5, "序号", "成果基本情况", None, None, "知识产权", "联系方式", None, None],
        [*[None] * 6, "名称", "完成单位", "所处阶段", "专利号", "姓名", "电话", "邮箱"],
        [*[None] * 5, 1, "茶多酚萃取装置", "临溪农林大学", "中试", "无", "饶一帆", "13967000101", "r@lx.cn"],
        [*[None] * 5, 2, "锂电池短程再生", "东江理工学院", "小试", "无", "查　敏", "0579-82280011-6", ""],
    ]
    wanted = [
        _achievement(
            title="茶多酚萃取装置",
            org="临溪农林大学",
            stage="pilot",
            ip_type=["none"],
            contact_name="饶一帆",
            contact_mobile=["13967000101"],
            contact_email="r@lx.cn",
        ),
        _achievement(
            title="锂电池短程再生",
            org="东江理工学院",
            stage="small_trial",
            ip_type=["none"],
            contact_name="查敏",
            contact_mobile=["0579-82280011-6"],
        ),
    ]
    return _grid(rows, wanted, merges=["F10:F11", "G10:I10", "K10:M10"])


def a_person_and_a_number_under_one_group() -> Made:
    """联系人及电话 over 姓名 and 电话: the group names both, the lower words which is which."""
    rows: list[list[object]] = [
        ["企业名称", "需求名称", "主要问题", "联系人及电话", None],
        [None, None, None, "姓名", "电话"],
        [_PLACES[0], "套圈磨削烧伤", "磨削后表面有烧伤，要在线检出", "鲍立", "13967000105"],
        [_PLACES[1], "低盐染色", "盐耗每吨布六十公斤，要减半", "柳舒", "0579-82280012"],
    ]
    wanted = [
        _need(
            enterprise_name=row[0],
            title=row[1],
            problem=row[2],
            contact_name=row[3],
            contact_mobile=[row[4]],
        )
        for row in rows[2:]
    ]
    return _grid(rows, wanted, merges=["A1:A2", "B1:B2", "C1:C2", "D1:E1"])


def sheet_of_a_template() -> Made:
    """An example above the rows, prompts left in cells, a list of choices and a page of advice beside."""
    import openpyxl

    book = openpyxl.Workbook()
    list_, advice, choices = book.active, book.create_sheet("填表说明"), book.create_sheet("字典")
    assert list_ is not None
    header = ["序号", "企业名称", "需求名称", "需求描述", "拟投入（万元）", "联系人", "联系电话"]
    for row in (
        header,
        [1, "示例：某某有限公司", "示例：高温轴承", "请用200字以内说明", 30, "张三", "13800000000"],
        [2, _PLACES[0], "套圈淬火变形", "椭圆度超差", "请填写数字", "谷 向阳", "13857420011"],
        [3, "请填写企业全称", "请填写需求名称", "请简要描述现状和难点", "请填写数字", "请填写", "请填写"],
    ):
        list_.append(row)
    for words in ("填表说明", "带*为必填项", "联系电话请填手机"):
        advice.append([words])
    for pair in (("所属领域", "合作方式"), ("新材料", "合作开发"), ("先进制造", "技术转让")):
        choices.append(pair)
    wanted = [
        _need(
            enterprise_name=_PLACES[0],
            title="套圈淬火变形",
            problem="椭圆度超差",
            contact_name="谷向阳",
            contact_mobile=["13857420011"],
        )
    ]
    return "模板.xlsx", saved(book), wanted


def three_achievements_side_by_side() -> Made:
    rows = [
        [None, "临溪片区成果对比"],
        [],
        [None, "成果名称", "黄精九蒸九晒装备", "蓝莓冻干粉", "羊栖菜脱砷"],
        [None, "完成单位", "临溪农林大学", "临溪农林大学", "澜海水产学院"],
        [None, "负责人", "褚良", "游芳", "骆海"],
        [None, "联系电话", "13967000301", "13967000302", "13967000303"],
        [None, "成熟度", "中试", "小批量", "实验室"],
        [None, "转让价格", "30万元", "面议", "20-30万"],
    ]
    wanted = [
        _achievement(
            title=rows[2][column],
            org=rows[3][column],
            leader=rows[4][column],
            contact_mobile=[rows[5][column]],
            stage=stage,
            price=price,
        )
        for column, stage, price in (
            (2, "pilot", (30, 30)),
            (3, "small_batch", "面议"),
            (4, "lab", (20, 30)),
        )
    ]
    return _grid(rows, wanted)


def list_to_be_signed_in_two_halves() -> Made:
    left = [("毕升", _PLACES[0], "13857420161"), ("甘霖", _PLACES[1], "13857420162")]
    right = [("褚良", "临溪农林大学", "13967000301"), ("骆海", "澜海水产学院", "13967000303")]
    rows: list[list[object]] = [["对接会签到表"], ["序号", "姓名", "单位", "手机"] * 2]
    rows += [[1, *a, 2, *b] for a, b in zip(left, right, strict=True)]
    wanted = [_person(name=name, org=org, mobile=[phone]) for name, org, phone in (*left, *right)]
    return _grid(rows, wanted, merges=["A1:H1"])


def person_with_number_and_address_in_one_cell() -> Made:
    rows = [
        ["序号", "企业名称", "技术需求", "联系人及联系方式"],
        [1, _PLACES[0], "①压铸模龟裂；②模温机节能", "宋晓 13857420151 songx@zc.cn"],
        [2, _PLACES[1], "饮片农残检测", "文清，0571-64220077-8012，wq@bc.cn"],
        [3, _PLACES[2], "石粉利用", "13857420153（冷主任）"],
    ]
    people = [
        {"contact_name": "宋晓", "contact_mobile": ["13857420151"], "contact_email": "songx@zc.cn"},
        {"contact_name": "文清", "contact_mobile": ["0571-64220077-8012"], "contact_email": "wq@bc.cn"},
        {"contact_name": "冷主任", "contact_mobile": ["13857420153"]},
    ]
    wanted = [
        _need(enterprise_name=row[1], title=row[2], **person)
        for row, person in zip(rows[1:], people, strict=True)
    ]
    return _grid(rows, wanted)


def same_as_above() -> Made:
    text = (
        "序号,企业名称,需求名称,拟投入（万元）,联系人,电话\r\n"
        f"1,{_PLACES[0]},叶轮动平衡,120,风清扬,13857420191\r\n"
        "2,同上,蜗壳降噪,40w,同上,〃\r\n"
        f"3,{_PLACES[1]},变频器谐波,同上,苗雨,'0571-64220018\r\n"
    )
    wanted = [
        _need(
            enterprise_name=firm,
            title=title,
            budget=(money, money),
            contact_name=name,
            contact_mobile=[phone],
        )
        for firm, title, money, name, phone in (
            (_PLACES[0], "叶轮动平衡", 120, "风清扬", "13857420191"),
            (_PLACES[0], "蜗壳降噪", 40, "风清扬", "13857420191"),
            (_PLACES[1], "变频器谐波", 40, "苗雨", "0571-64220018"),
        )
    ]
    wanted[2]["budget"] = (40, 40)
    return "清单.csv", text.encode("gb18030"), wanted


def contacts_of_the_township_too() -> Made:
    rows = [
        [
            "所属镇街",
            "企业名称",
            "技术背景",
            "需求名称",
            "企业联系人",
            "企业联系电话",
            "镇街联系人",
            "镇街联系电话",
            "身份证号",
        ],
        [
            "新港街道",
            _PLACES[0],
            "现用进口探头",
            "余氯监测",
            "水清",
            "13857420171",
            "周镇",
            "13857429901",
            "33012719900101123X",
        ],
        [
            "港口镇",
            _PLACES[1],
            "",
            "艉轴渗漏",
            "牛力",
            "13857420172",
            "吴口",
            "13857429902",
            "330127199001011234",
        ],
    ]
    wanted = [
        _need(
            region="新港街道",
            enterprise_name=_PLACES[0],
            problem="现用进口探头",
            title="余氯监测",
            contact_name="水清",
            contact_mobile=["13857420171"],
        ),
        _need(
            region="港口镇",
            enterprise_name=_PLACES[1],
            title="艉轴渗漏",
            contact_name="牛力",
            contact_mobile=["13857420172"],
        ),
    ]
    return _grid(rows, wanted)


def answers_to_a_form_on_the_web() -> Made:
    rows = [
        [
            "序号",
            "提交答卷时间",
            "所用时间",
            "1、贵企业的名称是？",
            "2、请简要描述贵企业的技术难题",
            "3、您希望达到的技术指标？",
            "4、希望的合作方式 [多选题]",
            "5、联系人",
            "6、联系电话",
        ],
        [
            "1",
            "2025/9/1 9:12:33",
            "215秒",
            _PLACES[0],
            "螺栓氢脆",
            "200小时不断",
            "委托开发┋联合攻关",
            "钉立",
            "13857420201",
        ],
        ["2", "2025/9/1 9:20:01", "98秒", _PLACES[1], "检测慢", "每件≤2秒", "(跳过)", "木森", "13857420182"],
    ]
    wanted = [
        _need(
            enterprise_name=row[3],
            title=row[4],
            indicators=row[5],
            contact_name=row[7],
            contact_mobile=[row[8]],
            filled_at="2025-09-01",
        )
        for row in rows[1:]
    ]
    wanted[0]["coop_mode"] = ["commission", "joint"]
    return _grid(rows, wanted)


def two_columns_under_one_merged_word() -> Made:
    rows = [
        ["序号", "单位名称", "需求名称", "合作\n意向", "联系人/职务", "联系人及电话", None],
        [1, _PLACES[0], "蜗壳降噪", "转让或许可", "", "风清扬", 13857420191],
        [2, _PLACES[1], "镀银层硫化", "联合开发", "", "毕 升", 13857420161],
        [3, _PLACES[2], "笋壳粉碎", "购买专利", "", "蒲根", 13857420022],
    ]
    wanted = [
        _need(
            enterprise_name=firm, title=title, coop_mode=modes, contact_name=name, contact_mobile=[str(phone)]
        )
        for firm, title, modes, name, phone in (
            (_PLACES[0], "蜗壳降噪", ["transfer", "license"], "风清扬", 13857420191),
            (_PLACES[1], "镀银层硫化", ["joint"], "毕升", 13857420161),
            (_PLACES[2], "笋壳粉碎", ["transfer"], "蒲根", 13857420022),
        )
    ]
    return _grid(rows, wanted, merges=["F1:G1"])


def headers_in_two_languages() -> Made:
    rows = [
        [
            "编号\nNo.",
            "成果名称\n(Title)",
            "完成人\n(Inventors)",
            "技术成熟度\n(TRL 1-9级)",
            "转让意向价\n(万元)",
            "完成年月",
            "联系手机",
        ],
        ["LX-001", "石墨烯防腐漆", "申屠海 吕布衣 第五伦", "７级", "３０－５０", "2024.3", "139 6700 0401"],
        ["LX-002", "水产疫苗微囊", "阮清;骆 海", "4-5级", "Negotiable", 202406, "13967000402"],
        ["LX-003", "微电网调度软件", "沙洲", "九级", "1 200", "二○二四年九月", "13967000403"],
    ]
    wanted = [
        _achievement(
            achievement_no=f"LX-00{number}",
            title=title,
            completers=people,
            stage=stage,
            trl=level,
            price=price,
            completed_on=day,
            contact_mobile=[f"1396700040{number}"],
        )
        for number, title, people, stage, level, price, day in (
            (1, "石墨烯防腐漆", ["申屠海", "吕布衣", "第五伦"], "pilot", 7, (30, 50), "2024-03-01"),
            (2, "水产疫苗微囊", ["阮清", "骆海"], "lab", 4, "面议", "2024-06-01"),
            (3, "微电网调度软件", ["沙洲"], "industrial", 9, (1200, 1200), "2024-09-01"),
        )
    ]
    return _grid(rows, wanted)


def declared_by_a_library_for_every_extension() -> Made:
    """Some libraries declare types for parts that are not there, one of them with macros."""
    filename, content, wanted = two_columns_under_one_merged_word()
    types = _member(content, "[Content_Types].xml")
    declared = (
        b'<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    )
    more = types.replace(b"<Override", declared + b"<Override", 1)
    return filename, with_members(content, **{"[Content_Types].xml": more}), wanted


def _member(content: bytes, name: str) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def _named(maker: Callable[[], Made]) -> str:
    return re.sub("_", " ", maker.__name__)


COUNTY_FILES = {
    _named(maker): maker
    for maker in (
        groups_named_after_what_they_hold,
        a_person_and_a_number_under_one_group,
        sheet_of_a_template,
        three_achievements_side_by_side,
        list_to_be_signed_in_two_halves,
        person_with_number_and_address_in_one_cell,
        same_as_above,
        contacts_of_the_township_too,
        answers_to_a_form_on_the_web,
        two_columns_under_one_merged_word,
        headers_in_two_languages,
        declared_by_a_library_for_every_extension,
    )
}
