"""The pairings that are best in all aims but value: a face of the flow, cut out by the prices that prove it.

Where an arc's gain beats its prices, every best flow fills it; where it falls short, no best flow uses
it; only the others are open. So the last aim is sought with many arcs settled, instead of under rows
that say "no worse than before" of all arcs at once.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from matchmaker.solvers.pairing_network import Network
from matchmaker.solvers.pairing_program import Program

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole: TypeAlias = NDArray[np.int64]

# Sums over all arcs must stay exact in 64 bits.
_SUM_LIMIT = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """The best flows of the earlier aims together: `gains` of the mixture, `prices` that prove it.

    `shares` are how much of each earlier aim is in the mixture.
    """

    gains: "Whole"
    prices: "Whole"
    shares: tuple[int, ...]

    def of(self, program: Program) -> Program:
        """Return the program with every arc settled that is the same in all best flows."""
        lower, upper = program.lower.copy(), program.upper.copy()
        excess = self._excess(program.network)
        lower[excess > 0] = upper[excess > 0]
        upper[excess < 0] = lower[excess < 0]
        return replace(program, lower=lower, upper=upper)

    def outweighing(self, network: Network, further: "Whole") -> int | None:
        """Return how often the mixture must be counted for settled arcs to stay so, None: too often to add.

        `further` is what each arc gains beyond its prices in the last aim.
        """
        import numpy as np

        excess = self._excess(network)
        settled = excess != 0
        against = -further[settled] * np.sign(excess[settled])
        times = max(0, int((-(-against // np.abs(excess[settled]))).max(initial=0)))
        largest = times * int(np.abs(excess).max(initial=0)) + int(np.abs(further).max(initial=0))
        return times if largest * len(further) < _SUM_LIMIT else None

    def _excess(self, network: Network) -> "Whole":
        """Return what each arc gains beyond its prices, 0 for pinned ones: they are settled anyhow."""
        import numpy as np

        tails, heads, _caps = network.ends()
        excess = self.gains + self.prices[heads] - self.prices[tails]
        excess[network.fixed()] = 0
        return np.asarray(excess)
