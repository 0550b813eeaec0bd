"""Fewer and shorter waits by Kempe-chain annealing: quick, repeatable, without a proof.

A move takes one meeting to another slot and swaps the two slots along the chain of people this
pushes around, so that nobody is ever in two places.
"""

import math
import random
import time

from matchmaker.solvers.grid import Grid, gaps, slots_of

# A break annoys more than its length: one long wait beats two short ones.
BREAK_COST = 4
HOTTEST, COLDEST = 3.0, 0.15
# Looking at the clock every so many moves; the wall clock is only a guard.
CLOCK_EVERY = 256
SEED = 1
# Most moves take a meeting of somebody who waits next to another of theirs: measured to leave a
# third to a half fewer breaks than blind moves for the same effort.
AIMED = 0.7
AIM_TRIES = 8


def smooth(
    grid: Grid,
    slots: list[int],
    *,
    moves: int,
    seconds: float,
    break_cost: int = BREAK_COST,
    seed: int = SEED,
) -> list[int]:
    """Return slots with the least breaks and waiting met on the way; never worse than those given."""
    walk = _Walk(grid, slots, break_cost=break_cost)
    dice = random.Random(seed)  # noqa: S311 -- a walk that must repeat, nothing secret
    if not walk.movable:
        return slots
    best, best_cost = list(slots), walk.cost
    cooling = (COLDEST / HOTTEST) ** (1 / max(1, moves))
    heat, stop = HOTTEST, time.monotonic() + seconds
    for step in range(moves):
        if best_cost == 0 or (step % CLOCK_EVERY == 0 and time.monotonic() > stop):
            break
        heat *= cooling
        chain = walk.chain(*walk.propose(dice))
        if chain is None:
            continue
        change, new_busy = walk.change(chain)
        if change <= 0 or dice.random() < math.exp(-change / heat):
            walk.take(chain, change, new_busy)
            if walk.cost < best_cost:
                best, best_cost = list(walk.slots), walk.cost
    return best


class _Walk:
    """The current timetable of the search with everything a move needs at hand."""

    def __init__(self, grid: Grid, slots: list[int], *, break_cost: int) -> None:
        self.grid, self.break_cost = grid, break_cost
        self.slots = list(slots)
        self.at: list[dict[int, int]] = [{} for _ in grid.people]
        self.busy = [0] * len(grid.people)
        self.room = list(grid.capacity)
        for meeting, slot in enumerate(slots):
            if slot >= 0:
                self.room[slot] -= 1
                for person in grid.pairs[meeting]:
                    self.at[person][slot] = meeting
                    self.busy[person] |= 1 << slot
        self.orders: list[list[tuple[int, int]]] = [[] for _ in slots]
        for order in grid.orders:
            for meeting in order:
                self.orders[meeting].append(order)
        self.choices = [
            [slot for slot in range(grid.slot_count) if mask >> slot & 1 and slot != now]
            if mask.bit_count() > 1
            else []
            for mask, now in zip(grid.allowed, slots, strict=True)
        ]
        self.movable = [meeting for meeting, slot in enumerate(slots) if slot >= 0 and self.choices[meeting]]
        self.own = [
            [meeting for meeting in own if slots[meeting] >= 0 and self.choices[meeting]]
            for own in grid.meetings_of()
        ]
        self.cost = sum(self.price(person, self.busy[person]) for person in range(len(grid.people)))

    def price(self, person: int, busy: int) -> int:
        breaks, waiting = gaps(self.grid.open[person], busy)
        return self.break_cost * breaks + waiting

    def propose(self, dice: random.Random) -> tuple[int, int]:
        """Return a meeting and a slot for it: mostly one that may close a wait, else any at all."""
        if dice.random() < AIMED:
            for _ in range(AIM_TRIES):
                person = int(dice.random() * len(self.own))
                if self.own[person] and self.price(person, self.busy[person]):
                    meeting = self.own[person][int(dice.random() * len(self.own[person]))]
                    beside = self.busy[person] << 1 | self.busy[person] >> 1
                    slots = slots_of(beside & ~self.busy[person] & self.grid.allowed[meeting])
                    if slots:
                        return meeting, slots[int(dice.random() * len(slots))]
        meeting = self.movable[int(dice.random() * len(self.movable))]
        choices = self.choices[meeting]
        return meeting, choices[int(dice.random() * len(choices))]

    def chain(self, meeting: int, target: int) -> list[tuple[int, int]] | None:
        """Return (meeting, new slot) for a Kempe chain, or None when a rule forbids it."""
        source = self.slots[meeting]
        if source == target:
            return None
        found, waiting = {meeting: target}, [meeting]
        balance = 0
        while waiting:
            one = waiting.pop()
            goal = found[one]
            if not self.grid.allowed[one] >> goal & 1:
                return None
            balance += 1 if goal == target else -1
            for person in self.grid.pairs[one]:
                pushed = self.at[person].get(goal)
                if pushed is not None and pushed not in found:
                    found[pushed] = source if goal == target else target
                    waiting.append(pushed)
        if balance > self.room[target] or -balance > self.room[source]:
            return None
        return list(found.items()) if self.keeps_orders(found) else None

    def keeps_orders(self, found: dict[int, int]) -> bool:
        """Whether meetings with these new slots still come in the orders they must."""
        if not self.grid.orders:
            return True
        slot_of = {
            one: found.get(one, self.slots[one])
            for move in found
            for pair in self.orders[move]
            for one in pair
        }
        return all(
            slot_of[earlier] < slot_of[later] or slot_of[earlier] < 0 or slot_of[later] < 0
            for move in found
            for earlier, later in self.orders[move]
        )

    def change(self, chain: list[tuple[int, int]]) -> tuple[int, dict[int, int]]:
        """Return how the cost would change and the people's new busy masks."""
        new: dict[int, int] = {}
        for meeting, goal in chain:
            bits = 1 << goal | 1 << self.slots[meeting]
            for person in self.grid.pairs[meeting]:
                # A person pushed twice swaps both bits: the mask stays.
                new[person] = new.get(person, self.busy[person]) ^ bits
        change = sum(
            self.price(person, mask) - self.price(person, self.busy[person]) for person, mask in new.items()
        )
        return change, new

    def take(self, chain: list[tuple[int, int]], change: int, new_busy: dict[int, int]) -> None:
        for meeting, _ in chain:
            old = self.slots[meeting]
            self.room[old] += 1
            for person in self.grid.pairs[meeting]:
                self.at[person].pop(old, None)
        for meeting, goal in chain:
            self.slots[meeting] = goal
            self.room[goal] -= 1
            for person in self.grid.pairs[meeting]:
                self.at[person][goal] = meeting
        for person, mask in new_busy.items():
            self.busy[person] = mask
        self.cost += change
