"""Words that stop a text: found with their place, and not found in ordinary phrases."""

import pytest

from matchmaker.domain.secrecy import Hit, SecrecyWords, find_secrets, secret_problems
from matchmaker.services.secrecy import secrecy_words

WORDS = SecrecyWords(words=("涉密", "机密"), allowed=("不涉密", "商业机密"))


def test_a_word_is_named_with_its_line_and_what_stands_around_it() -> None:
    text = "第一行没有问题。\n某型号配套为涉密产品，图纸另送。"

    assert find_secrets(text, WORDS) == [Hit(word="涉密", line=2, excerpt="某型号配套为涉密产品，图纸另")]


@pytest.mark.parametrize("text", ["涉 密件", "涉　密件", "涉\t密件"])
def test_blanks_inside_a_word_do_not_hide_it(text: str) -> None:
    assert [hit.word for hit in find_secrets(text, WORDS)] == ["涉密"]


@pytest.mark.parametrize("text", ["本需求不涉密。", "图纸属商业机密，签保密协议后提供。", "密封件漏水", ""])
def test_ordinary_phrases_pass(text: str) -> None:
    assert find_secrets(text, WORDS) == []


def test_an_allowed_phrase_does_not_cover_the_next_word() -> None:
    assert [hit.line for hit in find_secrets("外壳不涉密，\n内芯涉密。", WORDS)] == [2]


def test_every_text_with_a_word_is_one_problem_that_names_its_column() -> None:
    found = secret_problems(
        {"title": "密封件", "problem": "绝密", "goal": "机密，机密"},
        {"title": "需求名称", "goal": "预期目标"},
        WORDS,
        where="汇总表!A5",
    )

    assert [(one.field, one.where) for one in found] == [("goal", "汇总表!A5")]
    assert found[0].message.startswith("“预期目标”第 1 行“机密，机密”里的“机密”、第 1 行")


def test_the_shipped_list_stops_what_it_must_and_lets_usual_phrases_pass() -> None:
    assert all(
        find_secrets(f"这是{word}资料", secrecy_words()) for word in ("涉密", "绝密", "机密", "国防专利")
    )
    assert find_secrets("本需求不涉密，涉及商业秘密部分签协议。", secrecy_words()) == []


@pytest.mark.parametrize(
    "text",
    [
        "电机密封圈老化漏油",
        "有机密封胶耐温",
        "压缩机 密封泄漏",
        "手机密码锁",
        "随机密钥",
        "隔绝密闭舱",
        "白光干涉密度",
        "橡胶机密炼工艺",
        "该算法属于秘密共享技术",
        "方案属秘密分享一类，属于 秘密共享",
        "光机密封装技术",
        "该机密封圈漏油",
        "压缩机密封存在渗漏",
        "杜绝密合不良",
        "不涉及涉密信息",
    ],
)
def test_words_that_only_meet_the_next_word_are_not_secrets(text: str) -> None:
    assert find_secrets(text, secrecy_words()) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("图纸按机密封存", "机密封存"),
        ("涉密集中管理", "涉密集中"),
        ("电机密封图纸为机密", "机密"),
        ("机密级", "机密"),
        ("此件涉秘，请走专线", "涉秘"),
        ("相关数据已定密", "已定密"),
        ("该项目定密为秘密", "定密为秘密"),
        ("属于秘密资料，采用秘密共享", "属于秘密"),
        ("算法属于秘密共享，图纸属于秘密", "属于秘密"),
        ("国家秘密共享平台", "国家秘密"),
        ("图纸按机密封装运输", "机密"),
        ("绝密封装箱内的样件", "绝密"),
        ("机 密 封装", "机密"),
        ("按机密封存在保密室", "机密封存"),
        ("列为绝密密封保存", "绝密"),
        ("国家秘密封存", "国家秘密"),
        ("涉密封装样品", "涉密"),
    ],
)
def test_what_is_meant_as_a_secret_is_found_beside_such_words(text: str, word: str) -> None:
    assert [hit.word for hit in find_secrets(text, secrecy_words())] == [word]
