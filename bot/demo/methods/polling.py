"""getMe, getUpdates and what belongs to webhooks."""

from typing import Any

from bot.demo import limits
from bot.demo.errors import conflict
from bot.demo.ledger import Entry
from bot.demo.methods.call import Method, Ready
from bot.demo.params import Params
from bot.demo.world import World


def get_me(world: World, params: Params) -> dict[str, Any]:
    return world.bot() | {
        "can_join_groups": True,
        "can_read_all_group_messages": world.reads_groups,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_updates(world: World, params: Params) -> Ready:
    if world.webhook_url:
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    world.updates.allow(params.parsed("allowed_updates"))
    limit = min(max(params.number("limit", limits.UPDATES_A_REPLY), 1), limits.UPDATES_A_REPLY)
    timeout = min(max(params.number("timeout"), 0), limits.LONG_POLL)
    batch = await world.updates.poll(params.number("offset"), limit=limit, patience=timeout)
    for held in batch:
        world.note(Entry(world.now(), "offer", held.kind, held.chat_id, held.update_id))
    return Ready(f"[{','.join(held.body for held in batch)}]")


def delete_webhook(world: World, params: Params) -> bool:
    world.webhook_url = ""
    if params.flag("drop_pending_updates"):
        world.updates.clear()
    return True


def get_webhook_info(world: World, params: Params) -> dict[str, Any]:
    info: dict[str, Any] = {
        "url": world.webhook_url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates),
    }
    if world.updates.allowed is not None:
        info["allowed_updates"] = sorted(world.updates.allowed)
    return info


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
