"""Brings a database to the schema of this program: `await migrate(url)`, at every start."""

from __future__ import annotations


class SchemaTooNew(Exception):
    """The database was written by a newer version of this program."""


async def migrate(url: str) -> None:
    raise NotImplementedError
