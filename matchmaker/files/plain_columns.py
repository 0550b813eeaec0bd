"""Columns of unlisted headers that are taken without asking: header and every value say the same."""

import re
from collections.abc import Sequence

from matchmaker.domain.parsed import plain_text
from matchmaker.domain.values import unit_of_header
from matchmaker.files.book import Cell
from matchmaker.files.choice_readers import choice_of
from matchmaker.files.headers import Field, RecordKind

# An organisation, a person or a number of these is not the one that a list is about.
_OTHER_ORG = re.compile(
    "推荐|主管|归口|报送|审核|管理|服务|合作|对接|意向|目标|竞争|检[测验]|监理|采购|应用|用户|客户|配套|供应|上级"
    "|母公司|关联|参与|协[作助同]|联合|毕业|派驻|帮扶|挂钩|联[系络]|推广|示范|转化|落地|承接|登记|鉴定|评[价估]"
    "|资助|支持|投资|建设|开户|开票|链主|龙头|上游|下游|挂牌|产业化|购买|使用|引进|曾|原|其他|另|第[二三]|拟|可"
)
_OTHER_PERSON = re.compile(
    "法[人定]|代表|专家|教授|推荐|走访|服务|科技局|科办|领导|经理|主管|镇|街道|园区|高校|院校|院所|负责|填[报写表]|经办|审核"
    "|特派|专员|干部|部门|财务|人事|秘书|助理|紧急|合作|毕业|发明|完成|介绍|保荐|传真|第[二三]|备[用选]"
)
_WISHED = re.compile("拟|打算|意向|计划|预[计期算]|愿|可|能|悬赏|榜|期望|希望|准备")
_OTHER_MONEY = re.compile(
    "已|上年|去年|本?年度|近.年|年均|累计|固定|注册|销售|营[业收]|产值|利润|税|政府|财政|补[助贴]|申[请报]|资助"
    "|融资|贷款|缺口|到账|单价|成本|收入|效益|节[约省]|新增|损失|合同"
)
_PLACE = re.compile(
    "[一-鿿]{1,12}(?:省|市|区|县|旗|镇|乡|街道|园|新城|村|社区)(?:[一-鿿]{1,12}(?:市|区|县|镇|乡|街道|园))*"
)
_OTHER_PLACE = re.compile("适[宜用]|推广|服务|应用|示范|种植|目标|销售|市场|出口|活动|产地")


def says_so_itself(field: Field, kind: RecordKind, word: str, cells: Sequence[Cell]) -> bool:
    """Whether a column that its header hints at, and whose values all suit, can hardly be another's.

    `word` is the cleaned header with what stands in its brackets.
    """
    contact = kind in (RecordKind.NEED, RecordKind.ACHIEVEMENT) and not _OTHER_PERSON.search(word)
    told = {
        "email": True,
        "uscc": True,
        "period": True,
        "org": kind is RecordKind.CONTRACT or not _OTHER_ORG.search(word),
        "person": contact,
        "phone": contact,
        "industry": "行业" in word or "产业" in word,
    }
    if field.type == "region":
        placed = all(_PLACE.fullmatch(plain_text(cell)) for cell in cells)
        return placed and not _OTHER_PLACE.search(word)
    if field.type == "money":
        wished = bool(_WISHED.search(word)) and not _OTHER_MONEY.search(word)
        return wished and unit_of_header(word) is not None
    if field.type == "enum:disclosure":  # its reader takes whatever it cannot read for a no
        return all(choice_of("disclosure", plain_text(cell)) for cell in cells)
    return field.type.startswith("enum") or told.get(field.type, False)
