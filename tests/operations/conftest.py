"""The logs as the operator has them, and the command line without the price of a process."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from bot import __main__ as command_line
from bot.logs import OURS, configure_logs
from tests.operations.process import surroundings

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def untouched_logs() -> Iterator[None]:
    """All as it was, afterwards."""
    root, structured, factory = logging.getLogger(), structlog.get_config(), logging.getLogRecordFactory()
    levels = {name: logging.getLogger(name).level for name in (*OURS, root.name)}
    handlers = root.handlers[:]
    yield
    root.handlers = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(False)
    logging.setLogRecordFactory(factory)
    structlog.configure(**structured)


@pytest.fixture
def log(untouched_logs: None) -> io.StringIO:
    """Whatever is logged, at DEBUG."""
    stream = io.StringIO()
    configure_logs(logging.DEBUG, stream)
    return stream


@pytest.fixture
def command(
    untouched_logs: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Command:
    """`command("backup", DATABASE_URL=...)`: its exit code, and all it wrote."""

    def run(*words: str, **more: str) -> tuple[int, str]:
        for name, value in (surroundings(tmp_path) | more).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["run.py", *words])
        monkeypatch.chdir(tmp_path)
        code = command_line.main()
        return code, "".join(capfd.readouterr())

    return run
