"""The guard against guessing."""

import threading

from matchmaker.errors import TooManyAttempts
from matchmaker.services.sign_in import count_attempt
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def test_guesses_at_the_same_moment_do_not_slip_past_the_count(
    database: Database, settings: Settings
) -> None:
    outcomes: list[bool] = []

    def guess(number: int) -> None:
        try:
            with database.writing() as session:
                count_attempt(
                    session,
                    settings.web,
                    purpose="sign_in",
                    login="zhou@example.com",
                    address=f"10.0.0.{number}",
                )
        except TooManyAttempts:
            outcomes.append(False)
        else:
            outcomes.append(True)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False] * 15 + [True] * 10


def test_each_purpose_is_counted_apart(database: Database, settings: Settings) -> None:
    for purpose in ("sign_in", "reset"):
        for _ in range(settings.web.sign_in_attempts):
            with database.writing() as session:
                count_attempt(
                    session, settings.web, purpose=purpose, login="zhou@example.com", address="10.0.0.1"
                )
