"""What a topic would take at some prices, guessed by opening, closing and exchanging groups.

A guess takes a hundredth of the time of an answer in whole events by HiGHS and earns little less; what
it takes can really be taken, so it tells as truly as an answer what the topic earns at least. Many
guesses between two answers bring prices where the answers then prove a closer bound.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matchmaker.solvers.plan_bound import kinds_of
from matchmaker.solvers.plan_universe import Universe

if TYPE_CHECKING:
    from matchmaker.solvers.plan_universe import Reals, Wholes

MOST_STEPS = 60
# A guess begins with groups that were open lately, as what paid a moment ago will nearly pay now.
REMEMBERED, TRIED = 6, 2
WORTH_IT = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What is taken: events, times each need and firm; `worth` is that of the places, prices left out."""

    worth: float
    events: int
    needs: "Reals"
    firms: "Reals"


class Guesser:
    """The needs and groups of one topic, `groups` their numbers outside."""

    def __init__(self, groups: "Wholes", universe: Universe) -> None:
        import numpy as np

        self._universe = universe
        self._needs, row = np.unique(universe.need, return_inverse=True)
        self._value = np.zeros((len(self._needs), len(universe.groups)))
        self._value[row, universe.group] = universe.value
        self._kind, self._kinds = kinds_of(universe)
        self._firm = universe.firm[self._needs]
        self._capped = np.bincount(universe.firm)[self._firm] > universe.per_firm
        self._place = {int(group): place for place, group in enumerate(groups)}
        self._lately: list[list[int]] = [[]]

    def remember(self, opened: tuple[int, ...]) -> None:
        """Begin further guesses with these groups too."""
        self._note([self._place[group] for group in opened])

    def guess(self, event: float, needs: "Reals", firms: "Reals") -> Guess:
        """Return what is found best where an event, each need and each firm's visit cost so much."""
        gain = self._gain(needs, firms)
        starts = sorted(self._lately, key=lambda own: -_earned(gain, own, event))[:TRIED]
        found = max(
            (_exchanged(gain, own, event) for own in starts), key=lambda own: _earned(gain, own, event)
        )
        self._note(found)
        return self._taken(gain, found)

    def _note(self, own: list[int]) -> None:
        if sorted(own) not in map(sorted, self._lately):
            self._lately = [*self._lately, own][-REMEMBERED:]

    def _gain(self, needs: "Reals", firms: "Reals") -> "Reals":
        """Return what each need brings to each group; a firm's needs there share the price of its visit."""
        import numpy as np

        priced = np.where(self._value > 0, self._value - needs[self._needs][:, None], 0.0)
        gain: Reals = np.maximum(0.0, priced)
        capped = np.flatnonzero(self._capped)
        brought = np.zeros((len(firms), gain.shape[1]))
        np.add.at(brought, self._firm[capped], gain[capped])
        kept = np.maximum(0.0, 1 - firms[:, None] / np.maximum(brought, WORTH_IT))
        gain[capped] *= kept[self._firm[capped]]
        return gain

    def _taken(self, gain: "Reals", own: list[int]) -> Guess:
        import numpy as np

        needs, firms = np.zeros(self._universe.needs), np.zeros(int(self._universe.firm.max(initial=0)) + 1)
        if not own:
            return Guess(worth=0.0, events=0, needs=needs, firms=firms)
        group = self._places(gain, own)
        rows = np.flatnonzero(group >= 0)
        needs[self._needs[rows]] = 1.0
        asked = rows[self._capped[rows]]
        visits = np.unique(self._firm[asked] * self._kinds + self._kind[group[asked]])
        np.add.at(firms, visits // self._kinds, 1.0)
        worth = float(self._value[rows, group[rows]].sum())
        return Guess(worth=worth, events=len(own), needs=needs, firms=firms)

    def _places(self, gain: "Reals", own: list[int]) -> "Wholes":
        """Return the group of each need, -1 where it has none: full groups keep whom they suit best."""
        import numpy as np

        left, most = gain[:, own].copy(), self._universe.most[own]
        rows = np.arange(len(left))
        for _ in own:
            best = left.argmax(axis=1)
            first = left[rows, best]
            other = left.copy()
            other[rows, best] = 0.0
            regret = first - other.max(axis=1)
            inside = [np.flatnonzero((best == place) & (first > 0)) for place in range(len(own))]
            for place, asking in enumerate(inside):
                over = asking[np.argsort(-regret[asking], kind="stable")][most[place] :]
                left[over, place] = 0.0
        best = left.argmax(axis=1)
        taken = left[rows, best] > 0
        for place in range(len(own)):
            asking = np.flatnonzero(taken & (best == place))
            taken[asking[np.argsort(-left[asking, place], kind="stable")][most[place] :]] = False
        return np.where(taken, np.array(own)[best], -1)


def _earned(gain: "Reals", own: list[int], event: float) -> float:
    """Return what open groups earn, were they roomy."""
    return float(gain[:, own].max(axis=1).sum()) - event * len(own) if own else 0.0


def _exchanged(gain: "Reals", own: list[int], event: float) -> list[int]:
    """Return open groups after opening, closing or exchanging one at a time while that earns more."""
    import numpy as np

    own, rows = list(own), np.arange(len(gain))
    for _ in range(MOST_STEPS):
        # a closed group stands last: what is opened changes places with nothing
        open_now = np.column_stack([gain[:, own], np.zeros(len(gain))])
        best = open_now.argmax(axis=1)
        first = open_now[rows, best]
        open_now[rows, best] = 0.0
        second = open_now.max(axis=1)
        loss = np.bincount(best, weights=first - second, minlength=len(own) + 1)
        comes = np.maximum(0.0, gain - first[:, None]).sum(axis=0)
        held = np.zeros((len(own) + 1, len(gain)))
        held[best, rows] = 1.0
        caught = np.maximum(0.0, np.minimum(gain, first[:, None]) - second[:, None])
        change = held @ caught + comes - loss[:, None]
        change[-1] = comes - event
        place, group = divmod(int(change.argmax()), change.shape[1])
        close = int(loss[:-1].argmin()) if own else 0
        if own and event - loss[close] > max(WORTH_IT, change[place, group]):
            own.pop(close)
        elif change[place, group] <= WORTH_IT:
            return own
        elif place == len(own):
            own.append(group)
        else:
            own[place] = group
    return own
