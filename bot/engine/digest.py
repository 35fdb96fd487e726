"""The morning's digest: what it says, and that each line is looked at once more whenever it is about to be said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.engine.duty import StillOwed
from bot.engine.message import Button, Message, Priority, Rows, read_body
from bot.engine.nudging import replies
from care.access import Action, may
from care.text import T, Text, lines
from storage import nudges, people
from storage.database import Tx
from storage.nudges import DIGEST, Noted
from storage.outbox import Due

IN_ONE_DIGEST = 8
BULLET = T("• {text}")
Asked = Mapping[str, StillOwed]
"""By the name of a duty, what tells which of its keys are still owed."""


def digests(waiting: Iterable[Noted], now: datetime) -> list[tuple[Message, list[str]]]:
    """One message for each person, and the ids of the nudges that it says."""
    by_person: dict[str, list[Noted]] = {}
    for noted in waiting:
        by_person.setdefault(noted.person_id, []).append(noted)
    return [(_digest(own, now), [noted.id for noted in own]) for own in by_person.values()]


async def as_they_stand(tx: Tx, due: Sequence[Due], asked: Asked, now: datetime) -> Mapping[int, Due | None]:
    """The digests among these, by id, as they are to be said now: without what has been met, or become too late, since
    they were made, and what this chat may not hear any more. None: nothing is left of it."""
    made = {one.key: one for one in due if one.key.startswith(DIGEST)}
    if not made:
        return {}
    lines_of: dict[int, list[Noted]] = {one.id: [] for one in made.values()}
    for noted in await sayable(tx, await nudges.said_in(tx, made), asked, now):
        digest = made[noted.digest]
        if noted.chat_id == digest.chat_id and now < noted.latest:
            lines_of[digest.id].append(noted)
    return {one.id: _anew(one, lines_of[one.id]) for one in made.values()}


def _anew(due: Due, left: Sequence[Noted]) -> Due | None:
    return due._replace(body=_digest(left, due.created_at).body()) if left else None


# --- which lines


async def sayable(tx: Tx, waiting: Sequence[Noted], asked: Asked, now: datetime) -> list[Noted]:
    """`now` in the district's time."""
    return await _rightful(tx, await _owed(tx, waiting, asked), now)


async def _owed(tx: Tx, waiting: Sequence[Noted], asked: Asked) -> list[Noted]:
    """Much can have been met, or ended, since it was kept for the morning."""
    gone: set[str] = set()
    for name, still in asked.items():
        keys = {noted.owed for noted in waiting if noted.owed.partition(":")[0] == name}
        if keys:
            gone |= keys - set(await still(tx, keys))
    return [noted for noted in waiting if noted.owed not in gone]


async def _rightful(tx: Tx, waiting: Sequence[Noted], now: datetime) -> list[Noted]:
    """To who may still hear it, in the chat they have now: a queued message must not outlive the right to it."""
    known = await people.by_ids(tx, {noted.person_id for noted in waiting})
    actors = await people.actors(tx, {one.chat_id for one in known.values() if one.chat_id}, now.date())
    rightful = []
    for noted in waiting:
        person = known.get(noted.person_id)
        actor = actors.get(person.chat_id or 0) if person else None
        if actor and actor.person_id == noted.person_id and may(actor, Action(noted.needs)):
            rightful.append(replace(noted, chat_id=actor.chat_id))
    return rightful


# --- its words


def _digest(waiting: Sequence[Noted], now: datetime) -> Message:
    own = sorted(waiting, key=_place)
    contents = [read_body(dict(noted.body)) for noted in own]
    texts = [content.text for content in contents if content.text]
    rows = [content.buttons[0] for content in contents if content.buttons][:IN_ONE_DIGEST]
    first = own[0]
    return Message(
        first.chat_id,
        text=texts[0] if len(texts) == 1 else _several(texts),
        buttons=_offered(rows, own),
        person_id=first.person_id,
        priority=Priority.NUDGE,
        key=f"{DIGEST}{first.person_id}:{now:%Y-%m-%dT%H:%M}",
        about=first.owed if len(own) == 1 else f"digest:{first.person_id}",
        expires_at=now + timedelta(hours=12),
        protect=True,
    )


def _place(noted: Noted) -> tuple[datetime, str, str]:
    """What is alike stands together, homes and children by their names."""
    return noted.at, noted.owed.partition(":")[0], str(noted.body.get("text"))


def _several(texts: Sequence[Text]) -> Text:
    return T("<b>Good morning! This is on your list:</b>\n{told}", told=lines(BULLET(text=text) for text in texts))


def _offered(rows: Sequence[tuple[Button, ...]], own: Sequence[Noted]) -> Rows:
    if len(own) == 1:
        return (*rows, replies(own[0].id))
    return (*rows, (Button(T("See all of it"), "b|due|all"),))
