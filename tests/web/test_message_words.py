"""Everything that can happen, and everything it sets off, has words for the page 发生过的事."""

import inspect

from jobs.schedule import SCHEDULE
from matchmaker.bus.handlers import names_by_message
from matchmaker.domain import messages
from matchmaker.web.frame import MatchmakerApp
from matchmaker.web.message_words import DONE, SAID, parts_of
from matchmaker.web.queue import JOB_WORDS


def test_every_message_and_every_handler_has_words() -> None:
    kinds = [kind for _name, kind in inspect.getmembers(messages, inspect.isclass)]
    names = {
        kind.__name__ for kind in kinds if issubclass(kind, messages.Message) and kind is not messages.Message
    }
    handlers = {handler for found in names_by_message().values() for handler in found}

    assert names - set(SAID) == set()
    assert handlers - set(DONE) == set()


def test_every_job_has_words() -> None:
    assert [job.name for job in SCHEDULE if job.name not in JOB_WORDS] == []


def test_what_a_message_speaks_of_leads_to_its_page(app: MatchmakerApp) -> None:
    payload = {"need_id": 7, "text_version": 1, "match_count": 10, "need_ids": [1, 2], "reason": "缺指标"}
    with app.test_request_context():
        parts = [(part.words, part.url) for part in parts_of(payload)]

    assert parts == [("需求 7", "/needs/7"), ("推荐 10 项", ""), ("需求 2 条", ""), ("缺指标", "")]
