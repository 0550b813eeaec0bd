"""Fit the upper layers of the encoder to Chinese technology texts: what belongs together gets closer vectors.

    python bench/encoder/finetune.py --papers papers.jsonl --patents a.jsonl b.jsonl --out FILE

Pairs: a paper's title or some of its keywords with its abstract, a patent's title with its abstract.
Contrast: the other abstracts of the batch, half of which come from one neighbourhood to be hard.
The lower seven layers and the embeddings stay as they are. A fifth of the papers, chosen by a hash of their
id, is never trained on and serves to measure. Seed 20261123; one pass; --minutes ends it early, the learning
rate lowered in time. Run it with the repository on PYTHONPATH.
"""

import argparse
import hashlib
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch  # noqa: TID253

from nlp import sentence, weights
from nlp.seen import mark_of, write_marks

SEED = 20261123
BATCH = 64
TEMPERATURE = 0.02
RATE = 4e-5
FROZEN_LAYERS = 7
DOCUMENT_TOKENS = 72
QUERY_TOKENS = 32
CHECKPOINT_STEPS = 15


def is_held_out(paper_id: str) -> bool:
    """Say whether a paper serves to measure only."""
    return hashlib.sha256(paper_id.encode()).digest()[0] % 5 == 0


def paper_query(paper: dict[str, Any], chance: random.Random) -> str:
    """Return the title, the keywords the abstract does not contain, or a few keywords."""
    keywords = [str(word) for word in paper["keywords"]]
    drawn = chance.random()
    if drawn < 0.3 or not keywords:
        return str(paper["title"])
    absent = [word for word in keywords if word.lower() not in paper["abstract"].lower()]
    if drawn < 0.75 and absent:
        return "，".join(absent)
    return "，".join(chance.sample(keywords, min(len(keywords), chance.randint(1, 3))))


def read_pairs(papers: Path, patents: list[Path], chance: random.Random) -> list[tuple[str, str]]:
    """Return (query, document) pairs without the held-out papers."""
    rows = [json.loads(line) for line in papers.open(encoding="utf-8")]
    pairs = [(paper_query(row, chance), row["abstract"]) for row in rows if not is_held_out(row["id"])]
    for path in patents:
        patent_rows = (json.loads(line) for line in path.open(encoding="utf-8"))
        pairs += [(row["title"], row["abstract"]) for row in patent_rows]
    return [(query, passage_of(text, chance)) for query, text in pairs]


def passage_of(abstract: str, chance: random.Random) -> str:
    """Return the abstract, or as often its later part: what is cut off at the end is read there too."""
    latest = len(abstract) - 120
    return abstract[chance.randint(0, latest) :] if latest > 0 and chance.random() < 0.5 else abstract


def batches(pairs: list[tuple[str, str]], chance: random.Random) -> Iterator[list[tuple[str, str]]]:
    """Yield batches; in each half come from texts that share many characters with one another."""
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    counted = TfidfVectorizer(
        analyzer="char", ngram_range=(2, 2), min_df=5, max_features=30000, sublinear_tf=True
    )
    reduced = TruncatedSVD(64, random_state=SEED).fit_transform(counted.fit_transform([d for _, d in pairs]))
    labels = MiniBatchKMeans(150, random_state=SEED, n_init=1).fit_predict(reduced)
    order = list(range(len(pairs)))
    chance.shuffle(order)
    order.sort(key=lambda i: int(labels[i]))
    blocks = [order[i : i + BATCH // 2] for i in range(0, len(order), BATCH // 2)]
    chance.shuffle(blocks)
    for one, other in zip(blocks[::2], blocks[1::2], strict=False):
        yield [pairs[i] for i in [*one, *other]]


def padded(texts: list[str], prefix: str, longest: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return piece numbers and mask."""
    ids = [
        [*one[: longest - 1], weights.END] if len(one) > longest else one
        for one in weights.token_ids(texts, prefix=prefix)
    ]
    width = max(len(one) for one in ids)
    filled = torch.full((len(ids), width), weights.PAD)
    for row, one in enumerate(ids):
        filled[row, : len(one)] = torch.tensor(one)
    return filled, (filled != weights.PAD).long()


def vectors(model: Any, texts: list[str], prefix: str, longest: int) -> torch.Tensor:
    """Return unit vectors, with gradients through the layers that are trained."""
    ids, mask = padded(texts, prefix, longest)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
    hidden = hidden.float() * mask[..., None]
    return torch.nn.functional.normalize(hidden.sum(1) / mask.sum(1, keepdim=True), dim=1)


def train(model: Any, pairs: list[tuple[str, str]], minutes: float, chance: random.Random, out: Path) -> None:
    """Run one pass or until the time is over."""
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=RATE, weight_decay=0.01)
    drawn = list(batches(pairs, chance))
    began = time.monotonic()
    for step, batch in enumerate(drawn):
        gone = max(step / len(drawn), (time.monotonic() - began) / (minutes * 60))
        if gone >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 15) * (1 - gone)
        asked = vectors(model, [q for q, _ in batch], weights.PREFIXES["query"], QUERY_TOKENS)
        found = vectors(model, [d for _, d in batch], weights.PREFIXES["passage"], DOCUMENT_TOKENS)
        scores = asked @ found.T / TEMPERATURE
        aim = torch.arange(len(batch))
        loss = (
            torch.nn.functional.cross_entropy(scores, aim) + torch.nn.functional.cross_entropy(scores.T, aim)
        ) / 2
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if step % CHECKPOINT_STEPS == CHECKPOINT_STEPS - 1:
            save(model, out)
            print(
                f"step {step}/{len(drawn)} loss {loss.item():.3f} {time.monotonic() - began:.0f} s",
                flush=True,
            )


def save(model: Any, out: Path) -> None:
    """Write the tensors of the trained layers under their shipped names."""
    names = {sentence._torch_name(name): name for name in weights.load_weights().tensors}
    state = {names[key]: value.detach().numpy() for key, value in model.state_dict().items() if key in names}
    trained = {name: value for name, value in state.items() if layer_of(name) >= FROZEN_LAYERS}
    np.savez(out, **trained)


def layer_of(name: str) -> int:
    """Return the layer a tensor belongs to, -1 for the embeddings."""
    return int(name.split(".", maxsplit=1)[0][1:]) if name.startswith("l") else -1


def main() -> None:
    """Read the arguments, train, save the changed tensors."""
    parser = argparse.ArgumentParser(description="Fit the upper half of the encoder.")
    parser.add_argument("--papers", type=Path, required=True)
    parser.add_argument("--patents", type=Path, nargs="*", default=[])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    chance = random.Random(SEED)
    torch.manual_seed(SEED)
    torch.set_num_threads(options.threads)
    model: Any = sentence.build_shipped(weights.load_weights())[0].model
    model.float()
    for parameter in model.embeddings.parameters():
        parameter.requires_grad_(False)
    for layer in model.encoder.layer[:FROZEN_LAYERS]:
        for parameter in layer.parameters():
            parameter.requires_grad_(False)
    train(model, read_pairs(options.papers, options.patents, chance), options.minutes, chance, options.out)
    save(model, options.out)
    papers = (json.loads(line)["id"] for line in options.papers.open(encoding="utf-8"))
    write_marks("documents", (mark_of(paper) for paper in papers if not is_held_out(paper)))


if __name__ == "__main__":
    main()
