"""What the tests of faults look at: what was stored, kept and noted, and in which language the bot spoke."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import text

from bot.demo.cast import PHONES
from bot.demo.world import World
from care.people import Actor
from care.records.contact_entry import ContactEntry
from care.records.talk import Talk
from care.text import Text
from storage import audit, conversations, people, records, updates
from storage.conversations import Conversation
from storage.records import Saved
from storage.updates import Kept
from tests.stage import NOON, Chat, Stage

MOTHER, TEACHER, GUARDIAN, COORDINATOR, READS_ENGLISH, LEAD = (730001, 730002, 730003, 730004, 730005, 730006)
STRANGER = 990001
TODAY = NOON.date()
CHINESE, ENGLISH = "zh_Hans_CN", "en"
_ENGLISH_WORDS = re.compile(r"\b(the|you|your|is|was|not|please|that|this|what|which|with|or)\b", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]")


def private(world: World) -> set[str]:
    """Whatever no log may hold: what people typed, what they and their files are called, where they phone from."""
    told = {phone.name for phone in PHONES} | {phone.phone_number for phone in PHONES if phone.phone_number}
    for chat in world.chats.values():
        for post in chat.posts.values():
            told |= set(_own_words(post.payload)) if not post.by_bot else set()
    return {piece for piece in told if len(piece) >= 4 and not piece.startswith("/")}


def _own_words(payload: dict[str, Any]) -> Iterator[str]:
    named = payload.get("document", {}).get("file_name", "")
    for own_words in (payload.get("text", ""), payload.get("caption", ""), named):
        yield from own_words.strip().splitlines()
        yield own_words.strip()[:40]


def speaks(text: str, language: str) -> bool:
    """Whether a sentence of ours is in this language; people's own words in it should be in none."""
    if language == ENGLISH:
        return bool(_ENGLISH_WORDS.search(text))
    return bool(_HAN.search(text)) and not _ENGLISH_WORDS.search(text)


def in_words(stage: Stage, text: Text, chat: Chat) -> str:
    """A sentence of ours as this person should read it."""
    return stage.app.languages.render(text, ENGLISH if chat.user in (READS_ENGLISH, STRANGER) else CHINESE)


async def actor_of(stage: Stage, chat: Chat) -> Actor:
    async with stage.database.reading() as tx:
        return (await people.actors(tx, [chat.user], TODAY))[chat.user]


async def own(stage: Stage, chat: Chat) -> list[Saved]:
    """The person's records, newest first."""
    actor = await actor_of(stage, chat)
    async with stage.database.reading() as tx:
        return await records.mine(tx, actor, 500)


async def contact(stage: Stage, chat: Chat) -> ContactEntry:
    body = (await own(stage, chat))[0].body
    assert isinstance(body, ContactEntry)
    return body


async def talk(stage: Stage, chat: Chat) -> Talk:
    body = (await own(stage, chat))[0].body
    assert isinstance(body, Talk)
    return body


async def drafts(stage: Stage, chat: Chat) -> list[Conversation]:
    """The chat's open conversations, the last touched last."""
    async with stage.database.reading() as tx:
        return (await conversations.of_chats(tx, [chat.user])).get(chat.user, [])


async def answers(stage: Stage, chat: Chat) -> dict[str, Any]:
    """What the conversation last touched knows already."""
    found: dict[str, Any] = (await drafts(stage, chat))[-1].body.get("answers", {})
    return found


async def kept(stage: Stage) -> list[Kept]:
    """Updates that wait for repair."""
    async with stage.database.reading() as tx:
        return await updates.kept(tx)


async def refusals(stage: Stage) -> Sequence[tuple[str, str]]:
    """Who was refused, and why; the newest first."""
    async with stage.database.reading() as tx:
        noted = await audit.latest(tx, 50)
    return [(entry.actor_id, entry.detail) for entry in noted if entry.outcome == "refused"]


async def visit_to_review(chat: Chat) -> str:
    """A plain visit, typed in Chinese, up to the card that asks whether to save it."""
    await chat.say("/visit")
    await chat.say("家访")
    return await chat.say("开心")


async def sent_twice(stage: Stage) -> int:
    """How many messages went out once more than the outbox knows of."""
    async with stage.database.reading() as tx:
        (sent,) = await tx.rows(text("SELECT count(*) FROM outbox WHERE verb = 'send' AND state = 'sent'"))
    calls = [entry for entry in stage.world.ledger if entry.name == "sendMessage" and entry.outcome == "ok"]
    return len(calls) - int(sent[0])
