"""Made-up events for measuring: contested experts, needs in fields, figures from one seed."""

import random

from matchmaker.domain.pairing import (
    VALUE_MAX,
    Candidate,
    Enterprise,
    Expert,
    Need,
    PairingProblem,
    Session,
)

FIELDS = 8


def make_event(
    *, needs: int, experts: int, per_need: int, seed: int, tables: int, slots: int
) -> PairingProblem:
    """Return an event where many needs want the same few well-known experts.

    An enterprise has one to three needs; a need's candidates come from its field, and each
    expert's renown (a heavy-tailed share) lifts every value.
    """
    dice = random.Random(seed)
    owners: list[int] = []
    while len(owners) < needs:
        owners += [len(set(owners)) + 1] * dice.randint(1, 3)
    owners = owners[:needs]
    renown = [dice.random() ** 3 for _ in range(experts)]
    field_of_expert = [dice.randrange(FIELDS) for _ in range(experts)]
    candidates = []
    for need_id in range(1, needs + 1):
        field = dice.randrange(FIELDS)
        scores = []
        for expert_id in range(1, experts + 1):
            fit = 0.35 * (field_of_expert[expert_id - 1] == field)
            share = 0.4 * renown[expert_id - 1] + fit + 0.25 * dice.random()
            scores.append((share, expert_id))
        for share, expert_id in sorted(scores, reverse=True)[:per_need]:
            candidates.append(Candidate(need_id=need_id, expert_id=expert_id, value=int(share * VALUE_MAX)))
    return PairingProblem(
        enterprises=tuple(Enterprise(enterprise_id=e, name=f"企业{e}", cap=4) for e in sorted(set(owners))),
        needs=tuple(
            Need(need_id=n + 1, enterprise_id=owner, title=f"需求{n + 1}", cap=3)
            for n, owner in enumerate(owners)
        ),
        experts=tuple(
            Expert(
                expert_id=x + 1,
                name=f"专家{x + 1}",
                cap=dice.randint(2, 6),
                university=f"大学{dice.randrange(max(2, experts // 12))}",
            )
            for x in range(experts)
        ),
        candidates=tuple(candidates),
        tables=tables,
        sessions=(Session(name="全天", slots=slots),),
    )
