"""Reading what the application answers, and settings that make its tests quick."""

from werkzeug.test import TestResponse

CHEAP_HASH = {"SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {"argon2__time_cost": 1, "argon2__memory_cost": 64}}


def text_of(response: TestResponse) -> str:
    """The page a response carries."""
    return response.get_data(as_text=True)
