"""Chinese names of the ids in config/enums.json, and their synonyms back to ids."""

from functools import lru_cache

from matchmaker import resources


@lru_cache
def choices(name: str) -> tuple[tuple[str, str], ...]:
    """Return (id, Chinese name) of every value of an enum list, in its order.

    Raises KeyError for an unknown list.
    """
    return tuple((entry["id"], entry["zh"]) for entry in resources.config_json("enums")["enums"][name])


@lru_cache
def labels(name: str) -> dict[str, str]:
    """Return id → Chinese name of an enum list."""
    return dict(choices(name))


def label(name: str, value: str | None) -> str:
    """Return the Chinese name of one id; an unknown id is shown as it is, None as nothing."""
    return labels(name).get(str(value), str(value)) if value is not None else ""


@lru_cache
def synonyms(name: str) -> dict[str, str]:
    """Return every name and synonym of an enum list → id."""
    table: dict[str, str] = {}
    for entry in resources.config_json("enums")["enums"][name]:
        for word in (entry["zh"], *entry["aliases"], entry["id"]):
            table.setdefault(word, entry["id"])
    return table


@lru_cache
def fields() -> tuple[tuple[str, str, str], ...]:
    """Return (code, name, parent code) of the national high-tech fields, levels 1 and 2."""
    rows = resources.config_rows("hightech_fields_2016_level1_2")
    return tuple((row["code"], row["name"], row["parent"]) for row in rows)


@lru_cache
def field_names() -> dict[str, str]:
    """Return code → name of the national high-tech fields."""
    return {code: name for code, name, _ in fields()}
