"""The operator's chores beside the running bot: loading a roster, checking what is stuck."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from bot import roster
from bot.app import LOCALES, open_store, registry
from bot.engine.i18n import Languages
from bot.engine.turn import Heard
from bot.gateway import Gateway
from bot.settings import Settings
from bot.telegram.parse import Unparsable, parse
from care.text import T
from storage import outbox, updates
from storage.database import Database
from storage.updates import Kept

NOTHING_STUCK = T("Nothing is stuck: every update was dealt with and every message was sent.")


async def load(options: Settings, paths: Sequence[Path], now: Callable[[], datetime]) -> None:
    """All or nothing; what is wrong is named, row by row."""
    languages = Languages(LOCALES, options.zone, now)
    async with open_store(options) as database:
        report = await roster.load(paths, database, now().astimezone(options.zone).date(), now())
    for told in report.says():
        print(languages.render(told, languages.names[0]))
    if not report.loaded:
        raise SystemExit(1)


async def check(options: Settings, now: Callable[[], datetime], *, retry: bool) -> None:
    """Lists updates that could not be dealt with and messages that could not be sent: ids and reasons, no content.
    Where there are any, the command ends with 1."""
    async with open_store(options) as database:
        if retry:
            await _retry(database, options, now)
        async with database.reading() as tx:
            kept, dead = await updates.kept(tx), await outbox.dead(tx)
        for one in kept:
            print(f"update {one.update_id}  {one.state}  {_minute(one.received_at)}  tries {one.attempts}  {one.error}")
        for lost in dead:
            print(f"message {lost.id}  {lost.state}  {lost.verb}  {_minute(lost.created_at)}  {lost.error}")
    if kept or dead:
        raise SystemExit(1)
    print(Languages(LOCALES, options.zone, now).render(NOTHING_STUCK, "en"))


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


async def _retry(database: Database, options: Settings, now: Callable[[], datetime]) -> None:
    gateway = Gateway(database, registry(), Languages(LOCALES, options.zone, now), options.zone, now)
    async with database.reading() as tx:
        kept = await updates.kept(tx)
    for one in kept:
        print(f"update {one.update_id}: {await _retry_one(gateway, one, now())}")


async def _retry_one(gateway: Gateway, kept: Kept, now: datetime) -> str:
    raw = json.loads(kept.body) if kept.body else {}
    try:
        turn = parse(raw, now)
    except Unparsable:
        return "still cannot be read"
    if turn is None:
        return "of a kind that is not used"
    try:
        await gateway.retry(Heard(turn, raw))
    except Exception as error:  # noqa: BLE001 the operator hears of each, and the others are tried
        return f"failed again ({type(error).__name__})"
    return "dealt with"
