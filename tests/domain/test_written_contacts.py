"""Contacts that stand in texts: what is one, what is none, and what others read instead."""

import pytest

from matchmaker.domain.written_contacts import bare_of_contacts, contacts_in, without_contacts


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("联系人王工 13857000201，欢迎来电", ("13857000201",)),
        ("电话0571-87654321转802，邮箱 a.b@zju.edu.cn。", ("0571-87654321转802", "a.b@zju.edu.cn")),
        ("微信号：zhang_138，QQ 12345678", ("zhang_138", "12345678")),
        ("加微信 wx13857000201", ("wx13857000201",)),
        ("(0574)88123456，请致电87654321", ("(0574)88123456", "87654321")),
        ("电话１３８５７０００２０１，座机（0574）87654321", ("１３８５７０００２０１", "（0574）87654321")),
        ("0574－87654321、87654322，138—5700—0201", ("0574－87654321", "87654322", "138—5700—0201")),
        ("138.5700.0201，热线400-8888-666，电话 8765-4321", ("138.5700.0201", "400-8888-666", "8765-4321")),
        ("Tel.0574-87654321，13857000201vx同号", ("0574-87654321", "13857000201")),
        (
            "微信：zhanggong，VX：zhang138，ＱＱ：１２３４５６７８",
            ("zhanggong", "zhang138", "１２３４５６７８"),
        ),
        ("微信（同手机）：zhang_1，加微zhang138，钉钉号 zhang138", ("zhang_1", "zhang138", "zhang138")),
        (
            "wang＠hx.example，wang(at)hx.example，wang @ hx.cn",
            ("wang＠hx.example", "wang(at)hx.example", "wang @ hx.cn"),
        ),
        ("微信小程序开发，QQ音乐，企业微信API2020接口，WX30000型，支持QQ、微信登录", ()),
        ("编号：010-20210001，合同号 0574-20210012，GB/T 13812345678，手机2000-3000元", ()),
        ("电压V：12000，13812345678.5元，电话线路2000-3000条", ()),
        ("专利号ZL201810123456.7，公告号CN108123456B，代码91330226MA2AGXXX1X", ()),
        ("年产12000000件，投资13800000元，合同2026330100001234", ()),
        ("转速10000-30000r/min，尺寸300-1200000，频率13912345678Hz", ()),
        ("见2020-10-12345678，分子量13800 2345 678", ()),
        ("系数0.13905740001，转速400-800-1200 r/min", ()),
    ],
)
def test_what_is_a_contact_is_found_and_what_is_a_figure_is_not(text: str, held: tuple[str, ...]) -> None:
    assert contacts_in(text) == held


def test_others_read_that_a_contact_is_hidden() -> None:
    assert without_contacts("请联系王工13857000201或 a@b.cn。") == (
        "请联系王工【联系方式已隐去】或 【联系方式已隐去】。"
    )
    assert without_contacts("耐温≥200℃") == "耐温≥200℃"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("压铸涂层（联系电话：13857000201）", "压铸涂层"),
        ("压铸涂层（联系电话13857000201", "压铸涂层"),
        ("（甲）涂层，微信：zhanggong", "（甲）涂层"),
        ("陈舟 13857000201/0574-87654321、李川", "陈舟/、李川"),
        ("面议；电话13857000201", "面议"),
        ("13857000201", ""),
        ("江州大学（城南校区）", "江州大学（城南校区）"),
    ],
)
def test_a_name_loses_a_contact_with_the_words_that_led_to_it(text: str, left: str) -> None:
    assert bare_of_contacts(text) == left
