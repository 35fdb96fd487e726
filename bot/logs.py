"""Logs: ids and states, one line each; never a person's words, never the token.

Everything goes one way, ours and that of the libraries: to a line of time, level, event and `key=value`. Values that
are no ids, figures or states are left out, of errors the place is told and not the text, and libraries are heard from
'warning' on only, since their finer levels quote what they carry.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import structlog

OURS = ("bot", "storage", "care")
_PLAIN = re.compile(r"[A-Za-z0-9_.:+|/@#%-]{1,64}")
_NUMBERS = re.compile(r"(?<![0-9])(?:1[3-9][0-9]{9}|[0-9]{17}[0-9Xx])(?![0-9])")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_KEPT = ("event", "timestamp", "level", "logger", "place")
_ROOT = Path(__file__).parent.parent

Event = MutableMapping[str, Any]


def configure_logs(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """To standard error, or a stream. `level` is that of our own loggers."""
    before = (
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        place_of_error,
        plain_values_only,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], sort_keys=True),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def plain_values_only(_: object, __: str, event: Event) -> Event:
    """Figures and short words of a machine stay; any other value gives way to its kind and length."""
    for key, value in event.items():
        if key == "event":
            event[key] = masked(str(value))
        elif not key.startswith("_") and key not in _KEPT:
            event[key] = _plain(value)
    return event


def _plain(value: object) -> object:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = str(value)
    if _PLAIN.fullmatch(text) and not _NUMBERS.search(text):
        return text
    return f"<{type(value).__name__} of {len(text)}>"


def masked(text: str) -> str:
    """The first line (libraries append what they hold), without phone and identity numbers, and without Chinese, which
    none of our own lines has."""
    return _HAN.sub("…", _NUMBERS.sub("…", text.strip().partition("\n")[0]))


def place_of_error(_: object, __: str, event: Event) -> Event:
    """An exception's text may quote anybody: what stays is its kind, and where it came from."""
    info = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["place"] = f"{type(error).__name__} at {_way(error.__traceback__)}"
    return event


def _way(trace: TracebackType | None) -> str:
    """The innermost calls, nearest first."""
    frames = traceback.extract_tb(trace)[-6:]
    return " < ".join(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(frames)) or "?"


def _short(name: str) -> str:
    path = Path(name)
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else "/".join(path.parts[-2:])
