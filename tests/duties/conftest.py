"""The small district of the storage tests."""

from tests.storage.conftest import database, district, vault

__all__ = ["database", "district", "vault"]
