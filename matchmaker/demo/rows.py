"""What the loader remembers while it writes: keys of the files to ids, and days counted from today."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from matchmaker import clock


@dataclass(slots=True, kw_only=True)
class Book:
    """Keys → ids, per kind of thing."""

    today: date
    organisations: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    needs: dict[str, int] = field(default_factory=dict)
    achievements: dict[str, int] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    towns: dict[str, str] = field(default_factory=dict)
    themes_of: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        folder = Path(__file__).parent
        for person in json.loads((folder / "people.json").read_text(encoding="utf-8")):
            self.names[person["key"]] = person["name"]
            self.roles[person["key"]] = person["role"]
        for unit in json.loads((folder / "organisations.json").read_text(encoding="utf-8")):
            self.towns[unit["key"]] = unit.get("town") or ""

    def day(self, offset: int) -> date:
        """Return the day that many days from today."""
        return self.today + timedelta(days=offset)

    def day_or_none(self, offset: int | None) -> date | None:
        """Return the day, or None for none."""
        return None if offset is None else self.day(offset)

    def moment(self, offset: int) -> datetime:
        """Return ten in the morning of that day."""
        return clock.from_local(self.day(offset), 10)

    def moment_or_none(self, offset: int | None) -> datetime | None:
        """Return the moment, or None for none."""
        return None if offset is None else self.moment(offset)

    def town_of(self, organisation_key: str) -> str:
        """Return the town of an organisation of the files."""
        return self.towns[organisation_key]
