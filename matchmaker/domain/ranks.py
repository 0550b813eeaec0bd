"""Ranks of professional titles whose names are made of parts: 高级农艺师, 副主任医师, 助理林业工程师."""

import re

_PARTS = tuple(
    (rank, re.compile(words))
    for rank, words in (
        (
            "senior",
            "正高级?(?:[一-鿿]{1,6}师)?|(?:教授|研究员)级(?:[一-鿿]{0,3}(?:高级[一-鿿]{0,4}师|高工))?"
            "|主任中?[医药护技]师|研究馆员|编审|译审|推广研究员",
        ),
        (
            "associate",
            "副高级?(?:[一-鿿]{1,6}师)?|高级[一-鿿]{1,5}(?<!技)师|高工|副主任中?[医药护技]师|副研究馆员|副编审",
        ),
        ("junior", "助理[一-鿿]{1,5}师|技术员|助理馆员"),
        (
            "middle",
            "主治中?医师|主管[医药护技]师|馆员|(?:农艺|实验|经济|会计|统计|审计|畜牧|兽医|园艺|工艺美术)师",
        ),
    )
)


def rank_of(title: str) -> str | None:
    """Return senior, associate, middle or junior for one whole title; None where its parts do not tell.

    高级技师 is a grade of skill, 总工程师 a position: neither is a rank.
    """
    return next((rank for rank, words in _PARTS if words.fullmatch(title)), None)
