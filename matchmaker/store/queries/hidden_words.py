"""Searches of texts in which contacts are hidden from the reader: what is hidden must not answer either."""

import re
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from matchmaker.domain.permissions import Actor

# with these a number could be asked for, figure by figure
_OF_A_CONTACT = re.compile(r"[\d@＠]")
# read by PostgreSQL and Python alike; a text that holds a long number answers for none of its figures
_MAY_HOLD = r"[@＠]|[0-9０-９]([-. －—（）()]?[0-9０-９]{3}){2}|[0-9０-９]{3}[-)－—）]|微信|QQ"


def text_contains(column: Any, word: str, actor: Actor, *, owner: Any) -> ColumnElement[bool]:
    """Say whether a text holds a word, as far as this reader sees the text; `owner` is whose it is."""
    found: ColumnElement[bool] = column.contains(word, autoescape=True)
    if actor.organises or not _OF_A_CONTACT.search(word):
        return found
    return and_(found, or_(owner.in_(actor.organisation_ids), ~column.regexp_match(_MAY_HOLD)))
