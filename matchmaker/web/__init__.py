"""The pages."""

from pathlib import Path

from flask import Flask

ROOT = str(Path(__file__).parent)


def register(app: Flask) -> None:
    """Hang every blueprint on the application: one list, read from top to bottom."""
    from matchmaker.web import health, needs, public, uploads

    for module in (public, needs, uploads, health):
        app.register_blueprint(module.blueprint)
