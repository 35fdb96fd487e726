"""Backups: `run.py backup` beside the running bot, `run.py restore` in the place of what is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from bot.settings import Settings
from storage import copies, soundness
from storage.database import Database, database_file, open_database
from storage.hold import hold_district
from storage.migrations import migrate
from storage.vault import Vault

_T = TypeVar("_T")
_DUMP = """This district lies in PostgreSQL, whose own tools back it up:
  pg_dump --format=custom{schema} --file=district.dump "{url}" """
_LOAD = """This district lies in PostgreSQL, whose own tools put it back. Stop the bot, then:
  pg_restore --clean --if-exists --single-transaction --dbname="{url}" district.dump
  python3 run.py restore --silence"""


class Refused(Exception):
    """One plain line for the operator."""


async def backup(options: Settings, file: Path | None, now: datetime) -> None:
    """A checked copy of the district, by default in DATA_DIR/backups. Raises Refused and Unsound."""
    source = _file(options)
    if source is None:
        raise Refused(_DUMP.format(**_place(options)).rstrip())
    _require(source)
    target = file or options.data_dir / "backups" / f"xinqiao-{now:%Y%m%dT%H%M%SZ}.db"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        await soundness.inspect(source)
        await copies.back_up(source, target)
    except FileExistsError:
        raise Refused(f"{target} exists already; it was left as it is.") from None
    print(f"{target.absolute()} is a whole copy of the district. It is of no use without SEAL_KEY, which is not in it.")


async def restore(options: Settings, file: Path, now: datetime) -> None:
    """Puts a backup in the district's place. Raises Refused, DistrictBusy, Unsound, BadKey, SchemaTooNew: nothing was
    changed then."""
    if _file(options) is None:
        raise Refused(_LOAD.format(**_place(options)))
    _require(file)
    vault = Vault(options.seal_key.get_secret_value())
    options.data_dir.mkdir(parents=True, exist_ok=True)

    async def exchange(database: Database) -> tuple[Path | None, int]:
        assert database.file
        return await copies.restore(file, database.file, vault, now)

    aside, cancelled = await _holding(options, vault, exchange)
    print(f"The district is as {file.name} had it. {cancelled} messages it had yet to send were cancelled.")
    if aside:
        print(f"What was there before lies in {aside}.")
    print("What happened since the backup is not in it; start the bot with: python3 run.py bot")


def _require(file: Path) -> None:
    if not file.is_file():
        raise Refused(f"{file} is not there.")


async def silence(options: Settings, now: datetime) -> None:
    """For a database that other tools have put back: what it had yet to send is not sent. Raises DistrictBusy."""
    vault = Vault(options.seal_key.get_secret_value())
    await migrate(options.database)

    async def cancel(database: Database) -> int:
        return await copies.silence(database, now)

    print(f"{await _holding(options, vault, cancel)} messages that were yet to be sent were cancelled.")


async def _holding(options: Settings, vault: Vault, work: Callable[[Database], Awaitable[_T]]) -> _T:
    """While no bot runs this district, and none can start."""
    database = open_database(options.database, vault)
    try:
        async with await hold_district(database):
            return await work(database)
    finally:
        await database.close()


def _file(options: Settings) -> Path | None:
    """Where the district lies, when it is a file."""
    return database_file(options.database)


def _place(options: Settings) -> dict[str, str]:
    """Of a PostgreSQL district, without the password: it is asked for, or comes from ~/.pgpass."""
    parts = urlsplit(options.database)
    schema = dict(parse_qsl(parts.query)).get("schema", "")
    user = f"{parts.username}@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    return {
        "url": f"postgresql://{user}{parts.hostname or ''}{port}{parts.path}",
        "schema": f" --schema={schema}" if schema else "",
    }
