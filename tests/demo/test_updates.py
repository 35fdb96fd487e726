"""getUpdates: only an offset acknowledges, old updates vanish, the older of two pollers loses."""

import asyncio
from datetime import timedelta

from bot.demo.bot_api import refusal
from bot.demo.clock import Clock
from bot.demo.errors import too_many_requests
from bot.demo.params import Params
from bot.demo.world import World
from tests.demo.conftest import LI, WANG, Api

OTHER_POLLER = "409 Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


async def until_waiting(world: World) -> None:
    """A poll has arrived and waits."""
    async with asyncio.timeout(5):
        while world.updates.waiting == 0:
            await asyncio.sleep(0.01)


def say(world: World, count: int) -> list[int]:
    for number in range(count):
        world.say(LI, f"message {number}")
    return [entry.update_id for entry in world.ledger[-count:] if entry.update_id is not None]


async def test_only_an_offset_acknowledges(api: Api, world: World) -> None:
    ids = say(world, 3)
    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]
    assert await api.update_ids() == ids
    assert await api.update_ids(0) == ids
    assert await api.update_ids(ids[1]) == ids[1:]
    assert await api.update_ids(0) == ids[1:]
    assert await api.update_ids(ids[2] + 1) == []
    assert await api.update_ids(0) == []


async def test_a_negative_offset_keeps_only_the_last(api: Api, world: World) -> None:
    ids = say(world, 5)
    assert await api.update_ids(-2) == ids[-2:]
    assert await api.update_ids(0) == ids[-2:]


async def test_a_reply_holds_100(api: Api, world: World) -> None:
    ids = say(world, 130)
    assert await api.update_ids(limit=1000) == ids[:100]
    assert await api.update_ids(limit=3) == ids[:3]
    assert await api.update_ids(ids[100]) == ids[100:]


async def test_a_reply_holds_4_mib(api: Api, world: World) -> None:
    for number in range(3):
        world.raw({"update_id": number + 1, "message": {"text": "x" * 1_500_000}})
    assert await api.update_ids() == [1, 2]
    world.raw({"update_id": 5_000_000, "message": {"text": "x" * 5_000_000}})
    assert await api.update_ids(5_000_000) == [5_000_000]


async def test_taps_live_150_seconds_and_messages_24_hours(api: Api, world: World, clock: Clock) -> None:
    message = world.say(LI, "hello")
    world.tap(LI, message, "x")
    assert len(await api.update_ids()) == 2
    clock.forward(clock.now() + timedelta(seconds=152))
    assert [list(update) for update in await api.ok("getUpdates")] == [["update_id", "message"]]
    clock.forward(clock.now() + timedelta(hours=23))
    world.edit(LI, message, "hello!")
    clock.forward(clock.now() + timedelta(hours=1))
    assert [list(update) for update in await api.ok("getUpdates")] == [["update_id", "edited_message"]]
    clock.forward(clock.now() + timedelta(hours=23, seconds=2))
    assert await api.update_ids() == []


async def test_a_long_poll_ends_with_the_first_update(api: Api, world: World) -> None:
    poll = asyncio.create_task(api.update_ids(timeout=50))
    await until_waiting(world)
    ids = say(world, 2)
    assert await poll == ids


async def test_the_older_of_two_pollers_gets_409(api: Api, world: World) -> None:
    older = asyncio.create_task(api.error("getUpdates", timeout=50))
    await until_waiting(world)
    newer = asyncio.create_task(api.update_ids(timeout=50))
    assert await older == OTHER_POLLER
    ids = say(world, 1)
    assert await newer == ids


async def test_a_webhook_excludes_polling(api: Api, world: World) -> None:
    world.webhook_url = "https://elsewhere.example/hook"
    assert (await api.ok("getWebhookInfo"))["url"] == world.webhook_url
    assert await api.error("getUpdates") == (
        "409 Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first"
    )
    assert await api.ok("deleteWebhook")
    assert await api.update_ids() == []


async def test_deleting_the_webhook_may_drop_what_waits(api: Api, world: World) -> None:
    say(world, 3)
    assert (await api.ok("getWebhookInfo"))["pending_update_count"] == 3
    assert await api.ok("deleteWebhook", drop_pending_updates=True)
    assert await api.update_ids() == []


async def test_allowed_updates_are_remembered_and_filter_only_what_comes(api: Api, world: World) -> None:
    message = world.say(LI, "queued before")
    assert len(await api.update_ids(allowed_updates=["callback_query"])) == 1
    world.say(LI, "not asked for")
    world.tap(LI, message, "x")
    assert [list(update)[1] for update in await api.ok("getUpdates")] == ["message", "callback_query"]
    assert (await api.ok("getWebhookInfo"))["allowed_updates"] == ["callback_query"]
    await api.update_ids(allowed_updates=[])
    world.say(LI, "asked for again")
    assert len(await api.update_ids()) == 3
    assert [entry.outcome for entry in world.ledger if entry.kind == "update"] == ["ok", "not asked for", "ok", "ok"]


async def test_update_ids_may_restart_lower(api: Api, world: World) -> None:
    after = say(world, 2)[-1] + 1
    assert await api.update_ids(after) == []
    world.updates.restart(500)
    assert say(world, 2) == [500, 501]
    assert await api.update_ids(after) == [500, 501]
    assert await api.update_ids(502) == []


async def test_raw_updates_come_as_they_are(api: Api, world: World) -> None:
    world.raw({"update_id": 7, "new_thing": {"x": 1}})
    world.raw({"update_id": 7, "new_thing": {"x": 1}})
    world.raw({"message": "not even an object"})
    assert await api.ok("getUpdates") == [
        {"update_id": 7, "new_thing": {"x": 1}},
        {"update_id": 7, "new_thing": {"x": 1}},
        {"update_id": 8, "message": "not even an object"},
    ]


async def test_asking_the_same_again_at_once_is_braked(api: Api, world: World) -> None:
    ids = say(world, 3)
    world.updates.repeat_window = 3600
    assert await api.update_ids(timeout=1) == ids
    assert await api.update_ids(timeout=1) == ids[:1]


async def test_the_ledger_tells_what_went_over_the_wire(api: Api, world: World) -> None:
    ids = say(world, 1)
    await api.update_ids()
    await api.update_ids()
    await api.ok("sendMessage", chat_id=LI, text="hi")
    kinds = [(entry.kind, entry.name, entry.update_id) for entry in world.ledger]
    assert kinds == [
        ("update", "message", ids[0]),
        ("offer", "message", ids[0]),
        ("call", "getUpdates", None),
        ("offer", "message", ids[0]),
        ("call", "getUpdates", None),
        ("call", "sendMessage", None),
    ]
    last = world.ledger[-1]
    assert (last.chat_id, last.params["text"], last.outcome) == (LI, "hi", "ok")


async def test_a_hook_may_answer_instead(api: Api, world: World) -> None:
    async def once(method: str, params: Params) -> object:
        world.before.clear()
        return refusal(too_many_requests(7))

    world.before.append(once)
    assert await api.answer("sendMessage", chat_id=LI, text="hi") == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }
    assert world.ledger[-1].outcome == "429 by a hook"
    assert await api.ok("sendMessage", chat_id=LI, text="hi")


async def test_message_ids_are_counted_per_chat(api: Api, world: World) -> None:
    assert [world.say(LI, "a"), world.say(LI, "b"), world.say(WANG, "c")] == [1, 2, 1]
    assert (await api.ok("sendMessage", chat_id=LI, text="d"))["message_id"] == 3
