"""Who may call a route: every view says so, and an undeclared one stops the start."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask

from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import Role
from matchmaker.errors import Misconfigured

View = TypeVar("View", bound=Callable[..., Any])


class Audience(StrEnum):
    """ANYONE needs no sign-in; SIGNED_IN any account; the others that role. Admins pass as organisers."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    ENTERPRISE = "enterprise"
    UNIVERSITY = "university"
    ORGANISER = "organiser"
    ADMIN = "admin"


def allow(*audiences: Audience) -> Callable[[View], View]:
    """Declare who may call a view; put it directly under the route decorator."""

    def mark(view: View) -> View:
        view.audiences = frozenset(audiences)  # type: ignore[attr-defined]
        return view

    return mark


def audiences_of(app: Flask, endpoint: str) -> frozenset[Audience]:
    """Return who may call an endpoint; files under /static are for anyone."""
    if endpoint == "static":
        return frozenset({Audience.ANYONE})
    found: frozenset[Audience] = getattr(app.view_functions[endpoint], "audiences", frozenset())
    return found


def may_call(actor: Actor, audiences: frozenset[Audience]) -> bool:
    """Say whether the actor is among the audiences."""
    if Audience.ANYONE in audiences:
        return True
    if actor.user_id is None:
        return False
    held = {Audience(role.value) for role in actor.roles} | {Audience.SIGNED_IN}
    if Role.ADMIN in actor.roles:
        held.add(Audience.ORGANISER)
    return bool(held & audiences)


def check_declared(app: Flask) -> None:
    """Stop the start when a route does not say who may call it."""
    silent = sorted(endpoint for endpoint in app.view_functions if not audiences_of(app, endpoint))
    if silent:
        raise Misconfigured(f"routes without a declared audience: {', '.join(silent)}")
