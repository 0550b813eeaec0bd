"""Made-up campaigns for measuring the planner; figures from one seed, working days from the calendar."""

import random
from datetime import date, timedelta

from matchmaker.domain.distance import far_pairs
from matchmaker.domain.plan import PlanExpert, PlanNeed, PlanQuestion, PlanRules, Venue
from matchmaker.files.workdays import china_workdays
from matchmaker.resources import config_json

CITIES = ("杭州", "上海", "南京", "武汉", "西安", "沈阳", "北京", "合肥", "成都", "广州", "哈尔滨", "长沙")
TOPICS = 30
START = date(2026, 3, 2)


def make_campaign(
    *, needs: int, events: int, experts: int, seed: int, days: int = 100, towns: int = 18
) -> PlanQuestion:
    """Return a campaign of `days` calendar days from 2 March 2026 with contested topics and few halls.

    Firms have one to four needs of kindred topics; a need fits one to three topics and, by the
    universities that answer it, up to three cities.
    """
    dice = random.Random(seed)
    last = START + timedelta(days=days - 1)
    venues = _venues(dice, towns)
    places = frozenset(venue.place for venue in venues)
    cities = {name: (place[0], place[1]) for name, place in config_json("cities")["cities"].items()}
    all_needs = tuple(_needs(dice, needs, towns))
    return PlanQuestion(
        rules=PlanRules(days=china_workdays(2026, 2026).workdays(START, last), events=events),
        needs=all_needs,
        venues=venues,
        experts=tuple(_experts(dice, experts, all_needs)),
        far=far_pairs(places, cities, far_km=300),
    )


def _needs(dice: random.Random, number: int, towns: int) -> list[PlanNeed]:
    made: list[PlanNeed] = []
    firm = 0
    while len(made) < number:
        firm += 1
        town, home = f"镇{int(towns * dice.random() ** 1.5)}", int(TOPICS * dice.random() ** 1.4)
        for _ in range(dice.choice((1, 1, 2, 2, 3, 4))):
            topics = {f"题{home}": dice.randint(600, 1000)}
            for _ in range(dice.randint(0, 2)):
                topics.setdefault(f"题{(home + dice.randint(-3, 3)) % TOPICS}", dice.randint(250, 800))
            cities = {
                CITIES[int(len(CITIES) * dice.random() ** 1.3)]: dice.randint(200, 1000)
                for _ in range(dice.randint(1, 3))
            }
            made.append(
                PlanNeed(need_id=len(made) + 1, firm_id=firm, town=town, topics=topics, cities=cities)
            )
    return made[:number]


def _venues(dice: random.Random, towns: int) -> tuple[Venue, ...]:
    """Return two large halls in the county seat, one hall in every second town, and three at partners'."""
    spots = [("县会议中心", "镇0", 160), ("科技大市场", "镇0", 90), ("产业园会堂", "镇1", 120)]
    spots += [(f"镇{n}文化礼堂", f"镇{n}", dice.choice((45, 60, 80))) for n in range(2, towns, 2)]
    spots += [(f"{city}人才之家", city, 60) for city in CITIES[:3]]
    return tuple(
        Venue(
            name=name,
            place=place,
            capacity=capacity,
            closed=frozenset(START + timedelta(days=dice.randrange(100)) for _ in range(15)),
        )
        for name, place, capacity in spots
    )


def _experts(dice: random.Random, number: int, needs: tuple[PlanNeed, ...]) -> list[PlanExpert]:
    universities = max(2, number // 12)
    made = []
    for expert in range(1, number + 1):
        university = dice.randrange(universities)
        city, home = CITIES[university % len(CITIES)], f"题{int(TOPICS * dice.random() ** 1.4)}"
        kin = [need for need in needs if home in need.topics and city in need.cities] or [
            need for need in needs if home in need.topics
        ]
        chosen = dice.sample(kin, min(len(kin), dice.randint(2, 12)))
        made.append(
            PlanExpert(
                expert_id=expert,
                university_id=university,
                needs={need.need_id: dice.randint(200, 1000) for need in chosen},
            )
        )
    return made
