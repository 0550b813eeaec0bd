"""How often Python looks for dead objects, in processes through which whole lists pass."""

import gc

YOUNG, MIDDLE, OLD = 50_000, 20, 50


def collect_seldom() -> None:
    """Let the collector look seldom: rows come and go by the hundred thousand and hold no cycles."""
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
