"""Contacts that stand in texts: what is one, what is none, and what others read instead."""

import pytest

from matchmaker.domain.written_contacts import contacts_in, without_contacts


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("联系人王工 13857000201，欢迎来电", ("13857000201",)),
        ("电话0571-87654321转802，邮箱 a.b@zju.edu.cn。", ("0571-87654321转802", "a.b@zju.edu.cn")),
        ("微信号：zhang_138，QQ 12345678", ("zhang_138", "12345678")),
        ("加微信 wx13857000201", ("wx13857000201",)),
        ("(0574)88123456，请致电87654321", ("(0574)88123456", "87654321")),
        ("微信小程序开发，QQ音乐", ()),
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
