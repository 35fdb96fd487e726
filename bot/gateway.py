"""A Turn becomes a transaction. Up to a hundred share one commit; where one fails, each is redone alone. The only
caller of `require`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

import structlog

from bot.engine import amend, converse, store
from bot.engine.command import Command
from bot.engine.flow import Flow
from bot.engine.greet import doors
from bot.engine.i18n import Languages, negotiate
from bot.engine.message import Message
from bot.engine.nearby import Nearby
from bot.engine.pending import Pending, write
from bot.engine.registry import Registry
from bot.engine.scene import Effects, Scene
from bot.engine.turn import Heard, Kind, Turn
from bot.handlers import check_in, welcome
from bot.handlers.help import GUARDIAN
from care.access import may, require
from care.people import Actor, Role
from care.refusal import Refusal
from care.text import T
from storage import cards, conversations, people, strangers, updates
from storage.conversations import Conversation
from storage.database import Database, Tx, unavailable

log = structlog.get_logger()

CHANNEL = "telegram"
NOT_SAVED = T(
    "Something went wrong on my side and I could not store that. It is kept for repair; please try again later."
)
GROUP_LINE = T("I only talk in private chats. Please open a chat with me.")
OLD_BUTTON = T("That button no longer works. Send /help to see what you can do.")
UNKNOWN_COMMAND = T("I do not know that command. Here is what I can do for you:")
NOT_UNDERSTOOD = T("I did not understand that. Here is what I can do for you:")
BOARD_HOURS = 20


class Gateway:
    def __init__(
        self,
        database: Database,
        registry: Registry,
        languages: Languages,
        zone: tzinfo,
        now: Callable[[], datetime],
        *,
        bot_username: str = "",
        committed: Callable[[Pending], None] = lambda done: None,
    ) -> None:
        """`committed` gets what a batch has written, right after its commit."""
        self._database = database
        self._registry = registry
        self._languages = languages
        self._zone = zone
        self._now = now
        self._bot_username = bot_username
        self.committed = committed

    async def take(self, heard: Sequence[Heard]) -> None:
        """Deal with a batch. Raises only where the database cannot be reached: then nothing is acknowledged."""
        try:
            await self._together(heard)
        except Exception as error:
            if unavailable(error):
                raise
            log.warning("batch failed, trying singly", error=type(error).__name__, size=len(heard))
            for one in heard:
                await self._alone(one)

    async def keep(self, update_id: int, raw: Mapping[str, Any]) -> None:
        """An update that could not be read: kept, sealed, for repair."""
        now = self._now()
        async with self._database.transaction() as tx:
            if await updates.new_ids(tx, CHANNEL, [update_id], now):
                await updates.keep(tx, CHANNEL, update_id, _dump(raw), "unparsable", now, state="unparsable")

    async def _alone(self, heard: Heard) -> None:
        """Twice; then it is kept and its sender hears an honest 'not saved'."""
        for _ in range(2):
            try:
                await self._together([heard])
                return
            except Exception as error:
                if unavailable(error):
                    raise
                failure = type(error).__name__
        log.error("update failed", update_id=heard.turn.update_id, error=failure)
        await self._give_up(heard, failure)

    async def _give_up(self, heard: Heard, failure: str) -> None:
        turn, now = _own(heard.turn), self._now()
        async with self._database.transaction() as tx:
            await updates.new_ids(tx, CHANNEL, [turn.update_id], now)
            await updates.keep(tx, CHANNEL, turn.update_id, _dump(heard.raw), failure, now)
            if turn.kind not in (Kind.GROUP, Kind.BLOCKED):
                known = await people.languages(tx, [turn.chat_id])
                language = known.get(turn.chat_id) or negotiate(turn.language_code)
                await write(tx, Effects(messages=[Message(turn.chat_id, text=NOT_SAVED, language=language)]), now)
        self.committed(Pending(more=True))

    async def _together(self, heard: Sequence[Heard]) -> None:
        now, done = self._now(), Pending()
        try:
            async with self._database.transaction() as tx:
                new = await updates.new_ids(tx, CHANNEL, [one.turn.update_id for one in heard], now)
                turns = {one.turn.update_id: _own(one.turn) for one in heard if one.turn.update_id in new}
                if turns:
                    done = await self._play(tx, list(turns.values()), now)
        except BaseException:
            self.committed(Pending(more=True))  # a commit may have failed in appearance only
            raise
        self.committed(done)

    async def retry(self, heard: Heard) -> None:
        """Deal once more with an update that was kept. Raises what it raises."""
        async with self._database.transaction() as tx:
            await self._play(tx, [_own(heard.turn)], self._now())
            await updates.settle(tx, CHANNEL, heard.turn.update_id)

    async def _play(self, tx: Tx, turns: Sequence[Turn], now: datetime) -> Pending:
        chats = {turn.chat_id for turn in turns}
        actors = await people.actors(tx, chats, now.astimezone(self._zone).date())
        live = await conversations.of_chats(tx, chats)
        named = await conversations.by_ids(tx, _named_in(turns, live))
        pending, nearby = Pending(), Nearby(actors.values())
        for turn in turns:
            scene = Scene(
                tx,
                turn,
                actors.get(turn.chat_id) or self._stranger(turn),
                now,
                self._zone,
                self._languages,
                self._registry,
                live.get(turn.chat_id, []),
                named,
                bot_username=self._bot_username,
                nearby=nearby,
            )
            if await self._act(scene, pending):
                pending.unsettled = True
                actors = await people.actors(tx, chats, now.astimezone(self._zone).date())
                nearby = Nearby(actors.values())
            live[turn.chat_id] = scene.live
            named |= scene.effects.conversations
            pending.add(scene.effects)
        if pending.records:
            await self._refresh_boards(tx, pending, now)
        await self._write(tx, pending, now)
        return pending

    def _stranger(self, turn: Turn) -> Actor:
        return Actor("", turn.chat_id, negotiate(turn.language_code), name=turn.name)

    async def _act(self, scene: Scene, pending: Pending) -> bool:
        """Play one Turn; a Refusal is an answer. True when who may do what has changed."""
        try:
            return await self._route(scene, pending) or self._has_changed_people(scene)
        except Refusal as refusal:
            scene.effects = Effects()
            scene.note("turn", str(scene.turn.kind), "", "refused", refusal.reason)
            scene.say(refusal.says)
            return False

    def _has_changed_people(self, scene: Scene) -> bool:
        done = (one for one in scene.effects.conversations.values() if one.state == "done")
        return any(self._registry.flows[one.flow].changes_people for one in done if one.flow in self._registry.flows)

    # --- routing

    async def _route(self, scene: Scene, pending: Pending) -> bool:
        turn = scene.turn
        if turn.kind is Kind.GROUP:
            if await strangers.may_answer(scene.tx, turn.chat_id, scene.now):
                scene.say(GROUP_LINE)
            return False
        if turn.kind is Kind.BLOCKED:
            await people.unreachable(scene.tx, turn.chat_id, None if turn.words == "member" else scene.now)
            return False
        if scene.actor.unreachable:
            await people.unreachable(scene.tx, turn.chat_id, None)
        if not scene.actor.known:
            return await welcome.stranger(scene)
        if turn.command:
            return await self._command(scene, pending)
        if turn.kind is Kind.TAP:
            return await self._tap(scene, pending)
        await self._words(scene, pending)
        return False

    async def _command(self, scene: Scene, pending: Pending) -> bool:
        name, argument = scene.turn.command, scene.turn.argument
        if name == "start" and argument:
            return await welcome.link(scene, argument)
        flow, command = self._registry.flows.get(name), self._registry.commands.get(name)
        if self._lost_guardian(scene, flow or command):
            scene.note("command", "command", "", "refused", "not for families")
            scene.say(GUARDIAN)
        elif flow:
            self._require(scene, flow)
            await converse.start(scene, flow, argument)
        elif command:
            self._require(scene, command)
            await self._flush(scene.tx, pending, scene.now)
            await command.run(scene, argument)
        else:
            scene.say(UNKNOWN_COMMAND, doors(self._registry, scene.actor))
        return bool(command and command.changes_people)

    def _lost_guardian(self, scene: Scene, thing: Flow | Command | None) -> bool:
        """Who is here as family only hears how to talk with us, whatever command they try."""
        return scene.actor.roles == {Role.GUARDIAN} and (thing is None or not may(scene.actor, thing.needs))

    async def _tap(self, scene: Scene, pending: Pending) -> bool:
        match scene.turn.tap.split("|"):
            case ["c", id, place, token]:
                if conversation := self._owned(scene, id):
                    await converse.tapped(scene, conversation, place, token)
            case ["s", name, *more] if name in self._registry.flows:
                flow = self._registry.flows[name]
                self._require(scene, flow)
                await converse.start(scene, flow, "" if more == ["new"] else "|".join(more), anew=more == ["new"])
            case ["k", name, id] if name in self._registry.flows:
                self._require(scene, self._registry.flows[name])
                if conversation := self._owned(scene, id):
                    await converse.sort_stray(scene, conversation, self._registry.flows[name])
            case ["r" | "x" | "w" as verb, id]:
                if conversation := self._owned(scene, id):
                    await self._draft(scene, verb, conversation)
            case ["b", name, *carried] if name in self._registry.commands:
                return await self._button(scene, self._registry.commands[name], carried, pending)
            case _:
                scene.note("tap", "button", "", "refused", "unknown button")
                scene.say(OLD_BUTTON, doors(self._registry, scene.actor))
        return False

    async def _button(self, scene: Scene, command: Command, carried: Sequence[str], pending: Pending) -> bool:
        self._require(scene, command)
        await self._flush(scene.tx, pending, scene.now)
        if not carried:
            await command.run(scene, "")
        elif command.tapped:
            await command.tapped(scene, carried)
        else:
            raise Refusal(reason="no such button")
        return command.changes_people

    def _owned(self, scene: Scene, id: str) -> Conversation | None:
        """The conversation behind a button, if it is this person's and still theirs to have. Somebody else's looks
        like none."""
        conversation = next((one for one in scene.live if one.id == id), None) or scene.named.get(id)
        if conversation is None or conversation.person_id != scene.actor.person_id:
            scene.note("tap", "conversation", id, "refused", "not the owner" if conversation else "unknown")
            scene.say(OLD_BUTTON, doors(self._registry, scene.actor))
            return None
        self._require(scene, converse.flow_of(scene, conversation))
        return conversation

    async def _draft(self, scene: Scene, verb: str, conversation: Conversation) -> None:
        flow = converse.flow_of(scene, conversation)
        if verb == "x":
            converse.discard(scene, flow, conversation)
        elif verb == "w":
            await converse.store_as_it_is(scene, conversation)
        else:
            await converse.resume(scene, conversation)

    async def _words(self, scene: Scene, pending: Pending) -> None:
        """What is typed or sent goes to the conversation replied to, else to the one last touched."""
        turn = scene.turn
        if turn.kind is Kind.EDIT:
            await self._flush(scene.tx, pending, scene.now)
            if not await converse.reworded(scene):
                await amend.reworded(scene)
            return
        if turn.reply_to and await check_in.replied(scene):
            return
        conversation = await self._addressed(scene)
        if conversation is None:
            await welcome.stray(scene)
            return
        self._require(scene, converse.flow_of(scene, conversation))
        if turn.media:
            await converse.attached(scene, conversation, turn.media)
        elif turn.kind is Kind.WORDS:
            await converse.heard(scene, conversation)
        else:
            scene.say(T("I cannot use that here. Please tap a button or type your answer."))

    async def _addressed(self, scene: Scene) -> Conversation | None:
        if scene.turn.reply_to and scene.live:
            id = await conversations.by_card_message(scene.tx, scene.turn.chat_id, scene.turn.reply_to)
            if replied := next((one for one in scene.live if one.id == id), None):
                return replied
        return scene.live[-1] if scene.live else None

    def _require(self, scene: Scene, thing: Flow | Command) -> None:
        require(scene.actor, thing.needs)

    # --- writing

    async def _flush(self, tx: Tx, pending: Pending, now: datetime) -> None:
        """Write what came before in this batch, so that what is read now holds it."""
        if pending.records or pending.conversations:
            await self._write(tx, pending, now)

    async def _write(self, tx: Tx, pending: Pending, now: datetime) -> None:
        duties, new = self._registry.duties, list(pending.records)
        met = await store.met_by(tx, duties, new) if new else {}
        await pending.write(tx, now)
        if new:
            await store.settle(tx, duties, met, new, now, now.astimezone(self._zone).date())

    async def _refresh_boards(self, tx: Tx, pending: Pending, now: datetime) -> None:
        """Boards that stand open in somebody's chat show what has just arrived."""
        for command in [command for command in self._registry.commands.values() if command.refresh]:
            boards = await cards.latest(tx, command.name, now - timedelta(hours=BOARD_HOURS))
            if not boards:
                continue
            await self._flush(tx, pending, now)
            owners = await people.actors(tx, [chat_id for _, chat_id in boards], now.astimezone(self._zone).date())
            for card_id, chat_id in boards:
                if chat_id in owners and may(owners[chat_id], command.needs):
                    turn = Turn(0, Kind.OTHER, chat_id, chat_id, now)
                    scene = Scene(tx, turn, owners[chat_id], now, self._zone, self._languages, self._registry)
                    assert command.refresh
                    await command.refresh(scene, card_id)
                    pending.add(scene.effects)


def _own(turn: Turn) -> Turn:
    """A tap is that of who tapped, in their own chat, whatever chat it claims to come from."""
    forged = turn.kind is Kind.TAP and turn.chat_id != turn.user_id
    return turn._replace(chat_id=turn.user_id, message_id=0) if forged else turn


def _named_in(turns: Sequence[Turn], live: Mapping[int, Sequence[Conversation]]) -> set[str]:
    """Conversations that buttons name and that are not among the open ones of the chat."""
    open_ones = {conversation.id for some in live.values() for conversation in some}
    named = {
        parts[-1] if parts[0] == "k" else parts[1]
        for turn in turns
        if len(parts := turn.tap.split("|")) > 1 and parts[0] in "crxwk"
    }
    return named - open_ones


def _dump(raw: Mapping[str, Any]) -> bytes:
    return json.dumps(raw, ensure_ascii=False, default=str).encode(errors="replace")
