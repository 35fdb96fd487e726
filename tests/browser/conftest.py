"""One Chromium for all tests of a worker: each opens pages of its own in it, which share nothing. It lives in the loop
of the session, and so do the tests that use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.pages import chromium, require_chromium
from tests.stage import Stage, stage


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    require_chromium()
    async with chromium() as launched:
        yield launched


@pytest_asyncio.fixture(loop_scope="session")
async def district(sqlite_district_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot at work in the demo's district, in the browser's loop."""
    async with stage(sqlite_district_url, tmp_path) as set_up:
        yield set_up
