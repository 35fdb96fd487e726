"""Runs a Conversation inside a Turn: loads what is offered, lets `conversation` move the State, and says the next
card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from bot.engine import conversation as talk
from bot.engine.command import discarding, resuming, starting
from bot.engine.conversation import REVIEW, Answering, Outcome, Said, State, Then
from bot.engine.draw import YES_NO, Drawing, draw
from bot.engine.flow import Ask, Choice, Flow, Shape
from bot.engine.message import Button, Message, Rows, Verb
from bot.engine.scene import Scene
from bot.engine.store import store
from care.access import may
from care.records.base import Record
from care.records.fields import Media, blank
from care.refusal import Refusal
from care.text import T, Text
from storage.conversations import Conversation
from storage.vault import new_id

NOBODY = T("There is nothing to choose from yet. Please ask your coordinator.")
STOPPED = T("Stopped: “{title}”. Nothing was stored.")
OLD_BUTTON = T("That button was from an earlier question. Here is where we are:")


async def start(scene: Scene, flow: Flow, given: str = "", *, anew: bool = False) -> None:
    """Begin; where an unfinished one of this kind has answers already, ask first whether to go on with it.

    `given` is what a button or a command brought along: a choice, or words as if typed at the first question. Asked
    for twice, an untouched one is the same one.
    """
    state = talk.begin(flow, scene.today)
    talk.move_on(flow, state)
    says = await _take_given(scene, flow, state, given) if given else None
    twin = await _twin(scene, flow, state)
    unfinished = None if twin or anew or given else _unfinished(scene, flow)
    if unfinished:
        _offer_resume(scene, flow, unfinished)
    else:
        await _show(scene, flow, twin or begun(scene, flow), state, says, fresh=True)


async def begin_with(scene: Scene, flow: Flow, state: State) -> None:
    """Begin with answers that are there already."""
    talk.move_on(flow, state)
    await _show(scene, flow, begun(scene, flow), state, None, fresh=True)


async def _take_given(scene: Scene, flow: Flow, state: State, given: str) -> Text | None:
    state.at = flow.given or state.at
    ask = flow.ask(state.at)
    answering = await _answering(scene, flow, state, spoken=True)
    if ask and given in {choice.value for choice in answering.offered}:
        return talk.answer(flow, state, ask, [given] if flow.shape(ask) is Shape.MANY else given, answering).says
    if scene.turn.tap:
        raise Refusal(reason=f"{state.at} is not on offer")
    outcome = talk.said(flow, state, replace(_said(scene), words=given), answering)
    _clear_chat(scene, flow, ask, state)
    return outcome.says


async def _twin(scene: Scene, flow: Flow, state: State) -> Conversation | None:
    """An open one that holds nothing beyond what this one begins with."""
    alike = [other for other in scene.live if other.flow == flow.name]
    if alike:
        await _settle(scene, flow, state)
    return next((other for other in alike if _same(State.load(other.body), state)), None)


def _same(one: State, other: State) -> bool:
    return (one.at, one.answers, one.pieces) == (other.at, other.answers, other.pieces)


def begun(scene: Scene, flow: Flow) -> Conversation:
    return Conversation(
        id=new_id(),
        person_id=scene.actor.person_id,
        chat_id=scene.turn.chat_id,
        flow=flow.name,
        version=flow.version,
        state="open",
        started_at=scene.now,
        touched_at=scene.now,
    )


def _unfinished(scene: Scene, flow: Flow) -> Conversation | None:
    """The chat's newest open conversation of this kind that has answers of the person's own; empty ones are let go."""
    plain = talk.begin(flow, scene.today)
    found = None
    for conversation in [other for other in scene.live if other.flow == flow.name]:
        state = State.load(conversation.body)
        if state.trail or state.pieces or set(state.answers) - set(plain.answers):
            found = conversation
        else:
            close(scene, conversation, "cancelled")
    return found


def _offer_resume(scene: Scene, flow: Flow, unfinished: Conversation) -> None:
    scene.keep(unfinished)
    rows: Rows = (
        (resuming(unfinished.id, T("▶ Go on with it")),),
        (starting(f"{flow.name}|new", T("Start a new one")),),
        (discarding(unfinished.id, T("🗑 Throw it away")),),
    )
    scene.say(
        T(
            "You began “{title}” on {day} and have not finished it.",
            title=flow.title,
            day=unfinished.started_at.astimezone(scene.zone).date(),
        ),
        rows,
    )


async def resume(scene: Scene, conversation: Conversation) -> None:
    """Bring the card up again, below everything else; a cancelled one comes back to life."""
    flow = flow_of(scene, conversation)
    if conversation.state not in ("open", "cancelled") or not conversation.body:
        scene.say(
            T("That one is finished already. Would you like to begin a new one?"), ((starting(flow.name, flow.title),),)
        )
        return
    conversation = conversation._replace(state="open")
    await _show(scene, flow, conversation, State.load(conversation.body), None, fresh=True)


def flow_of(scene: Scene, conversation: Conversation) -> Flow:
    flow = scene.registry.flows.get(conversation.flow)
    if flow is None:
        raise Refusal(T("This kind of entry is no longer used."), reason="flow is gone")
    return flow


async def explain(scene: Scene, conversation: Conversation) -> None:
    """Help in the middle: how it works, and the card again."""
    flow = flow_of(scene, conversation)
    await _show(scene, flow, conversation, State.load(conversation.body), _help(flow), fresh=True)


# --- words that came without a conversation


def keep_stray(scene: Scene) -> bool:
    """Put them into a draft of their own and ask what they belong to. False where this person can log nothing."""
    flows = _sorters(scene)
    if not flows:
        return False
    if scene.turn.media and talk.too_big(scene.turn.media):
        scene.say(talk.TOO_BIG)
        return True
    state = talk.begin(flows[0], scene.today)
    _put_stray(state, flows[0], scene)
    _ask_where(scene, begun(scene, flows[0]), state, None)
    return True


def _ask_where(scene: Scene, kept: Conversation, state: State, says: Text | None) -> None:
    """What was kept without a conversation waits for one, however much more of it comes."""
    rows = tuple((Button(flow.title, f"k|{flow.name}|{kept.id}"),) for flow in _sorters(scene))
    text = T("I have kept that. What does it belong to?")
    _put_card(
        scene,
        kept._replace(body=state.dump()),
        T("{says}\n\n{card}", says=says, card=text) if says else text,
        (*rows, (discarding(kept.id, T("🗑 Nothing, throw it away")),)),
        fresh=True,
    )


def _sorters(scene: Scene) -> list[Flow]:
    """Where this person's stray words can go."""
    flows = scene.registry.flows.values()
    return [flow for flow in flows if flow.menu and flow.catch and may(scene.actor, flow.needs)]


def _put_stray(state: State, flow: Flow, scene: Scene) -> None:
    turn = scene.turn
    if turn.media and flow.media:
        state.answers[flow.media.field] = [turn.media.model_dump(mode="json")]
    if flow.catch and not blank(turn.words):
        state.pieces[flow.catch.field] = {str(turn.message_id): turn.words}
        state.answers[flow.catch.field] = turn.words


async def sort_stray(scene: Scene, conversation: Conversation, flow: Flow) -> None:
    """The person said what their words belong to: they move there."""
    old, state = flow_of(scene, conversation), State.load(conversation.body)
    if conversation.state != "open":
        await resume(scene, conversation)
        return
    moved = talk.begin(flow, scene.today)
    if old.media and flow.media and old.media.field in state.answers:
        moved.answers[flow.media.field] = state.answers[old.media.field]
    if old.catch and flow.catch and old.catch.field in state.pieces:
        moved.pieces[flow.catch.field] = state.pieces[old.catch.field]
        moved.answers[flow.catch.field] = state.answers[old.catch.field]
    if flow.catch and flow.catch.sensitive:
        for number in moved.pieces.get(flow.catch.field, {}):
            scene.tell(Message(conversation.chat_id, Verb.DELETE, message_id=int(number)))
    talk.move_on(flow, moved)
    await _show(scene, flow, conversation._replace(flow=flow.name, version=flow.version), moved, None, fresh=False)


# --- what a person does


async def tapped(scene: Scene, conversation: Conversation, place: str, token: str) -> None:
    flow, state = flow_of(scene, conversation), State.load(conversation.body)
    if conversation.state != "open":
        if (conversation.state, token) in (("done", "save"), ("cancelled", "cancel")):
            return
        scene.say(
            T("That one is finished already. Would you like to begin a new one?"), ((starting(flow.name, flow.title),),)
        )
        return
    answering = await _answering(scene, flow, state, spoken=False)
    outcome = talk.tapped(flow, state, place, token, answering)
    await _proceed(scene, flow, conversation, state, outcome, fresh=outcome.then is Then.STALE)


async def heard(scene: Scene, conversation: Conversation) -> None:
    """Typed words in a conversation."""
    flow, state = flow_of(scene, conversation), State.load(conversation.body)
    ask = flow.ask(state.at)
    outcome = talk.said(flow, state, _said(scene), await _answering(scene, flow, state, spoken=True))
    _clear_chat(scene, flow, ask, state)
    await _proceed(scene, flow, conversation, state, outcome, fresh=True)


def _clear_chat(scene: Scene, flow: Flow, ask: Ask | None, state: State) -> None:
    """Typed words leave the chat if they were said at a sensitive question or went to one; a child's name stays."""
    place, _, at = state.last_words or ("", 0, 0)
    went = flow.ask(place) if at == scene.turn.at.timestamp() else None
    if any(one and one.sensitive for one in (ask, went)):
        _take_out(scene)


def _take_out(scene: Scene) -> None:
    scene.tell(Message(scene.turn.chat_id, Verb.DELETE, message_id=scene.turn.message_id))


async def attached(scene: Scene, conversation: Conversation, media: Media) -> None:
    flow, state = flow_of(scene, conversation), State.load(conversation.body)
    same_album = bool(scene.turn.album) and state.album == scene.turn.album
    ask = flow.ask(state.at)
    outcome = talk.attached(flow, state, media, scene.turn.album)
    if ask and ask.sensitive and (outcome.then is Then.SILENCE or outcome.says is talk.KEPT):
        _take_out(scene)
    await _proceed(scene, flow, conversation, state, outcome, fresh=not same_album)


async def reworded(scene: Scene) -> bool:
    """An edited message: the conversation that holds its words takes the new ones. False where none does."""
    for conversation in reversed(scene.live):
        flow, state = flow_of(scene, conversation), State.load(conversation.body)
        if talk.reworded(flow, state, _said(scene), await _answering(scene, flow, state, spoken=False)):
            await _show(scene, flow, conversation, state, T("Changed."), fresh=True)
            return True
    return False


def _said(scene: Scene) -> Said:
    return Said(scene.turn.words, scene.turn.message_id, scene.turn.at.timestamp())


async def _answering(scene: Scene, flow: Flow, state: State, *, spoken: bool) -> Answering:
    ask = flow.ask(state.at)
    offered = await _offered(scene, flow, state, ask)
    skips = scene.languages.labels(ask.skip) if spoken and ask and ask.skip else ()
    return Answering(offered, _spoken(scene, offered) if spoken else {}, scene.reading, skips)


async def _offered(scene: Scene, flow: Flow, state: State, ask: Ask | None) -> Sequence[Choice]:
    if ask is None:
        return ()
    if ask.offer:
        return await ask.offer(scene, state.answers)
    return YES_NO if flow.shape(ask) is Shape.YES_NO else flow.options(ask)


def _spoken(scene: Scene, offered: Sequence[Choice]) -> dict[str, Sequence[str]]:
    return {choice.value: scene.languages.labels(choice.label) for choice in offered}


# --- what follows


async def _proceed(
    scene: Scene, flow: Flow, conversation: Conversation, state: State, outcome: Outcome, *, fresh: bool
) -> None:
    match outcome.then:
        case Then.SILENCE:
            scene.keep(conversation._replace(body=state.dump()))
        case Then.CANCEL:
            cancel(scene, flow, conversation)
        case Then.SAVE:
            await finish(scene, flow, conversation, state)
        case Then.HELP:
            await _show(scene, flow, conversation, state, _help(flow), fresh=True)
        case Then.STALE:
            await _show(scene, flow, conversation, state, OLD_BUTTON, fresh=True)
        case Then.ASK:
            await _show(scene, flow, conversation, state, outcome.says, fresh=fresh)


def _help(flow: Flow) -> Text:
    return T(
        "Tap a button or type your answer. “Back” goes one question back, and on the last card you can "
        "change everything. "
        "Photos and voice notes can be sent at any time. Nothing counts until you tap “Save”; what is "
        "unfinished waits here for 7 days."
    )


async def _show(
    scene: Scene, flow: Flow, conversation: Conversation, state: State, says: Text | None, *, fresh: bool
) -> None:
    """Draw the question that stands now, answering on the way what has one possible answer only."""
    if not state.at:
        _ask_where(scene, conversation, state, says)
        return
    offered = await _settle(scene, flow, state)
    if state.at == REVIEW and not flow.review and talk.complete(flow, state):
        await finish(scene, flow, conversation, state)
        return
    spoken = _spoken(scene, offered) if state.view[:1] == "f" else {}
    remark = await flow.remark(scene, state.answers) if flow.remark and state.at == REVIEW else None
    text, rows = draw(flow, state, Drawing(conversation.id, offered, spoken, scene.today, remark), says)
    _put_card(scene, conversation._replace(body=state.dump()), text, rows, fresh=fresh)


async def _settle(scene: Scene, flow: Flow, state: State) -> Sequence[Choice]:
    """The choices of the question that stands; a question with a single thing to choose is answered, one with none
    refused."""
    while ask := flow.ask(state.at):
        offered = await _offered(scene, flow, state, ask)
        if not ask.offer or (offered and (len(offered) > 1 or ask.optional or ask.skip or ask.field in state.answers)):
            return offered
        if not offered and not (ask.optional or ask.skip):
            raise Refusal(ask.nobody or NOBODY, reason=f"nothing to offer for {ask.field}")
        _answer_alone(flow, state, ask, offered, scene)
    return ()


def _answer_alone(flow: Flow, state: State, ask: Ask, offered: Sequence[Choice], scene: Scene) -> None:
    answering = Answering(offered, {}, scene.reading)
    if not offered:
        talk.pass_over(flow, state, ask)
        return
    state.at = ""
    talk.answer(flow, state, ask, [offered[0].value] if flow.shape(ask) is Shape.MANY else offered[0].value, answering)


def _put_card(scene: Scene, conversation: Conversation, text: Text, rows: Rows, *, fresh: bool) -> None:
    """A tap edits the card; after words, a voice note or a photo a fresh one follows below and the old loses its
    buttons."""
    if fresh or not conversation.card_id:
        if conversation.card_id:
            scene.tell(Message(conversation.chat_id, Verb.STRIP, card=conversation.card_id))
        conversation = conversation._replace(card_id=scene.fresh_card("conversation"))
        scene.say(text, rows, card=conversation.card_id, protect=True)
    else:
        scene.say(text, rows, verb=Verb.EDIT, card=conversation.card_id, protect=True)
    scene.keep(conversation)


def cancel(scene: Scene, flow: Flow, conversation: Conversation) -> None:
    """Put an end to it, without losing what was said: it can be taken up again for seven days."""
    close(scene, conversation, "cancelled")
    _last_card(scene, conversation, STOPPED(title=flow.title), ((resuming(conversation.id, T("↩ Go on after all")),),))


def close(scene: Scene, conversation: Conversation, state: str) -> None:
    scene.keep(conversation._replace(state=state))


def _last_card(scene: Scene, conversation: Conversation, text: Text, rows: Rows = ()) -> None:
    if scene.turn.tap and conversation.card_id:
        scene.say(text, rows, verb=Verb.EDIT, card=conversation.card_id)
        return
    if conversation.card_id:
        scene.tell(Message(conversation.chat_id, Verb.STRIP, card=conversation.card_id))
    scene.say(text, rows)


def discard(scene: Scene, flow: Flow, conversation: Conversation) -> None:
    """Throw an unfinished one away, from a list or a reminder; it too can be taken up again."""
    if conversation.state == "open":
        close(scene, conversation, "cancelled")
    scene.edit_tapped(STOPPED(title=flow.title), ((resuming(conversation.id, T("↩ Go on after all")),),))


async def store_as_it_is(scene: Scene, conversation: Conversation) -> None:
    """Store an unfinished one that has all it needs; what was skipped stays empty."""
    if conversation.state == "open":
        await finish(scene, flow_of(scene, conversation), conversation, State.load(conversation.body))


async def finish(scene: Scene, flow: Flow, conversation: Conversation, state: State) -> None:
    """Store the record, or do what the Flow does instead; then the card says so."""
    if not talk.complete(flow, state):
        await _show(scene, flow, conversation, state, T("Something is still missing:"), fresh=not scene.turn.tap)
        return
    record = talk.result(flow, state)
    if flow.finish:
        if conversation.card_id:
            scene.tell(Message(conversation.chat_id, Verb.STRIP, card=conversation.card_id))
        await flow.finish(scene, record)
        close(scene, conversation._replace(body={}), "done")
    else:
        saved, told = await store(scene, flow, conversation, cast(Record, record))
        kept = {"pieces": _still_in_chat(flow, state)}
        close(scene, conversation._replace(body=kept, record_id=saved), "done")
        _last_card(scene, conversation, told, _next_steps(scene, flow, saved))


def _still_in_chat(flow: Flow, state: State) -> dict[str, dict[str, str]]:
    """Words whose messages still stand in the chat: by editing the message the person can change the record."""
    told = {ask.field for ask in flow.asks if not ask.sensitive}
    return {name: pieces for name, pieces in state.pieces.items() if name in told}


def _next_steps(scene: Scene, flow: Flow, record_id: str) -> Rows:
    """After saving: another one, taking it back, and what lies unfinished."""
    undo = scene.registry.commands["mine"].button(T("↩ Take it back"), "undo", record_id)
    rows: list[Any] = [(starting(flow.name, T("＋ One more")), undo)]
    rows += [
        (resuming(other.id, T("▶ Unfinished: {title}", title=flow_of(scene, other).title)),)
        for other in scene.live[-2:]
    ]
    return tuple(rows)
