"""What was learnt from our own observations: other weights of the parts, of the signals, other cuts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matchmaker.domain.matching import SIGNAL_CODES, Cuts

SIMILAR = "similar"  # what was said of similar pairs, in the units of the blend
SIGNALS = "signals"  # all small signals together, as one part of weight 1 before anything is learnt


def signal_points(parts: Mapping[str, float]) -> float:
    """Return what the small signals came to, from the parts stored with a proposal."""
    return sum(float(parts[code]) for code in SIGNAL_CODES if code in parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was said of one pair: its level 1 to 4, and how strongly it pulls pairs that are alike."""

    need_id: int
    achievement_id: int
    level: int
    pull: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """Weights by part, the factor on the signals, where grades begin, and what speaks for similar pairs."""

    parts: Mapping[str, float]
    signals: float
    cuts: Cuts
    told: tuple[Told, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Return the numbers as they are stored."""
        return {
            "parts": {name: round(weight, 6) for name, weight in self.parts.items()},
            "signals": round(self.signals, 6),
            "cuts": [round(cut, 6) for cut in (self.cuts.weak, self.cuts.fair, self.cuts.strong)],
        } | (
            {"told": [[one.need_id, one.achievement_id, one.level, round(one.pull, 6)] for one in self.told]}
            if self.told
            else {}
        )

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Learned":
        """Read stored numbers."""
        weak, fair, strong = plain["cuts"]
        return cls(
            parts={name: float(weight) for name, weight in plain["parts"].items()},
            signals=float(plain["signals"]),
            cuts=Cuts(weak=weak, fair=fair, strong=strong),
            told=tuple(
                Told(need_id=need_id, achievement_id=achievement_id, level=level, pull=pull)
                for need_id, achievement_id, level, pull in plain.get("told", ())
            ),
        )
