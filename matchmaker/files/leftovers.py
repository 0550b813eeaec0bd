"""What programs and templates leave in cells where a person wrote nothing: errors, cut numbers, prompts."""

import math
import re
from collections.abc import Sequence

from matchmaker.domain.parsed import plain_text, short
from matchmaker.domain.problems import Problem, Severity
from matchmaker.files.book import Cell

# What Excel leaves in a cell, or in a text file made from it, when a formula fails or a column is narrow.
_ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|#{2,})")
_PROMPT = re.compile(
    r"[（(【\[]?\s*请(?:在此处?|您|企业|单位|如实|简要|简单|详细|详尽|准确|尽量|务必|逐条|分条|用|以|按|从|\d+字(?:以内|左右)?|下拉(?:框|列表|菜单)?中?)*"
    r"(?:填写|填报|填入|填|输入|录入|选择|选填|勾选|点选|注明|写明|描述|简述|概述|列出|列明)[^。；;\n]{0,50}[。；)）】\]\s]*"
)
_WISHES = re.compile(r"专家|高校|院校|老师|教授|解决|帮助|协助|帮忙|支持")
_MARKED_NUMBER = re.compile(r"['’][+(（]?\d[^'’]*$")
LONGEST_PROMPT = 60
# What stands in a row of hints below a header: 填全称, 限30字以内, 单位：万元, 11位手机号, 下拉选择.
_HINT = re.compile(
    r"(?:\*|必填|选填|非必填|可不填|可空|必选|单选|多选|可多选|下拉(?:选择|框|菜单)?|文本|文字|数字|数值|整数|日期|自动生成|系统生成"
    r"|(?:如实|简要|准确)?填(?!充|料|埋|海|谷|缝|土|方|[表报写](?:人|员|日|时|单位)).{1,10}|(?:限|不超过|不少于|控制在)?\s*\d+\s*(?:个?字|字符)(?:以内|以上|左右|内)?"
    r"|单位\s*[:：].{1,4}|[百千]?[万亿]?元|格式(?:为|如)?\s*[:：]?.{2,16}|(?:例?如|示例|样例)\s*[:：].{1,20}|(?:\d{1,2}|十一|十八)位.{1,8}"
    r"|(?:手机|座机|电话|邮箱)号?码?|(?:企业|单位)?全称|yyyy.{1,12}|按.{2,10}(?:填写?|选择)|从.{1,8}(?:选择|选取)|见.{0,4}填(?:表|报)?说明)",
    re.IGNORECASE,
)
_LONGEST_HINT = 24
_FEWEST_HINTS = 3
_SCIENTIFIC = re.compile(r"-?\d(?:\.\d+)?[eE]\+?(?P<power>\d{1,3})")
_EXACT_DIGITS = 15  # what Excel keeps of a number; other programs keep all up to 2**53
_LARGEST_EXACT = 2**53


# What databases and programs write where nothing was.
SYSTEM_BLANKS = frozenset(
    {"NULL", "null", "Null", "(null)", "(NULL)", "nan", "NaN", "None", "NaT", "<NA>", "\\N", "undefined"}
)


def left_by_system(text: str, field: str) -> Problem:
    """Return that a text may be what a system writes for nothing; it is kept, for a name may be so."""
    message = f"“{text}”像是系统导出时留下的空值，暂按原文记入，请核对。"
    return Problem(field=field, code="system_blank", message=message, severity=Severity.WARNING)


def is_prompt(cell: Cell) -> bool:
    """Whether a cell still says what to write there: 请填写企业全称."""
    if not isinstance(cell, str) or "请" not in cell[:3] or len(cell) > LONGEST_PROMPT:
        return False
    return bool(_PROMPT.fullmatch(cell.strip())) and not _WISHES.search(cell)


def is_hint(cell: str) -> bool:
    """Whether a short text says how to fill in another cell: 单位：万元, 30字以内."""
    bare = cell.strip("（）() 　\t\r\n")
    return len(bare) <= _LONGEST_HINT and bool(_HINT.fullmatch(bare) or is_prompt(bare))


_HINT_BEFORE = re.compile(
    r"\s*(?:[（(]([^（）()\n]{1,40})[)）]|[【\[]([^【】\[\]\n]{2,40})[】\]])[ \t]*\n?(?=\s*\S)"
)
_ASKS = re.compile(
    "请.{0,12}?(?:填|写|说明|描述|[简概详]述|选|注明|列[出明]|介绍|勾|打√|附)"
)  # no 请专家来厂
_UNIT_BEFORE = re.compile(r"(?:单位\s*[:：]\s*)?([百千]?[万亿]?元)")
_FIGURES = re.compile(r"\d[\d.,\-~～—]*")


def without_hint(answer: str) -> str:
    """Return an answer without the printed hint before it: （填写全称）青禾公司, 【请说明现状】……."""
    found = _HINT_BEFORE.match(answer)
    if found is None:
        first, gap, rest = answer.partition("\n")
        return rest.lstrip() if gap and rest.strip() and is_prompt(first) else answer
    hint, said = found[1] or found[2], answer[found.end() :].lstrip()
    unit = _UNIT_BEFORE.fullmatch(hint)
    if unit and _FIGURES.fullmatch(said):
        return f"{said}{unit[1]}"  # （元）500000
    asks = _ASKS.match(hint) and not _WISHES.search(hint)
    return said if asks or is_hint(hint) else answer


_FRAMED_NUMBER = re.compile(r"[（(]\s*(\d[\d.,\-~～—]*)\s*[)）]\s*([百千]?[万亿]?元|个?月|年)")


def without_frame(answer: str) -> str:
    """Return 10万元 for （ 10 ）万元, a number written into printed brackets."""
    framed = _FRAMED_NUMBER.fullmatch(answer.strip()) if len(answer) <= _LONGEST_HINT else None
    return f"{framed[1]}{framed[2]}" if framed else answer


def tells_what_to_write(cells: Sequence[Cell]) -> bool:
    """Whether a row right below a header says how to fill in its columns, and nothing else.

    Three of four cells at least are hints, so that a record with one odd answer stays a record.
    """
    said = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    if len(said) < _FEWEST_HINTS or any(not isinstance(cell, str) for cell in cells):
        return False
    hints = sum(is_hint(cell) for cell in said)
    return hints * 4 >= 3 * len(said)


_FILLER = "XxＸ×"
_FILLED = re.compile(rf"[{_FILLER}]{{2,12}}\s*")  # what stands where a name or number is to be written: XXX


def left_in(cell: str, field: str) -> Problem | None:
    """Return what is said of a text that nobody wrote: a failed formula, a template's prompt."""
    if cell[:1] == "#" and _ERROR.fullmatch(cell.strip()):
        message = f"“{short(cell)}”是公式出错或列宽不够留下的，按空白处理，请改成原来的内容。"
        return Problem(field=field, code="error_text", message=message, severity=Severity.WARNING)
    if is_prompt(cell) or (cell[:1] in _FILLER and _FILLED.fullmatch(cell)):
        message = f"“{short(cell)}”是模板里的填写提示，按空白处理，请改成实际内容。"
        return Problem(field=field, code="prompt_text", message=message, severity=Severity.WARNING)
    return None


def without_text_mark(cell: str) -> str:
    """Return a text without the apostrophe that keeps Excel from taking it for a number: '0571-64220000."""
    return cell[1:] if cell[:1] in ("'", "’") and _MARKED_NUMBER.match(cell) else cell


_UPRIGHT = re.compile("[一-鿿;；、，,/（）()]")


def written_across(cell: str) -> str:
    """Return words that stand upright in a narrow column, one character to a line, in one line: 新材料."""
    lines = [line.strip() for line in cell.splitlines() if line.strip()]
    upright = len(lines) > 1 and all(len(line) == 1 and _UPRIGHT.match(line) for line in lines)
    return "".join(lines) if upright else without_text_mark(cell)


def is_cut_number(cell: Cell) -> bool:
    """Whether a long number has lost its last digits, as Excel keeps fifteen: 9.13E+17."""
    if isinstance(cell, (int, float)):
        beyond = len(str(abs(int(cell)))) - _EXACT_DIGITS if math.isfinite(cell) else 0
        return beyond > 0 and (abs(cell) >= _LARGEST_EXACT or int(cell) % 10**beyond == 0)
    found = _SCIENTIFIC.fullmatch(plain_text(cell)) if isinstance(cell, str) and "+" in cell else None
    return found is not None and int(found["power"]) >= 6


def cut_number(cell: Cell, field: str, what: str) -> Problem:
    """Return that a number cannot be taken because its last digits are lost."""
    message = f"{what}“{short(cell)}”被表格当成数字，末几位已丢失，没有记入，请把单元格设成文本后补填。"
    return Problem(field=field, code="number_cut", message=message, severity=Severity.WARNING)
