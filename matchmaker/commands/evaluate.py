"""matchmaker evaluate: how good the matching is, on pairs that people graded or on queries with answers."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from matchmaker.commands.arguments import Subcommands, print_result
from matchmaker.resources import folder
from matchmaker.settings import Settings
from nlp import evaluate as evaluation
from nlp import measures
from nlp.embedding import Encoder, load_encoder
from nlp.scale import TextWeights, read_weights
from nlp.text import Segmenter, segmenter

NAME = "evaluate"
HELP = "用标注数据检验匹配质量（不改动任何数据）"


def add(subcommands: Subcommands) -> None:
    """Declare the words of this subcommand."""
    parser = subcommands.add(NAME, HELP, run)
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="pairs|retrieval")
    _add_pairs(kinds.add_parser("pairs", help="分级标注的需求—成果对"))
    _add_retrieval(kinds.add_parser("retrieval", help="查询与相关文献"))


def _add_pairs(parser: ArgumentParser) -> None:
    parser.add_argument("needs", type=Path, help="需求：每行 need_id、title、text")
    parser.add_argument(
        "pairs", type=Path, help="配对：每行 need_id、achievement_id、achievement_title，可有 level"
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
    config = folder("config")
    tools = (
        load_encoder(settings.matching.encoder, way=settings.matching.way),
        segmenter(config / "dictionary.txt", config / "stopwords.txt"),
        read_weights(config / "weights.toml"),
    )
    result = (_pairs if arguments.kind == "pairs" else _retrieval)(arguments, *tools)
    words = "\n".join(f"{name}: {value}" for name, value in result.items())
    print_result(result, words=words, json_wanted=arguments.json)
    return 0


def _pairs(arguments: Namespace, encoder: Encoder, words: Segmenter, weights: TextWeights) -> dict[str, Any]:
    needs, pairs = evaluation.read_rows(arguments.needs), evaluation.read_rows(arguments.pairs)
    train = evaluation.read_rows(arguments.train) if arguments.train else ()
    scored = evaluation.score_pairs(
        needs,
        pairs,
        encoder,
        segmenter=words,
        weights=weights,
        train=train,
        folds=arguments.folds,
        within=arguments.within,
    )
    rows = list(_told(scored, len(pairs)))
    evaluation.write_rows(arguments.scores, rows)
    return (
        _plain(measures.measure_pairs(pairs, rows))
        if all("level" in pair for pair in pairs)
        else {"pairs": len(rows)}
    )


def _retrieval(
    arguments: Namespace, encoder: Encoder, words: Segmenter, weights: TextWeights
) -> dict[str, Any]:
    queries, corpus = evaluation.read_rows(arguments.queries), evaluation.read_rows(arguments.corpus)
    ranked = evaluation.rank_corpus(queries, corpus, encoder, segmenter=words, weights=weights)
    rows = list(_told(ranked, len(queries)))
    evaluation.write_rows(arguments.ranking, rows)
    return _plain(measures.measure_retrieval(queries, rows))


def _plain(figures: Mapping[str, measures.Figure]) -> dict[str, Any]:
    return {
        name: f"{found.mean:.4f} [{found.low:.4f}, {found.high:.4f}] n={found.cases}"
        for name, found in figures.items()
    }


def _told(rows: Iterable[dict[str, Any]], total: int) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows, 1):
        if number % 500 == 0 or number == total:
            print(f"\r{number}/{total}", end="" if number < total else "\n", file=sys.stderr, flush=True)
        yield row
