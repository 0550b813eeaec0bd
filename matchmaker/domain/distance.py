"""How far cities lie apart, for journeys on consecutive days."""

from collections.abc import Mapping
from itertools import combinations
from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0
Place = tuple[float, float]


def kilometres(one: Place, other: Place) -> float:
    """Return the great-circle distance between two (latitude, longitude) in degrees (haversine)."""
    north, south = radians(one[0]), radians(other[0])
    half = sin((south - north) / 2) ** 2
    half += cos(north) * cos(south) * sin(radians(other[1] - one[1]) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))


def far_pairs(
    places: frozenset[str], known: Mapping[str, Place], *, far_km: float
) -> frozenset[tuple[str, str]]:
    """Return the pairs of places too far apart for consecutive days, each in both orders.

    A place that is not on the list of cities counts as one of the county, near to everything.
    """
    cities = sorted(places & set(known))
    far = {pair for pair in combinations(cities, 2) if kilometres(known[pair[0]], known[pair[1]]) > far_km}
    return frozenset(far | {(other, one) for one, other in far})
