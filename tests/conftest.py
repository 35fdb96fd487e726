"""What every test may ask for."""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cluster import locked

if TYPE_CHECKING:
    from tests.stage import Stage

pytest_plugins = ("tests.databases",)


@pytest.fixture(scope="session")
def district_file(run_folder: Path) -> Path:
    """The demo's district on SQLite, furnished once per run."""
    from storage.migrations import migrate
    from tests.stage import furnish

    async def make(fresh: Path) -> None:
        await migrate(f"sqlite:///{fresh}")
        await furnish(f"sqlite:///{fresh}")

    file = run_folder / "district.db"
    with locked(run_folder / "district.lock"):
        if not file.exists():
            fresh = run_folder / "district.new"
            fresh.unlink(missing_ok=True)
            asyncio.run(make(fresh))
            fresh.rename(file)
    return file


@pytest.fixture
async def district(district_file: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot at work in the demo's district, on SQLite."""
    from tests.stage import stage

    shutil.copy(district_file, tmp_path / "district.db")
    async with stage(f"sqlite:///{tmp_path / 'district.db'}", tmp_path) as set_up:
        yield set_up


@pytest.fixture
async def any_district(database_url: str, district_file: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """The same on both engines."""
    from tests.stage import furnish, stage

    if database_url.startswith("sqlite"):
        shutil.copy(district_file, tmp_path / "district.db")
        database_url = f"sqlite:///{tmp_path / 'district.db'}"
    else:
        await furnish(database_url)
    async with stage(database_url, tmp_path) as set_up:
        yield set_up


@pytest.fixture(scope="session")
def picture() -> bytes:
    """A small true PNG; bytes after its end make others of it."""
    return base64.b64decode(_PIXEL)


_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
