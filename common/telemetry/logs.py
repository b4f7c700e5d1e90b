"""The format of log lines, with the request's id. Imports no Django: gunicorn logs before Django is loaded."""

import json
import logging
from collections import deque
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

FORMATS = ("line", "json")
ACCESS = "posesmart.access"  # the logger of a line for each request
REQUEST_FIELDS = ("method", "path", "status", "duration_ms", "user_id")  # of an access line

# The id of the request that this thread answers; empty in background threads.
request_id: ContextVar[str] = ContextVar("request_id", default="")


def formatter(name: str) -> logging.Formatter:
    """The formatter for a value of LOG_FORMAT."""
    return JsonFormatter() if name == "json" else LineFormatter()


def config(log_format: str, level: str, *, with_access: bool) -> dict[str, Any]:
    """The argument of logging.config.dictConfig; everything goes to standard error."""
    levels = {
        "django": "INFO",  # named here so that Django's own handlers are replaced: each line would come twice
        # At DEBUG these two would log stored data: frames and faces.
        "django.db.backends": "INFO",
        "pymongo": "INFO",
        ACCESS: "INFO" if with_access else "WARNING",
    }
    loggers: dict[str, dict[str, Any]] = {logger: {"level": minimum} for logger, minimum in levels.items()}
    loggers["django.security.DisallowedHost"] = {"filters": ["once"]}  # anybody can send any host name
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"once": {"()": Once}},
        "formatters": {"chosen": {"()": formatter, "name": log_format}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "chosen"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": loggers,
    }


class Once(logging.Filter):
    """Passes a message the first time only, and without its traceback."""

    def __init__(self) -> None:
        super().__init__()
        self._latest: deque[str] = deque(maxlen=100)

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        message = record.getMessage()
        if message in self._latest:
            return False
        self._latest.append(message)
        return True


class LineFormatter(logging.Formatter):
    """Plain text; the request's id comes before the message. Times have the offset of their zone, TIME_ZONE."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        return datetime.fromtimestamp(record.created, UTC).astimezone().isoformat(" ", "milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        if current := request_id.get():
            record.message = f"[{current}] {record.message}"
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line, tracebacks included.

    Of a record's extra attributes only REQUEST_FIELDS are written: Django attaches the whole request.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
            "request_id": request_id.get(),
            **{name: getattr(record, name, None) for name in REQUEST_FIELDS},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return json.dumps({name: value for name, value in line.items() if value not in (None, "")})
