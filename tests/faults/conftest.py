"""The district at work, whose logs are read after each test: no words, no names, no token in them, at any level."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from copy import copy

import pytest

from bot.demo.cast import PHONES
from tests.faults.seen import private
from tests.stage import TOKEN, Stage


@pytest.fixture
async def town(
    district: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> AsyncIterator[Stage]:
    caplog.set_level(logging.DEBUG)
    district.world.phones |= {phone.user_id: copy(phone) for phone in PHONES}  # a test may change them
    yield district
    printed = capfd.readouterr()
    logged = "\n".join((caplog.text, printed.out, printed.err))
    assert TOKEN not in logged
    assert [secret for secret in private(district.world) if secret in logged] == []
