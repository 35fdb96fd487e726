"""A database per test, on both engines, and a small district in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.database import Database, open_database
from storage.vault import Vault, new_key
from tests.storage.district import District, settle


@pytest.fixture
def vault() -> Vault:
    return Vault(new_key())


@pytest.fixture
async def database(database_url: str, vault: Vault) -> AsyncIterator[Database]:
    opened = open_database(database_url, vault)
    yield opened
    await opened.close()


@pytest.fixture
async def district(database: Database) -> District:
    async with database.transaction() as tx:
        return await settle(tx)
