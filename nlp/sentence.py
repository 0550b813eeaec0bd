"""The same shipped weights, or any other model, through sentence-transformers. Importing this loads torch."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch  # noqa: TID253 - this module is itself imported only at first use
from sentence_transformers import SentenceTransformer  # noqa: TID253
from sentence_transformers.base.modules import InputModule  # noqa: TID253
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling  # noqa: TID253
from transformers import BertConfig, BertModel

from nlp.weights import MAX_TOKENS, PAD, PREFIXES, Weights, load_tokenizer, token_ids

BATCH_TEXTS = 16
MOST_THREADS = 4
TENSOR_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


class ShippedTransformer(InputModule):
    """Our tokenizer and a BertModel filled from the shipped file, as a sentence-transformers module."""

    config_keys: ClassVar[list[str]] = ["max_seq_length"]  # type: ignore[misc]
    save_in_root = True

    def __init__(self, model: BertModel) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.model = model
        self.tokenizer = load_tokenizer()
        self.max_seq_length = MAX_TOKENS

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, Any]:
        """Tokenise and pad a batch."""
        ids = token_ids(inputs, prefix=prompt or "")
        longest = max(len(one) for one in ids)
        padded = torch.full((len(ids), longest), PAD)
        mask = torch.zeros((len(ids), longest), dtype=torch.long)
        for row, one in enumerate(ids):
            padded[row, : len(one)] = torch.tensor(one)
            mask[row, : len(one)] = 1
        return {"input_ids": padded, "attention_mask": mask}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Run the network; pooling and normalising are sentence-transformers' own modules."""
        output = self.model(input_ids=features["input_ids"], attention_mask=features["attention_mask"])
        features["token_embeddings"] = output.last_hidden_state.float()
        return features

    def get_embedding_dimension(self) -> int:
        """Return the width of a vector."""
        return int(self.model.config.hidden_size)

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Save the network as transformers does."""
        self.model.save_pretrained(output_path)


def build_shipped(weights: Weights) -> SentenceTransformer:
    """Return the shipped model as an ordinary SentenceTransformer, built in code: nothing is downloaded."""
    shape = weights.shape
    config = BertConfig(
        vocab_size=shape.embedding_rows,
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner_width,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.token_types,
        layer_norm_eps=shape.layer_norm_epsilon,
        pad_token_id=PAD,
    )
    model = BertModel(config, add_pooling_layer=False)
    tensors = {_torch_name(name): torch.from_numpy(array) for name, array in weights.tensors.items()}
    model.load_state_dict(tensors, strict=True)
    if has_fast_half_precision():
        torch.nn.Module.to(model, torch.bfloat16)
    modules = [ShippedTransformer(model.train(False)), Pooling(shape.width, "mean"), Normalize()]
    return SentenceTransformer(modules=modules, device="cpu", prompts=dict(PREFIXES))


def _torch_name(name: str) -> str:
    """Translate a shipped tensor name into that of transformers' BertModel."""
    ends = {"w": "weight", "b": "bias"}
    if name.startswith("emb."):
        known = {
            "emb.word": "word_embeddings.weight",
            "emb.pos": "position_embeddings.weight",
            "emb.type": "token_type_embeddings.weight",
            "emb.ln.w": "LayerNorm.weight",
            "emb.ln.b": "LayerNorm.bias",
        }
        return f"embeddings.{known[name]}"
    layer, part, end = name.split(".")
    return f"encoder.layer.{layer[1:]}.{TENSOR_NAMES[part]}.{ends[end]}"


@lru_cache(maxsize=1)
def has_fast_half_precision() -> bool:
    """Say whether the processor multiplies bfloat16 by tiles; with less, single precision is faster."""
    ask = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return ask is not None and bool(ask())


def limit_threads() -> None:
    """Keep torch from taking every core of the one PC that also serves pages."""
    torch.set_num_threads(min(MOST_THREADS, torch.get_num_threads()))


def load_named(name: str) -> SentenceTransformer:
    """Load another model from a folder or the local hub cache."""
    local = Path(name).expanduser()
    return SentenceTransformer(str(local) if local.exists() else name, device="cpu", local_files_only=True)


def encode(model: SentenceTransformer, texts: Sequence[str], kind: str) -> np.ndarray[Any, Any]:
    """Return unit vectors; `kind` picks the model's own prompt where it has one of that name."""
    prompt = kind if kind in model.prompts else None
    vectors = model.encode(
        list(texts),
        prompt_name=prompt,
        batch_size=BATCH_TEXTS,
        normalize_embeddings=True,
        convert_to_numpy=True,
        show_progress_bar=False,
    )
    return np.asarray(vectors, dtype=np.float32)
