"""Files that people hand to `matchmaker evaluate`: odd ones are read, wrong ones answered in one sentence."""

import json
from pathlib import Path

import pytest

from matchmaker.cli import main

NEEDS: list[dict[str, object]] = [
    {"need_id": "n1", "title": "压铸模具耐热涂层", "text": "模具龟裂，需要耐高温涂层"},
    {"need_id": "n2", "title": "茶叶杀青节能", "text": "杀青机能耗高"},
]
PAIRS: list[dict[str, object]] = [
    {"need_id": "n1", "achievement_id": "a1", "achievement_title": "多弧离子镀涂层", "level": 4},
    {"need_id": "n1", "achievement_id": "a2", "achievement_title": "电磁杀青机", "level": 1},
    {"need_id": "n2", "achievement_id": "a1", "achievement_title": "多弧离子镀涂层", "level": 1},
    {"need_id": "n2", "achievement_id": "a2", "achievement_title": "电磁杀青机", "level": 3},
]
GOOD = json.dumps(PAIRS[0], ensure_ascii=False)


def _lines(rows: list[dict[str, object]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _evaluate(folder: Path, monkeypatch: pytest.MonkeyPatch, pairs: bytes, *more: str) -> int:
    monkeypatch.setenv("MATCHMAKER_MATCHING__WAY", "direct")
    (folder / "needs.jsonl").write_text(_lines(NEEDS), encoding="utf-8")
    (folder / "pairs.jsonl").write_bytes(pairs)
    words = [str(folder / "needs.jsonl"), str(folder / "pairs.jsonl"), "--scores", str(folder / "out.jsonl")]
    return main(["evaluate", "pairs", *words, *more])


def test_mark_line_ends_blank_lines_levels_and_nulls_change_no_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = _lines(PAIRS)
    shuffled = _lines([row | {"level": 5 - int(str(row["level"]))} for row in PAIRS])
    bare = _lines([{name: row[name] for name in row if name != "level"} for row in PAIRS])
    nulls = _lines([row | {"achievement_text": None, "level": None} for row in PAIRS])
    written = []
    for text in (plain, "\ufeff" + plain, plain.replace("\n", "\r\n\r\n"), shuffled, bare, nulls):
        assert _evaluate(tmp_path, monkeypatch, text.encode()) == 0
        written.append((tmp_path / "out.jsonl").read_bytes())

    assert len(set(written)) == 1


@pytest.mark.parametrize(
    ("pairs", "more", "told"),
    [
        (b"", (), "pairs.jsonl 里没有一行数据。请检查是不是给错了文件。"),
        (
            f'{GOOD}\n{{"need_id": "n1",\n'.encode(),
            (),
            'pairs.jsonl 第 2 行不是一个完整的 JSON 对象：{"need_id": "n1",。每行要写成 {…}，中间不换行。',
        ),
        (b'[1]\n', (), "pairs.jsonl 第 1 行不是一个完整的 JSON 对象：[1]。每行要写成 {…}，中间不换行。"),
        (
            f'{GOOD}\n{{"need_id": "n1", "achievement_id": "a2"}}\n'.encode(),
            (),
            "pairs.jsonl 第 2 行没有 achievement_title。请补上。",
        ),
        (
            GOOD.replace("n1", "n9").encode(),
            (),
            "pairs.jsonl 第 1 行的 need_id n9 在需求文件里没有。请补上这条需求，或删去这一行。",
        ),
        (
            GOOD.replace("4", '"好"').encode(),
            (),
            'pairs.jsonl 第 1 行的 level 是 "好"，应是 1–4 的整数（4 为强）。',
        ),
        (
            GOOD.replace("4", "9").encode(),
            (),
            "pairs.jsonl 第 1 行的 level 是 9，应是 1–4 的整数（4 为强）。",
        ),
        (GOOD.encode("gb18030"), (), "pairs.jsonl 第 1 行不是 UTF-8 编码。请把文件另存为 UTF-8。"),
        (
            GOOD.replace(', "level": 4', "").encode(),
            ("--folds", "2"),
            "pairs.jsonl 第 1 行没有 level，而 --folds 要从等级学习。请补上 1–4 的等级，或去掉 --folds。",
        ),
        (GOOD.encode(), ("--folds", "1"), "--folds 1 不能交叉检验。请写 2 以上的折数，或不写。"),
        (GOOD.encode(), ("--within",), "--within 要和 --folds 一起用。请加上折数，如 --folds 5。"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_and_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pairs: bytes,
    more: tuple[str, ...],
    told: str,
) -> None:
    assert _evaluate(tmp_path, monkeypatch, pairs, *more) == 1

    errors = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("[")]
    assert errors == [told]
    assert not (tmp_path / "out.jsonl").exists()


def test_a_result_is_never_written_over_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    again = ("--scores", str(tmp_path / "pairs.jsonl"))

    assert _evaluate(tmp_path, monkeypatch, _lines(PAIRS).encode(), *again) == 1

    assert "结果不能写到输入文件 pairs.jsonl 上。请换一个文件名。" in capsys.readouterr().err
    assert (tmp_path / "pairs.jsonl").read_text(encoding="utf-8") == _lines(PAIRS)


def test_json_may_be_asked_for_behind_the_kind_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _evaluate(tmp_path, monkeypatch, _lines(PAIRS).encode(), "--json") == 0
    assert "ndcg10" in json.loads(capsys.readouterr().out)
