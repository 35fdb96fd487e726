"""An open district on each engine, and sentences as an English screen shows them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest

from storage.database import Database, open_database
from storage.vault import Vault, new_key

NOW = datetime(2024, 10, 1, 2, 0, tzinfo=UTC)
TODAY = date(2024, 10, 1)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url, Vault(new_key()))
    yield opened
    await opened.close()
