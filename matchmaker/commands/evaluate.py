"""matchmaker evaluate: how good the matching is, on pairs that people graded or on queries with answers."""

import sys
import time
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from matchmaker.commands.arguments import Subcommands, print_result
from matchmaker.commands.evaluate_rows import (
    read_corpus,
    read_needs,
    read_pairs,
    read_queries,
    refuse_same_file,
)
from matchmaker.errors import Refused
from matchmaker.resources import folder
from matchmaker.settings import Settings
from nlp import evaluate as evaluation
from nlp import measures
from nlp.embedding import load_encoder
from nlp.scale import read_weights
from nlp.seen import known_marks, mark_of
from nlp.text import segmenter

NAME = "evaluate"
HELP = "用标注数据检验匹配质量（不改动任何数据）"
_IN_SAMPLE_FROM = 0.01  # a share of known rows that chance alike marks do not reach
_IN_SAMPLE = "（样本内：随附的系数就是用这些行拟合的，偏乐观；请用 --folds 检验）"
_NOTHING_TO_MEASURE = "—（没有可以计算的数据）"
_ENCODER_SAW = "（样本内：随附的编码器训练时见过其中一部分文献，偏乐观）"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser = subcommands.add(NAME, HELP, run)
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="pairs|retrieval")
    pairs = kinds.add_parser("pairs", help="分级标注的需求—成果对")
    retrieval = kinds.add_parser("retrieval", help="查询与相关文献")
    _add_pairs(pairs)
    _add_retrieval(retrieval)
    for kind in (pairs, retrieval):  # also behind the kind, where people write it
        kind.add_argument("--json", action="store_true", default=SUPPRESS, help="以 JSON 输出结果")


def _add_pairs(parser: ArgumentParser) -> None:
    parser.add_argument("needs", type=Path, help="需求：每行 need_id、title、text")
    parser.add_argument(
        "pairs",
        type=Path,
        help="配对：每行 need_id、achievement_id、achievement_title，可有 achievement_text、level",
    )
    parser.add_argument("--train", type=Path, help="另外的已标注配对，用来学习")
    parser.add_argument("--folds", type=int, default=0, help="分几折交叉检验")
    parser.add_argument("--within", action="store_true", help="在需求内部分折")
    parser.add_argument("--scores", type=Path, required=True, help="得分写到这个文件")


def _add_retrieval(parser: ArgumentParser) -> None:
    parser.add_argument("queries", type=Path, help="查询：每行 query_id、query、relevant")
    parser.add_argument("corpus", type=Path, help="文献：每行 doc_id、text")
    parser.add_argument("--ranking", type=Path, required=True, help="排序写到这个文件")


def run(arguments: Namespace, settings: Settings) -> int:
    """Score with the very code that serves proposals, write the file, print the measures."""
    _check(arguments)
    config = folder("config")
    tools = evaluation.Tools(
        encoder=load_encoder(settings.matching.encoder, way=settings.matching.way),
        segmenter=segmenter(config / "dictionary.txt", config / "stopwords.txt"),
        weights=read_weights(config / "weights.toml"),
        told=_Clock().tell,
    )
    result = (_pairs if arguments.kind == "pairs" else _retrieval)(arguments, tools)
    words = "\n".join(f"{name}: {value}" for name, value in result.items())
    print_result(result, words=words, json_wanted=arguments.json)
    return 0


def _check(arguments: Namespace) -> None:
    """Raise Refused for words that contradict each other, before anything slow is loaded."""
    if arguments.kind == "retrieval":
        refuse_same_file(arguments.ranking, arguments.queries, arguments.corpus)
        return
    refuse_same_file(arguments.scores, arguments.needs, arguments.pairs, arguments.train)
    if arguments.folds < 0 or arguments.folds == 1:
        raise Refused(f"--folds {arguments.folds} 不能交叉检验。请写 2 以上的折数，或不写。")
    if arguments.within and not arguments.folds:
        raise Refused("--within 要和 --folds 一起用。请加上折数，如 --folds 5。")


def _pairs(arguments: Namespace, tools: evaluation.Tools) -> dict[str, Any]:
    needs = read_needs(arguments.needs)
    pairs = read_pairs(arguments.pairs, needs, graded="--folds" if arguments.folds else "")
    train = read_pairs(arguments.train, needs, graded="--train") if arguments.train else ()
    scored = evaluation.score_pairs(
        needs, pairs, tools, train=train, folds=arguments.folds, within=arguments.within
    )
    rows = list(_told(scored, len(pairs), tools))
    evaluation.write_rows(arguments.scores, rows)
    bare = sum("level" not in pair for pair in pairs)
    if bare:
        return {"pairs": len(rows), "not_measured": f"{bare} 行没有 level，只写了得分"}
    figures = _plain(measures.measure_pairs(pairs, rows))
    learnt_anew = arguments.folds and len(pairs) * (1 - 1 / arguments.folds) >= evaluation.LEAST_REFITTED
    if not learnt_anew and _share_known(pairs, "pairs", "need_id", "achievement_id") > _IN_SAMPLE_FROM:
        figures = {name: value + _IN_SAMPLE for name, value in figures.items()}
    return figures


def _retrieval(arguments: Namespace, tools: evaluation.Tools) -> dict[str, Any]:
    queries, corpus = read_queries(arguments.queries), read_corpus(arguments.corpus)
    ranked = evaluation.rank_corpus(queries, corpus, tools)
    rows = list(_told(ranked, len(queries), tools))
    evaluation.write_rows(arguments.ranking, rows)
    figures = _plain(measures.measure_retrieval(queries, rows))
    marks = known_marks("documents")
    unseen = [query for query in queries if not any(mark_of(name) in marks for name in query["relevant"])]
    if len(unseen) >= len(queries) * (1 - _IN_SAMPLE_FROM):
        return figures
    figures = {name: value + _ENCODER_SAW for name, value in figures.items()}
    apart = _plain(measures.measure_retrieval(unseen, rows)) if unseen else {}
    return figures | {f"{name}_unseen": value for name, value in apart.items()}


def _share_known(rows: Sequence[Mapping[str, Any]], kind: str, *names: str) -> float:
    marks = known_marks(kind)
    known = sum(mark_of(*(str(row[name]) for name in names)) in marks for row in rows)
    return known / max(len(rows), 1)


def _plain(figures: Mapping[str, measures.Figure]) -> dict[str, Any]:
    return {
        name: f"{found.mean:.4f} [{found.low:.4f}, {found.high:.4f}] n={found.cases}"
        if found.cases
        else _NOTHING_TO_MEASURE
        for name, found in figures.items()
    }


class _Clock:
    """Tells steps on the error stream with the seconds since the start."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def tell(self, words: str) -> None:
        print(f"[{time.monotonic() - self._began:5.0f} s] {words}", file=sys.stderr, flush=True)


def _told(rows: Iterable[dict[str, Any]], total: int, tools: evaluation.Tools) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows, 1):
        if number % 500 == 0 or number == total:
            tools.told(f"评分 {number}/{total}")
        yield row
