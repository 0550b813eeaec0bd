"""The name of what a figure measures, found at the end of the words before it."""

import re

from nlp.units import PATTERN

_ENGLISH = re.compile(
    r"(?:\b(?!(?:and|or|the|a|an|with|of|is|are|be|must|should|shall|need|needs|we|our|to|for|in|at|by|from|than|its)\b)"
    r"[A-Za-z][A-Za-z\-]*\s+){1,3}(?!(?:is|are|be|to|by|of|must|should|shall|at|in)\b)[A-Za-z][A-Za-z\-]*$",
    re.IGNORECASE,
)
_ENGLISH_TRAILING = re.compile(
    r"(?:\s*\b(?:is|are|be|must|should|shall|of|to|by|for|in|at|reach|reaches|about)\b)+\s*$", re.I
)
# 粒径D50, PM2.5, 屈服强度Rp0.2
_NAME = re.compile(
    r"[㐀-鿿A-Za-z0-9α-ωΑ-Ω()/.\-]*"
    r"(?:[㐀-鿿A-Za-zα-ωΑ-Ω)]|[㐀-鿿][A-Z]\d{1,2}|PM[\d.]{1,3}|R[pt]\d\.\d|K[VU]\d)$"
)
CHANGED = (
    "提高|提升|增加|增|延长|扩大|降低|下降|降|减少|减|缩短|压缩|缩小|缩|改善"
    "|控制|保持|稳定|维持|限制|升|达|做"
)
# 强度达到母材的85%, 波动不超过额定值的±3%: whose share it is
_OF_REFERENCE = re.compile(
    r"(?<=[㐀-鿿])(?:达到?|为|相当于|恢复到|不(?:低于|高于|超过|大于|小于))([㐀-鿿]{2,6})的$"
)
_THAN_TODAY = re.compile("[比较](?:现在|目前|原来|现有|原先|现状|当前)(?:工艺|水平|产品|设备)?")
EACH = re.compile(rf"每({PATTERN})$")
_RATE = re.compile(
    r"每(小时|分钟|秒|天|日|月|年|班)((?:处理|加工|生产|产出|输送|灌装|包装|分拣|检测|检验|贴标|打包)[㐀-鿿]*)$"
)  # 每小时处理30吨
_LEADING = re.compile(
    r"^(?:.*(?:要求|目标|希望|需要|使得|使其|把|将|其中|以及|并且|同时|实现|具有|能够|达到|保证|确保|的|、))(?=[㐀-鿿A-Za-zα-ωΑ-Ω]{2}|\d+[a-z][㐀-鿿])"
    r"|^[\d().]+(?=[㐀-鿿])(?!天|小时|分钟|个月|次)|^(?:现在|目前|当前|现有|时(?![间效长延])|内(?![径孔壁部层应阻压存容置腔圈衬胆芯涵含酯脂源生能外])|下(?![降限])|后(?!处理)|条件下|情况下|要求(?=[㐀-鿿]{2}))"
)
TRAILING = re.compile(
    rf"(?:(?:{CHANGED})(?:到|至|为|在|成)|可以|能够|要求|需要|(?<![主摘重概])要|需|应|可|必须|须|已经|已|都|均|控制|保持|稳定|原来|最高|最低"
    r"|达到|达|在|为|是|到|至|的|了|约|近|实测|测得|不得|室温|常温|[=:\s]|[A-Za-zα-ω]?[φΦ])+$"
)
_NOTE = re.compile(r"(?<=[㐀-鿿A-Za-z])\([^()]*\)$")
_NOT_QUANTITIES = re.compile(
    r"^(?:其中|以及|现场|大约|共计|目前|其他|现有|拥有|安装|购买|购置|完成|占地|每[㐀-鿿]?|双方各|现用|(?:能够?|可以?|已经?|需|就)?(?:实现|满足|做到|适用于|用于)|主要应用于|(?:公司)?预期|左右|一般|大概|通常|即|例如|比如|型号|规格|编号|电话|手机|[Nn]eeds?|[Rr]equires?|[Ww]ant)$"
    r"|(?:采用|使用|利用|通过|经过|进行|配备|合同(?:生效|签订)后?|(?:签约|立项|启动)后|每间隔|的)$|^(?:占地|厂房|车间|建筑|用地)[㐀-鿿]*面积$|^(?:厂房|车间|仓库)$"
)
_LONGEST_NAME = 15
# a long name is not cut in the midst of a word
_TO_A_JOINT = re.compile("^.{0,7}?[的和与及在对中于由从将把使比是](?=.{4})")


def name_before(words: str) -> tuple[str, str]:
    """Return the name of what is measured at the end of some words, and what counts it (/分钟) or ""."""
    each = EACH.search(words)
    if each:
        words = words[: each.start()]
    words = _OF_REFERENCE.sub(r"与\1之比", words)
    bare = TRAILING.sub("", words)
    bare = TRAILING.sub("", _NOTE.sub("", bare)) or bare
    english = _ENGLISH.search(_ENGLISH_TRAILING.sub("", bare).rstrip())
    if english:
        return english.group(), f"/{each[1]}" if each else ""
    found = _NAME.search(bare)
    quantity = clean_quantity(found.group()) if found else ""
    if _NOT_QUANTITIES.search(quantity):
        quantity = ""
    if not each and (rate := _RATE.match(quantity)):
        return rate[2], f"/{rate[1]}"
    return quantity, f"/{each[1]}" if each and quantity else ""


def clean_quantity(words: str) -> str:
    """Return the name of what is measured, without the words that only introduce it."""
    name = words.rsplit("(", 1)[-1] if words.count("(") > words.count(")") else words
    for _ in range(3):  # 希望把热处理后的硬度: one introduction behind the other
        name = _LEADING.sub("", name.lstrip(")/.-"))
    name = _THAN_TODAY.sub("", name)
    name = TRAILING.sub("", name)
    cut = _TO_A_JOINT.sub("", name[-_LONGEST_NAME:]) if len(name) > _LONGEST_NAME else name
    return cut.strip("()/.-")
