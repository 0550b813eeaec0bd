"""How far a stated chance can be trusted: the figures, and the reliability diagram as a picture."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
BINS = 10
LEFT, TOP, SIDE = 60, 20, 360


def measured(chances: Array, happened: NDArray[np.bool_]) -> dict[str, float]:
    """Return the expected calibration error over ten equal bins, the Brier score, its base and the AUC."""
    rows = binned(chances, happened)
    weight = sum(count for _, _, count in rows)
    error = sum(abs(said - seen) * count for said, seen, count in rows) / weight
    base = float(happened.mean())
    order = chances.argsort(kind="stable")
    ranks = np.empty(len(order))
    ranks[order] = np.arange(1, len(order) + 1)
    for value in np.unique(chances):
        ranks[chances == value] = ranks[chances == value].mean()
    good = int(happened.sum())
    auc = (ranks[happened].sum() - good * (good + 1) / 2) / (good * (len(happened) - good))
    figures = {
        "ece": error,
        "brier": float(((chances - happened) ** 2).mean()),
        "brier_of_base_rate": base * (1 - base),
        "auc": float(auc),
    }
    return {name: round(float(value), 4) for name, value in figures.items()}


def binned(chances: Array, happened: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """Return (mean chance stated, share that came true, pairs) of each bin that holds some."""
    places = np.minimum((chances * BINS).astype(int), BINS - 1)
    return [
        (float(chances[places == at].mean()), float(happened[places == at].mean()), int((places == at).sum()))
        for at in range(BINS)
        if (places == at).any()
    ]


def draw(chances: Array, happened: NDArray[np.bool_]) -> str:
    """Return the diagram as SVG: a dot a bin, larger for more pairs; on the diagonal every word is true."""
    found = measured(chances, happened)
    rows = binned(chances, happened)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + SIDE + 20} {TOP + SIDE + 70}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="#fff" stroke="#888"/>',
        f'<line x1="{LEFT}" y1="{TOP + SIDE}" x2="{LEFT + SIDE}" y2="{TOP}" stroke="#888"/>',
    ]
    for tenth in range(0, 11, 2):
        place = tenth / 10
        lines.append(f'<text x="{_x(place) - 8:.0f}" y="{TOP + SIDE + 18}">{place:.1f}</text>')
        lines.append(f'<text x="{LEFT - 30}" y="{_y(place) + 4:.0f}">{place:.1f}</text>')
    for said, seen, count in rows:
        radius = 3 + (count / len(chances)) ** 0.5 * 14
        lines.append(
            f'<circle cx="{_x(said):.1f}" cy="{_y(seen):.1f}" r="{radius:.1f}" '
            'fill="#066fd1" fill-opacity="0.6"/>'
        )
        lines.append(f'<text x="{_x(said) + radius + 2:.1f}" y="{_y(seen) + 4:.1f}">{count}</text>')
    lines.append(
        f'<text x="{LEFT}" y="{TOP + SIDE + 38}">stated chance of 较强 or better (number: pairs)</text>'
    )
    words = f"calibration error {found['ece']:.3f}, Brier {found['brier']:.3f}"
    words += f" (base rate {found['brier_of_base_rate']:.3f}), AUC {found['auc']:.2f}"
    lines.append(f'<text x="{LEFT}" y="{TOP + SIDE + 56}">{words}</text>')
    lines.append(f'<text x="{LEFT + 8}" y="{TOP + 18}">share that staff graded so</text></svg>')
    return "\n".join(lines) + "\n"


def _x(share: float) -> float:
    return LEFT + share * SIDE


def _y(share: float) -> float:
    return TOP + SIDE - share * SIDE


def bent(margins: Array, happened: NDArray[np.bool_]) -> Array:
    """Return (slope, shift, bend) that make held-back margins mean what they say.

    The chance is then 1 / (1 + exp(-(slope * m + shift + bend * max(m + 1, 0)))). One slope with a shift
    (Platt 1999) does not repair it: what is wrong begins only where the chance nears one half.
    """
    from scipy.optimize import minimize

    def loss(values: Array) -> float:
        moved = at_bend(margins, values)
        return float(np.logaddexp(0, np.where(happened, -moved, moved)).mean())

    return np.asarray(minimize(loss, np.array([1.0, 0.0, 0.0]), method="Nelder-Mead").x)


def at_bend(margins: Array, values: Array) -> Array:
    """Return margins as `bent` corrects them."""
    return np.asarray(values[0] * margins + values[1] + values[2] * np.maximum(margins + 1, 0))


def promised_above_half(chances: Array, happened: NDArray[np.bool_]) -> str:
    """Say what was stated and what came true where more than one half was stated."""
    above = chances > 0.5
    if not above.any():
        return "above one half: none"
    said, seen = chances[above].mean(), happened[above].mean()
    return f"above one half: {said:.3f} stated, {seen:.3f} true, {int(above.sum())} pairs"
