"""What changes between two pairings of the same event."""

from dataclasses import dataclass

from matchmaker.domain.pairing import ChosenPair, PairingResult


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingChange:
    """The difference between two pairings of the same event, as a what-if question shows it."""

    added: tuple[ChosenPair, ...]
    dropped: tuple[ChosenPair, ...]
    newly_served: tuple[int, ...]
    no_longer_served: tuple[int, ...]
    value_change: int


def compare_pairings(before: PairingResult, after: PairingResult) -> PairingChange:
    """Return which pairs come and go and which enterprises gain or lose their only meeting."""
    old = {(pair.need_id, pair.expert_id) for pair in before.pairs}
    new = {(pair.need_id, pair.expert_id) for pair in after.pairs}
    served_before = {pair.enterprise_id for pair in before.pairs}
    served_after = {pair.enterprise_id for pair in after.pairs}
    return PairingChange(
        added=tuple(pair for pair in after.pairs if (pair.need_id, pair.expert_id) not in old),
        dropped=tuple(pair for pair in before.pairs if (pair.need_id, pair.expert_id) not in new),
        newly_served=tuple(sorted(served_after - served_before)),
        no_longer_served=tuple(sorted(served_before - served_after)),
        value_change=after.total_value - before.total_value,
    )
