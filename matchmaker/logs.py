"""One line per fact: time, level, a constant sentence, and the fields as JSON."""

import json
import logging
import sys
from typing import Any

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class FieldsFormatter(logging.Formatter):
    """Writes the `extra` fields of a record as JSON after its sentence; line breaks cannot forge lines."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {key: value for key, value in record.__dict__.items() if key not in _STANDARD}
        line = f"{self.formatTime(record)} {record.levelname.lower()} {record.name}: {record.getMessage()}"
        if fields:
            line += " " + json.dumps(fields, ensure_ascii=False, default=str)
        line = line.replace("\r", "\\r").replace("\n", "\\n")
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def start_logging(level: int = logging.INFO, **handler_settings: Any) -> None:
    """Send all log lines to standard error."""
    handler = logging.StreamHandler(handler_settings.get("stream", sys.stderr))
    handler.setFormatter(FieldsFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("apscheduler", "jieba", "sentence_transformers", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # a browser opens six connections for one page: that a few of them wait a moment is no news
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # nor that a clock of one second finds its job still at work; jobs.runner tells of missed and failed ones
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
