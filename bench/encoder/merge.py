"""Put the layers fitted by finetune.py into nlp/data/encoder.npz, at 8 bits a weight.

    python bench/encoder/merge.py --tuned tuned.npz --base nlp/data/encoder.npz --out nlp/data/encoder.npz

The other layers keep their 4 bits. Run it with the repository on PYTHONPATH.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 32


def eight_bits(name: str, values: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """Return a matrix as signed bytes with one half-precision scale for 32 weights."""
    blocks = values.reshape(len(values), -1, BLOCK)
    scale = (np.abs(blocks).max(axis=-1) / 127).astype(np.float16)
    divisor = np.where(scale == 0, 1, scale).astype(np.float32)
    whole = np.clip(np.rint(blocks / divisor[..., None]), -127, 127).astype(np.int8)
    return {f"{name}.bytes": whole, f"{name}.scale": scale}


def main() -> None:
    """Read the arguments, replace, save."""
    parser = argparse.ArgumentParser(description="Merge fitted layers into the shipped encoder.")
    for name in ("tuned", "base", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    with np.load(options.base, allow_pickle=False) as base:
        arrays: dict[str, NDArray[Any]] = {name: base[name] for name in base.files}
    with np.load(options.tuned, allow_pickle=False) as tuned:
        for name in tuned.files:
            for kind in ("", ".scale", ".nibbles", ".bytes"):
                arrays.pop(name + kind, None)
            values = tuned[name]
            arrays |= eight_bits(name, values) if values.ndim == 2 else {name: values.astype(np.float16)}
    np.savez(options.out, allow_pickle=False, **dict(sorted(arrays.items())))
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
