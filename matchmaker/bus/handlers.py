"""THE table: which handlers each message sets off. Everything that happens after a save starts here."""

from collections.abc import Callable, Mapping
from typing import Any

from matchmaker.bus.work import Work
from matchmaker.domain import messages as m

Handler = Callable[[Work, Any], None]

HANDLERS: Mapping[type[m.Message], tuple[Handler, ...]] = {}


def names_by_message() -> dict[str, tuple[str, ...]]:
    """Return message name → handler names, as the outbox stores them."""
    return {kind.__name__: tuple(h.__name__ for h in hs) for kind, hs in HANDLERS.items()}


def handler_named(name: str) -> Handler:
    """Return a handler of the table. Raises KeyError for a name that is no longer there."""
    return {handler.__name__: handler for handlers in HANDLERS.values() for handler in handlers}[name]
