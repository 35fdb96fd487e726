"""The demo's server: a Bot API for the bot, and the page of phones for people, on one port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from aiohttp import web

from bot.demo.bot_api import MAX_BODY, BotApi
from bot.demo.clock import Clock
from bot.demo.errors import Impossible
from bot.demo.phones import Phones, TurnClock, polite
from bot.demo.world import World

_STATIC = Path(__file__).parent / "static"


def make_app(world: World, *, turn_clock: TurnClock | None = None) -> web.Application:
    """`turn_clock` plays the time up to a moment; without it, the clock whose `now` the world has is turned."""
    app = web.Application(client_max_size=MAX_BODY, middlewares=[polite])
    app.add_routes(BotApi(world).routes())
    app.add_routes(Phones(world, turn_clock or _turner(world)).routes())
    app.router.add_get("/", _index)
    if _STATIC.is_dir():
        app.router.add_static("/static/", _STATIC)

    async def close(_: web.Application) -> None:
        world.close()

    app.on_shutdown.append(close)
    return app


@asynccontextmanager
async def serve(
    world: World, host: str = "127.0.0.1", port: int = 0, *, turn_clock: TurnClock | None = None
) -> AsyncIterator[str]:
    """Serve until left; yields the base address, such as http://127.0.0.1:8000. Port 0 takes any free one."""
    runner = web.AppRunner(make_app(world, turn_clock=turn_clock), access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _turner(world: World) -> TurnClock:
    clock = getattr(world.now, "__self__", None)

    async def turn(target: datetime) -> None:
        if not isinstance(clock, Clock):
            raise Impossible("this clock cannot be turned")
        clock.forward(target)

    return turn


async def _index(_: web.Request) -> web.StreamResponse:
    page = _STATIC / "index.html"
    if not page.is_file():
        raise web.HTTPNotFound(text="the page is not here")
    return web.FileResponse(page)
