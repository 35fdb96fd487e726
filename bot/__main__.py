"""The command line: python3 run.py COMMAND."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from pydantic import ValidationError

from bot import backup
from bot.app import App, HoldLost, open_app, open_store
from bot.backup import Refused
from bot.health import Health, serve_health, wal_reset_warning
from bot.logs import configure_logs
from bot.settings import Settings
from bot.steady import FLOOR, SteadyClock
from bot.telegram.bot import TokenRefused, connect
from bot.watchdog import GRACE, end_within, watching
from care.people import Role
from storage import invitations
from storage.hold import DistrictBusy
from storage.migrations import SchemaTooNew
from storage.soundness import Unsound, has_wal_reset_bug, sqlite_version
from storage.vault import BadKey, hash_token, new_key

FIRST_LINK_LASTS = timedelta(hours=72)
_LOG = logging.getLogger("bot")


class Stop(Exception):
    """One plain line for the operator; nothing more is printed."""


def now() -> datetime:
    return datetime.now(UTC)


async def run_bot(options: Settings) -> None:
    _need_token(options)
    _need_clock(now())
    clock = SteadyClock(now)
    async with (
        open_store(options) as database,
        open_app(options, database, clock.now, clock.moves) as app,
        _health(app, options),
    ):
        if database.is_sqlite and has_wal_reset_bug(sqlite_version()):
            _LOG.warning("%s", wal_reset_warning(sqlite_version()))
        print(f"@{app.channel.username} is at work. Stop with Ctrl+C.", flush=True)
        await _run_watched(app, options.watchdog_seconds)


async def _run_watched(app: App, limit: float) -> None:
    loop, run = asyncio.get_running_loop(), asyncio.ensure_future(app.run())

    def stop() -> None:
        end_within(GRACE)
        loop.call_soon_threadsafe(run.cancel)

    with watching(app.intake, limit, stop) as stalled:
        try:
            await run
        except asyncio.CancelledError:
            if stalled.is_set():
                raise Stop("Polling had stalled: the bot has ended, for its supervisor to start it again.") from None
            raise


@asynccontextmanager
async def _health(app: App, options: Settings) -> AsyncIterator[None]:
    """A port that is taken is no reason not to do the work."""
    async with AsyncExitStack() as stack:
        if options.health_port:
            try:
                await stack.enter_async_context(serve_health(Health(app, now), options.health_port))
            except OSError as error:
                _LOG.error("HEALTH_PORT %d cannot be had (%s): no /healthz", options.health_port, type(error).__name__)
        yield


def _need_token(options: Settings) -> None:
    if not options.bot_token.get_secret_value():
        raise Stop(
            "BOT_TOKEN is not set: ask @BotFather in Telegram for a token and put BOT_TOKEN=... into .env "
            "(or try: python3 run.py demo)."
        )


def _need_clock(says: datetime) -> None:
    if says < FLOOR:
        raise Stop(f"The clock of this machine says {says:%Y-%m-%d}. Set it first: the bot would speak at wrong hours.")


async def invite(options: Settings, name: str) -> None:
    """The operator's first link: it needs nobody's confirmation."""
    _need_token(options)
    token = token_urlsafe(16)
    async with open_store(options) as database:
        async with connect(options.bot_token.get_secret_value(), options.bot_api_url) as channel:
            username = channel.username
        async with database.transaction() as tx:
            await invitations.invite(
                tx,
                token_hash=hash_token(token),
                role=Role.COORDINATOR,
                expected_name=name,
                now=now(),
                expires_at=now() + FIRST_LINK_LASTS,
                needs_confirmation=False,
            )
    print(
        f"https://t.me/{username}?start={token}\nIt makes who opens it a coordinator; it works once, within 72 hours."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="the programme on this machine, with invented people")
    demo.add_argument("--port", type=int, default=None, help="of the page (DEMO_PORT)")
    demo.add_argument("--keep", action="store_true", help="keep the demo's data in DATA_DIR/demo for the next time")
    commands.add_parser("bot", help="the bot itself, against Telegram")
    load_files = commands.add_parser("load", help="read homes, children, guardians, staff and pairings from CSV files")
    load_files.add_argument("files", nargs="+", type=Path)
    first = commands.add_parser("invite", help="print an invitation link")
    first.add_argument("--coordinator", action="store_true", required=True, help="for a first coordinator")
    first.add_argument("--name", default="-", help="whom the link is for")
    checking = commands.add_parser("check", help="look for what is stuck or does not add up")
    checking.add_argument("--retry", action="store_true", help="deal once more with updates that failed")
    saving = commands.add_parser("backup", help="a checked copy of the district, beside the running bot")
    saving.add_argument("file", nargs="?", type=Path, help="where to; by default DATA_DIR/backups/, named by the date")
    back = commands.add_parser("restore", help="put a backup in the district's place; the bot must not run")
    back.add_argument("file", nargs="?", type=Path)
    back.add_argument("--silence", action="store_true", help="only cancel what a database put back has yet to send")
    commands.add_parser("catalogs", help="bring locales/ in step with the sentences in the code")
    commands.add_parser("key", help="print a fresh sealing key for SEAL_KEY")
    return parser


def _work(arguments: argparse.Namespace, options: Settings) -> Coroutine[Any, Any, None]:
    """What only one command needs is loaded for it, or the bot would carry the demo for months."""
    match arguments.command:
        case "demo":
            from bot.demo.play import play

            return play(options, port=arguments.port, keep=arguments.keep)
        case "bot":
            return run_bot(options)
        case "load":
            from bot.chores import load

            return load(options, arguments.files, now)
        case "invite":
            return invite(options, arguments.name)
        case "backup":
            return backup.backup(options, arguments.file, now())
        case "restore" if arguments.silence:
            return backup.silence(options, now())
        case "restore" if arguments.file:
            return backup.restore(options, arguments.file, now())
        case "restore":
            raise Stop("Which backup? python3 run.py restore FILE")
    from bot.chores import check

    return check(options, now, retry=arguments.retry)


async def _until_told(work: Coroutine[Any, Any, None]) -> None:
    """SIGTERM and Ctrl+C cancel the work, which finishes what is in hand within ten seconds."""
    task = asyncio.ensure_future(work)

    def end() -> None:
        end_within(GRACE)
        task.cancel()

    for told in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(told, end)
    with suppress(asyncio.CancelledError):
        await task


def main() -> int:
    arguments = _parser().parse_args()
    if arguments.command == "key":
        print(new_key())
        return 0
    if arguments.command == "catalogs":
        from bot.catalogs import refresh

        refresh()
        return 0
    configure_logs()
    try:
        asyncio.run(_until_told(_work(arguments, Settings())))
    except (Stop, Refused, BadKey, DistrictBusy, HoldLost, SchemaTooNew, TokenRefused, Unsound) as stop:
        print(stop, file=sys.stderr)
        return 1
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors())
        print(f"A setting is not right: {wrong}", file=sys.stderr)
        return 1
    except Exception:  # noqa: BLE001 its text may quote anybody: the log tells the place
        _LOG.exception("an error that nobody expected has ended the process")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
