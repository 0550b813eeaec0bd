"""Sample values for every macro: (names of the macros, template text, values)."""

from typing import Any

from matchmaker.domain.papers import Badge, Grid, Heading, Page, Tent, Words
from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.word_changes import word_changes
from matchmaker.web.parts import Column, ListState, Step

EVIL = "<script>alert('x')</script>"


def problem(field: str, message: str, severity: Severity = Severity.ERROR) -> Problem:
    return Problem(field=field, code="x", message=message, severity=severity)


def row(number: int) -> dict[str, Any]:
    return {"id": number, "title": f"{EVIL}{number}", "url": f"/needs/{number}"}


COLUMNS = [
    Column(key="title", title="需求", sortable=True),
    Column(key="budget", title="预算", optional=True),
]
LIST = ListState.read("/needs", [("state", "submitted"), ("sort", "-title")], total=437)
PROBLEMS = [
    problem("title", "请写出难题"),
    problem("", "整张表有误"),
    problem("body", "有电话号码", Severity.WARNING),
]

BADGE = Badge(name=EVIL, organisation="江大", role="专家", number="0007", code="data:image/svg+xml,x")
PAGE = Page(
    title="签到表",
    sub="14:00",
    blocks=[
        Words(text="承办：【待填】"),
        Words(text=EVIL, plain=True, end=True),
        Grid(head=["序号", "单位"], rows=[["1", EVIL]], widths=[1, 4], tall=True, small=True),
        Grid(head=["单位"], rows=[["甲"]]),
    ],
    foot="应到 1 人",
    flows=True,
)
CARDS = Page(blocks=[Tent(name="沈知行", number="3", organisation="江大", lines=["14:00"])])

GRADED = {
    "computed": {"grade": "fair", "score": 0.6, "graded_at": None},
    "given": {
        "grade": "strong",
        "score": 1.0,
        "graded_at": "09:00",
        "computed_grade": "weak",
        "computed_score": 0.2,
    },
}

SAMPLES: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "icons": [("icon", "{{ icon('check') }}{{ icon('x', title='关闭') }}", {})],
    "badges": [
        ("badge", "{{ badge('中试', 'info', 'check', 'TRL 6') }}", {}),
        ("state_badge", "{{ state_badge('submitted', '已提交') }}{{ state_badge('?', '别的', 'bad') }}", {}),
        ("grade", "{{ grade('strong', 82) }}{{ grade('较强') }}{{ grade('weak') }}{{ grade('无') }}", {}),
        ("match_grade", "{{ match_grade(computed) }}{{ match_grade(given) }}", GRADED),
        ("count", "{{ count(0) }}{{ count(12, 'bad', '件待办') }}{{ count(1200) }}", {}),
        ("due", "{{ due('11-30') }}{{ due('11-02', true) }}", {}),
    ],
    "forms": [
        ("csrf, hidden", "{{ csrf() }}{{ hidden('a', none) }}{{ hidden('b', 1) }}", {}),
        (
            "problem_summary",
            "{{ problem_summary(problems) }}{{ problem_summary([]) }}",
            {"problems": PROBLEMS},
        ),
        (
            "text",
            "{{ text('title', '名称', evil, problems, '提示', true, suffix='条', suggestions=['甲']) }}",
            {"problems": PROBLEMS, "evil": EVIL},
        ),
        (
            "textarea",
            "{{ textarea('body', '现状', none, problems, maxlength=200) }}",
            {"problems": PROBLEMS},
        ),
        ("select", "{{ select('mode', '方式', [('a', '甲'), ('b', '乙')], 'b', empty='') }}", {}),
        ("select", "{{ select('field', '领域', [('1', '甲', '组一'), ('2', '乙', '组二')], none) }}", {}),
        ("radios", "{{ radios('d', '公开', [('a', '甲', '说明'), ('b', '乙')], 'a', required=true) }}", {}),
        ("checkboxes", "{{ checkboxes('f', '领域', [(1, '甲'), (2, '乙')], [2]) }}", {}),
        ("tick", "{{ tick('ok', '同意', true, hint='可以撤回') }}", {}),
        ("date", "{{ date('on', '日期', '2026-12-31', min='2026-01-01', max='2027-01-01') }}", {}),
        ("money", "{{ money('budget', '预算', '12.5') }}", {}),
        ("number", "{{ number('n', '人数', 2, suffix='人', min=0, max=9, step=1) }}", {}),
        ("file_drop", "{{ file_drop('files', '清单', accept='.xlsx', multiple=true) }}", {}),
        ("section", "{% call section('基本', '提示', 'one') %}内容{% endcall %}", {}),
        ("row", "{% call row() %}内容{% endcall %}", {}),
        (
            "actions, submit",
            "{% call actions('自动保存') %}{{ submit('提交', 'check', key='a') }}{% endcall %}",
            {},
        ),
        ("button_link", "{{ button_link('打开', '/needs/1', 'eye', drawer=true, key='o', small=true) }}", {}),
        ("act", "{{ act('/accept', '受理', 'check', 'ok', {'version': 3}, key='a') }}", {}),
        ("act_with_reason", "{{ act_with_reason('r', '/back', '退回', [('a', '没写清')], key='r') }}", {}),
        ("act_with_reason", "{{ act_with_reason('s', '/back', '退回', form='needs-bulk') }}", {}),
        (
            "act_confirmed",
            "{{ act_confirmed('d', '/delete', '删除', '删除后不能恢复', fields={'v': 1}) }}",
            {},
        ),
    ],
    "tables": [
        (
            "list_tools",
            "{{ list_tools(list, [('state', '状态', "
            "[('submitted', '已提交', 3), ('x', '别的')])], '搜', '/x', [('本周', '/w')], columns) }}",
            {"list": LIST, "columns": COLUMNS},
        ),
        ("list_downloads", "{{ list_downloads('people', contacts=true) }}", {}),
        (
            "list_table, cell, row_title",
            "{% call(need) list_table('needs', columns, rows, list, '需求', true, open_url='url') %}"
            "{% call cell(main=true) %}{{ row_title(need.title, need.url, '企业') }}{% endcall %}"
            "{{ cell('预算', '面议', end=true, col='budget') }}{% endcall %}",
            {"list": LIST, "columns": COLUMNS, "rows": [row(1), row(2), row(3)]},
        ),
        (
            "bulk_bar",
            "{% call bulk_bar('needs', '/bulk', total=437) %}<button>受理</button>{% endcall %}",
            {},
        ),
        ("pagination", "{{ pagination(list) }}", {"list": LIST}),
        ("empty_state", "{{ empty_state('还没有', '这里会有', '去导入', '/uploads', '例子') }}", {}),
        ("plain_table", "{{ plain_table(['镇', '条'], [['甲', 3]], '按镇', [1], ['合计', 3]) }}", {}),
        (
            "heat_map",
            "{{ heat_map([(1, '甲', '机械'), (2, '乙')], [(7, '陈')], cells, '配对', '企业') }}",
            {
                "cells": {
                    (1, 7): {"score": 92.4, "chosen": True, "forbidden": False, "url": "/m", "note": "好"},
                    (2, 7): {
                        "score": None,
                        "chosen": False,
                        "forbidden": True,
                        "url": "",
                        "note": "同一集团",
                    },
                }
            },
        ),
        (
            "slot_grid",
            "{{ slot_grid(['1 号桌'], ['14:00', '14:20'], cells, '时间表', move_url='/move') }}",
            {"cells": {(0, 1): {"title": "甲 × 陈", "note": "韧性", "state": "late", "url": "/m", "id": 4}}},
        ),
    ],
    "cards": [
        (
            "page_head",
            "{{ page_head('看板') }}{% call page_head('看板', '说明', '标') %}按钮{% endcall %}",
            {},
        ),
        ("card", "{% call card('待办', '说明', '/all', id='todo', flush=true) %}内容{% endcall %}", {}),
        (
            "stats, stat",
            "{% call stats() %}{{ stat('已举办', 37, '/e', '场', '+12 %', 'ok', 100, 0.37) }}{% endcall %}",
            {},
        ),
        ("bar", "{{ bar(1.7, '进度', 'ok') }}", {}),
        ("todo_list", "{{ todo_list([('待受理', 12, '/n', 'warn', '等了 3 天'), ('失败', 0, '/f')]) }}", {}),
        (
            "timeline",
            "{{ timeline(steps) }}{{ timeline(steps, '进展', true) }}",
            {
                "steps": [
                    Step(title="草稿", state="done", at="11-01"),
                    Step(title="受理", state="current", note="等 2 天"),
                    Step(title="退回", state="failed"),
                    Step(title="签约"),
                ]
            },
        ),
        ("history", "{{ history([('11-23', '签约', '王', 'ok'), ('11-22', '导入')]) }}", {}),
        (
            "definitions",
            "{{ definitions([('预算', none), ('期限', '')]) }}{{ definitions([('a', 0)], true) }}",
            {},
        ),
        ("tabs", "{{ tabs([('概况', '/a', true), ('推荐', '/b', false, 5)]) }}", {}),
        ("drawer_link", "{{ drawer_link('看', '/n/1') }}", {}),
        ("note", "{{ note('ok', '好') }}{% call note('bad', '没有保存', '断网') %}再试{% endcall %}", {}),
        (
            "progress",
            "{{ progress('p', '导入', 3, 9, '/p', '/stop') }}{{ progress('q', '', 9, 0, state='done') }}",
            {},
        ),
        ("masked", "{{ masked('138****0000', '/reveal', '王的电话') }}{{ masked('—') }}", {}),
        ("paper", "{{ paper('桌牌', '18 张', '/p', '/d', pages='18 页', kind='PDF') }}", {}),
        (
            "readiness",
            "{{ readiness([('邀', 'done', '3/3'), ('材', 'todo'), ('桌', 'failed'), ('表', 'current')]) }}",
            {},
        ),
        (
            "board",
            "{% call(one) board([('意向', rows, 'a'), ('合同', [])], 'b', '/m') %}{{ one.url }}{% endcall %}",
            {"rows": [row(1)]},
        ),
        ("compare", "{{ compare('一', '二', [('单位', '甲', '乙', true), ('阶段', '中试', '中试')]) }}", {}),
    ],
    "charts": [
        (
            "chart",
            "{{ chart('c', 'bar', '镇', ['镇', '条'], [['甲', 3], ['乙', none]], '条', {1: 'area'}, 's') }}",
            {},
        ),
        ("pace_chart", "{{ pace_chart([('09-01', 1, none, 1.5), ('09-02', 2, none, 3)], '09-02') }}", {}),
        ("funnel", "{{ funnel([('需求', 10, '/n'), ('签约', 0, '', '去重')]) }}{{ funnel([]) }}", {}),
        ("bars", "{{ bars([('甲', 3, '/a', '3.0'), ('乙', 0, '')], unit='条') }}{{ bars([]) }}", {}),
    ],
    "reasons": [
        ("marked", "{{ marked('我要韧性好的料', [(2, 4), (4, 5)]) }}", {}),
        ("marked_words", "{{ marked_words('韧性好韧性', ['韧性', '']) }}", {}),
        (
            "why, reason_list",
            "{{ why(reasons, true) }}",
            {
                "reasons": [
                    {"text": EVIL, "tone": "ok", "quotes": [("需求", EVIL)]},
                    {"text": "远", "tone": "", "quotes": []},
                ]
            },
        ),
        (
            "score_parts",
            "{{ score_parts([('语义', 38, 45), ('领域', 0, 0)], 38) }}{{ score_parts([], compact=true) }}",
            {},
        ),
        (
            "indicators",
            "{{ indicators([('≤ 1 %', 'met', '0.6 %'), ('≥ 2', 'unmet', ''), ('?', 'unstated', none)]) }}",
            {},
        ),
        ("clarity", "{{ clarity(0.62, [('指标', 0.4, '写出数值'), ('难题', 1, '')], ['多少?']) }}", {}),
    ],
    "changes": [
        (
            "pieces",
            "{{ pieces(found) }}",
            {"found": word_changes("强度 20 MPa", "强度 <25> MPa")},
        ),
    ],
    "papers": [
        ("paper_head", "{{ paper_head('签到表', '14:00') }}", {}),
        ("paper_page", "{{ paper_page(page, 'a4', true) }}", {"page": PAGE}),
        ("paper_page", "{{ paper_page(page, 'bare') }}", {"page": CARDS}),
        ("paper_block", "{{ paper_block(block) }}", {"block": Heading(text="一、名单")}),
        ("filled", "{{ filled('承办：【待填】。') }}", {}),
        ("worn_badge", "{{ worn_badge(badge) }}", {"badge": BADGE}),
    ],
}
