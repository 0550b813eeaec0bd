"""Pages for anyone."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from matchmaker.web.access import Audience, allow

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@allow(Audience.ANYONE)
def home() -> ResponseReturnValue:
    """Show the campaign's front page."""
    return render_template("public/home.html")
