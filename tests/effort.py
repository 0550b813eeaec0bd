"""How many generated cases a property is tried on: few in every run, thousands on request.

`pytest --hypothesis-profile=thorough --timeout=0 tests/solvers` asks for the thousands.
"""

from hypothesis import settings

ORDINARY = 100
THOROUGH = 20 * ORDINARY

settings.register_profile("thorough", max_examples=THOROUGH, print_blob=True)


def examples(count: int) -> int:
    """Return `count`, or as many times more as the chosen profile asks for."""
    return max(1, count * settings.default.max_examples // ORDINARY)


def everything() -> bool:
    """Say whether the chosen profile asks for all there is instead of a share."""
    return settings.default.max_examples >= THOROUGH
