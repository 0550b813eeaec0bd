"""What a table lists: needs, achievements, contracts or people, by the words of its headers and its title."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker.files.findings import RecordKind
from matchmaker.files.headers import (
    hints_at,
    is_org_with_position,
    is_titled_person,
    likely_fields,
    look_up,
)
from matchmaker.files.layout import Header

_TITLE_WORDS = {
    RecordKind.NEED: ("需求", "难题", "榜单", "揭榜", "技术攻关"),
    RecordKind.ACHIEVEMENT: ("成果", "专利", "论文", "可转化", "推介目录", "项目库"),
    RecordKind.CONTRACT: ("合同", "协议", "技术交易", "登记台账"),
    RecordKind.PEOPLE: ("参会", "嘉宾", "签到", "回执", "专家库", "专家名单", "人员名单", "通讯录", "人才库"),
}
_FEWEST_WORDS = 0.3
_HINT_SCORE = 0.5
_ASKS = re.compile("[您你贵请?？]")  # a question of a form, whose words no list has: 您计划投入多少资金？
_CERTAIN_SCORE = 1.0
_CERTAIN_LEAD = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a table seems to list. `kind` None: nothing in its words tells."""

    kind: RecordKind | None
    certain: bool


def guess_kind(headers: Sequence[Header], title: str) -> Guess:
    """Return what a table lists, by its header words; words that several kinds share count less.

    The title and the name of the sheet help, but cannot decide alone.
    """
    scores = dict.fromkeys(RecordKind, 0.0)
    unlisted: list[str] = []
    for header in headers:
        if is_org_with_position(header.parts[-1]):
            scores[RecordKind.PEOPLE] += 1.0
            continue
        if is_titled_person(header.parts[-1]):
            continue  # 联系人/职务 stands in lists of every kind
        kinds = [kind for kind in RecordKind if look_up(kind, header.parts)]
        for kind in kinds:
            scores[kind] += 1.0 / len(kinds)
        asked = not kinds and _ASKS.search(header.parts[-1])
        unlisted += [header.parts[-1]] if asked else []
    if max(scores.values()) < _FEWEST_WORDS:
        return _guess_by_hints(headers, title)
    for text in unlisted:
        kinds = _hinted_at(text)
        for kind in kinds:
            scores[kind] += _HINT_SCORE / len(kinds)
    for kind, words in _TITLE_WORDS.items():
        if scores[kind] and any(word in title for word in words):
            scores[kind] += 1.0
    hints = {kind: sum(hints_at(kind, header.parts[-1]) for header in headers) for kind in RecordKind}
    ranked = sorted(scores, key=lambda kind: (-scores[kind], -hints[kind]))
    first, second = ranked[:2]
    lead = scores[first] - scores[second]
    certain = scores[first] >= _CERTAIN_SCORE and lead >= _CERTAIN_LEAD
    # among equals the words that only one kind has (难题) decide, never certainly
    told_apart = lead > 0 or hints[first] > hints[second]
    return Guess(kind=first if told_apart else None, certain=certain)


def _hinted_at(text: str) -> list[RecordKind]:
    """Return the kinds that an unlisted header has a word of; else those of which it may name a field."""
    told = [kind for kind in RecordKind if hints_at(kind, text)]
    return told or [kind for kind in RecordKind if likely_fields(kind, text)]


def _guess_by_hints(headers: Sequence[Header], title: str) -> Guess:
    """Return the likeliest kind of a table whose header words are in no list; never certain."""
    scores = dict.fromkeys(RecordKind, 0.0)
    for kind in RecordKind:
        texts = [header.parts[-1] for header in headers if likely_fields(kind, header.parts[-1])]
        scores[kind] = 0.1 * len(texts) + sum(hints_at(kind, text) for text in texts)
        scores[kind] += any(word in title for word in _TITLE_WORDS[kind]) if texts else 0
    first, second = sorted(scores, key=lambda kind: -scores[kind])[:2]
    clear = scores[first] >= 1.0 and scores[first] - scores[second] >= 0.5
    return Guess(kind=first if clear else None, certain=False)
