"""sendMediaGroup: two to ten photos, videos, documents or audio files, each a message of its own."""

from typing import Any

from bot.demo import limits
from bot.demo.contents import Content, caption_content, file_content
from bot.demo.errors import bad
from bot.demo.methods.call import Method, read_caption, read_chat_to_write
from bot.demo.methods.sending import attached, deliver
from bot.demo.params import Params
from bot.demo.world import World

_KINDS = {"photo", "video", "document", "audio"}


def send_media_group(world: World, params: Params) -> list[dict[str, Any]]:
    items = params.parsed("media") or []
    _check(items)
    captions = [caption_content(read_caption(Params(item))) for item in items]
    chat = read_chat_to_write(world, params)
    contents = [_content(world, params, item) | caption for item, caption in zip(items, captions, strict=True)]
    world.last_album += 1
    album = {"media_group_id": f"{13_000_000_000_000 + world.last_album}"}
    return [deliver(world, params, chat, content | album) for content in contents]


def _check(items: list[dict[str, Any]]) -> None:
    if len(items) < limits.ALBUM_FEWEST:
        raise bad("too few messages to send as an album")
    if len(items) > limits.ALBUM_MOST:
        raise bad("too many messages to send as an album")
    kinds = [str(item.get("type")) for item in items]
    wrong = next((kind for kind in kinds if kind not in _KINDS), None)
    if wrong is not None:
        raise bad(f"can't parse InputMedia: type \"{wrong}\" can't be used in sendMediaGroup")
    for kind in ("document", "audio"):
        if kind in kinds and set(kinds) != {kind}:
            raise bad(f"{kind} can't be mixed with other media types")


def _content(world: World, params: Params, item: dict[str, Any]) -> Content:
    kind = item["type"]
    file = attached(world, params, kind, str(item.get("media", "")))
    return file_content(file, kind, seconds=int(item.get("duration") or 0))


METHODS: dict[str, Method] = {"sendMediaGroup": send_media_group}
