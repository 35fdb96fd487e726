"""The district at work, with short waits after failures and two phones at hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.telegram import intake
from tests.stage import Chat, Stage


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits after a failed poll are short; how many there are is as ever."""
    monkeypatch.setattr(intake, "_LONGEST_WAIT", 0.05)


@pytest.fixture
def mother(district: Stage) -> Chat:
    return district.chat("volunteer")


@pytest.fixture
def coordinator(district: Stage) -> Chat:
    return district.chat("coordinator")


Until = Callable[[], object]
