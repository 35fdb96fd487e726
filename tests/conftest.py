"""What every test may ask for."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.stage import Stage

pytest_plugins = ("tests.databases",)


@pytest.fixture
async def district(sqlite_district_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot at work in the demo's district, on SQLite."""
    from tests.stage import stage

    async with stage(sqlite_district_url, tmp_path) as set_up:
        yield set_up


@pytest.fixture
async def any_district(district_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """The same on both engines."""
    from tests.stage import stage

    async with stage(district_url, tmp_path) as set_up:
        yield set_up


@pytest.fixture(scope="session")
def picture() -> bytes:
    """A small true PNG; bytes after its end make others of it."""
    return base64.b64decode(_PIXEL)


_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
