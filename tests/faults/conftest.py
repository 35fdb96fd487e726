"""The district at work, whose logs are read after each test: no words, no names, no token in them, at any level."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from tests.faults.seen import private
from tests.stage import TOKEN, Stage


@pytest.fixture
async def town(
    district: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> AsyncIterator[Stage]:
    with discreet(district, caplog, capfd):
        yield district


@pytest.fixture
async def any_town(
    any_district: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> AsyncIterator[Stage]:
    """The same on both engines."""
    with discreet(any_district, caplog, capfd):
        yield any_district


@contextmanager
def discreet(stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    printed = capfd.readouterr()
    logged = "\n".join((caplog.text, printed.out, printed.err))
    assert TOKEN not in logged
    assert [secret for secret in private(stage.world) if secret in logged] == []
