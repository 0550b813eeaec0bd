"""The pages."""

from importlib import import_module
from pathlib import Path

from flask import Flask

ROOT = str(Path(__file__).parent)

# every module with views, in the order in which their blueprints are hung up
MODULES = (
    "public",
    "accounts",
    "own_data",
    "users",
    "registration",
    "contacts",
    "organisations",
    "duplicates",
    "settings",
    "needs",
    "need_review",
    "need_questions",
    "need_split",
    "need_groups",
    "need_lists",
    "matches",
    "need_routes",
    "wider",
    "match_rules",
    "learning",
    "uploads",
    "upload_batch",
    "exports",
    "achievements",
    "experts",
    "events",
    "event_launch",
    "event_people",
    "pairing_calls",
    "event_campaign",
    "event_day",
    "event_pairing",
    "event_timetable",
    "planner",
    "planner_acts",
    "planner_papers",
    "desk",
    "desk_guests",
    "desk_paper",
    "papers",
    "pairing_edits",
    "my_events",
    "answers",
    "claims",
    "organiser",
    "leader",
    "tracking",
    "tracking_deals",
    "notices",
    "queue",
    "health",
)


def register(app: Flask) -> None:
    """Hang every blueprint on the application; modules that share one bring it once."""
    modules = [import_module(f"matchmaker.web.{name}") for name in MODULES]
    for blueprint in dict.fromkeys(module.blueprint for module in modules):
        app.register_blueprint(blueprint)
