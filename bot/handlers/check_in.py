"""A family's check-in: three buttons, a word that means well, or anything else, which the teacher hears."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.engine import check_ins as engine
from bot.engine.check_ins import ANY_DAY, Taken, by_name
from bot.engine.command import Command
from bot.engine.concerns import look_for_harm
from bot.engine.message import Button, Message, Priority, Rows
from bot.engine.scene import Scene
from bot.engine.turn import Kind
from care.access import Action
from care.check_in import BUTTONS, Answer
from care.children import Child
from care.people import Role
from care.refusal import Refusal
from care.text import TN, T, Text, Value, phrase, words
from care.words.choosing import by_label, plain
from storage import check_in_asks, check_ins, people, said
from storage.people import Person

NOBODY = T("No child of yours is registered here. Please ask the school.")
GLAD = T("Thank you! We are glad that all is well with {children}.")
QUIET = T(
    "Thank you for telling us. The head of the school and the coordinator read it now, and nobody else. If {children} "
    "may be in danger, call 110 at once."
)
STANDS = T("Good to hear! The teacher knows that you asked for help for {children}, and will still get in touch.")
WILL_CALL = T("Good, {teachers} will call you back.")
WILL_CALL_LATER = T(
    "Good, {teachers} will call you back after seven in the morning. If it cannot wait until then, tap the red button."
)
COMING = T(
    "I have told {teachers}; somebody will be in touch with you at once.\n\nIf anybody is in danger, call 110 (police) "
    "or 120 (ambulance) now."
)
NOBODY_HERE = T(
    "Nobody from the school can be reached here at the moment. Please call the school, or 110 if it is urgent."
)
WHICH = T("{told}\n\nWhich child is it about?")
PASSED_ON = T("I have passed that on to {teachers}.")
UNREACHED = T("No teacher can be reached here at the moment. If it is urgent, please call the school.")
NOT_ALL = frozenset({Answer.CALL, Answer.COME})
KEPT_CLOSE = frozenset({"violence", "abuse", "self_harm", "neglect"})
"""Kinds of harm of which somebody near may be the cause: the words themselves go to few."""


async def own_children(scene: Scene) -> list[Child]:
    return await scene.children(Action.ANSWER_CHECK_IN)


async def run(scene: Scene, _: str) -> None:
    own = await own_children(scene)
    if not own:
        raise Refusal(NOBODY, reason="no child")
    scene.say(_ask(own), engine.buttons(ANY_DAY), protect=True)


def _ask(about: Sequence[Child]) -> Text:
    return TN(
        "Is {children} all right? One tap is enough.",
        "Are {children} all right? One tap is enough.",
        len(about),
        children=by_name(about),
    )


def _sticker(about: Sequence[Child]) -> Text:
    return TN(
        "I cannot read a picture like that. Is {children} all right?",
        "I cannot read a picture like that. Are {children} all right?",
        len(about),
        children=by_name(about),
    )


async def tapped(scene: Scene, carried: Sequence[str]) -> None:
    match carried:
        case [("well" | "call" | "come") as said, day]:
            await respond(scene, await _named(scene, day), Answer.of(said), "tap")
        case ["which", id, child_id]:
            await _which(scene, id, child_id)
        case _:
            raise Refusal


async def _named(scene: Scene, day: str) -> list[Child]:
    """The children that the tapped question named, as far as they are still this person's."""
    own = await own_children(scene)
    if day != ANY_DAY:
        try:
            asked = await check_in_asks.asked_of(scene.tx, scene.actor.person_id, date.fromisoformat(day))
        except ValueError:
            raise Refusal(reason="no such day") from None
        named = {one.child.id for one in asked}
        own = [child for child in own if child.id in named]
    if not own:
        raise Refusal(NOBODY, reason="no child of theirs was asked about")
    return own


async def respond(scene: Scene, about: Sequence[Child], answer: Answer, way: str) -> None:
    """'All well' answers for all of them; the other two alarm for all at once, and then ask which one it is."""
    taken = await engine.answer(scene, about, answer, way)
    scene.note(Action.ANSWER_CHECK_IN, "check_in", answer.value)
    if answer is Answer.WELL:
        _reply(scene, *_glad(about, taken))
        return
    told = await _alarm(scene, answer, taken)
    graver = tuple(one for one in (Answer.COME,) if answer is Answer.CALL)
    rows = engine.buttons(ANY_DAY, graver)
    if taken.answered and len(about) > 1:
        told, rows = WHICH(told=told), _choices(taken, rows)
    _reply(scene, told, rows)


def _glad(about: Sequence[Child], taken: Taken) -> tuple[Text, Rows]:
    graver = [one.child for one in taken.standing if one.answer in NOT_ALL]
    rows = engine.buttons(ANY_DAY, (Answer.CALL, Answer.COME))
    return (STANDS(children=by_name(graver)) if graver else GLAD(children=by_name(about))), rows


async def _alarm(scene: Scene, answer: Answer, taken: Taken) -> Text:
    """Who hears of it; said again where they were told before, and nobody is told twice."""
    about = [one.child for one in (*taken.answered, *taken.standing)]
    if not taken.answered:
        near = await engine.reached(scene, about)
    elif answer is Answer.COME:
        near = await engine.come(scene, taken.answered)
    else:
        near = await engine.call_back(scene, taken.answered)
    if not near:
        return NOBODY_HERE
    if answer is Answer.COME:
        return COMING(teachers=_names(near))
    return (WILL_CALL_LATER if engine.after_night(scene) else WILL_CALL)(teachers=_names(near))


def _names(near: Sequence[Person]) -> Text:
    return T("{people}", people=phrase(words(person.name) for person in near))


def _choices(taken: Taken, rows: Rows) -> Rows:
    first = taken.answered[0].id
    one_each = tuple(
        (Button(words(one.child.short_name), f"b|check_in|which|{first}|{one.child.id}"),) for one in taken.answered
    )
    return (*one_each, (Button(T("All of them"), f"b|check_in|which|{first}|all"),), *rows)


async def _which(scene: Scene, id: str, child_id: str) -> None:
    group = await check_ins.same_answer(scene.tx, id)
    mine = {child.id for child in await own_children(scene)}
    if not group or group[0].answered_by != scene.actor.person_id or not mine >= {one.child.id for one in group}:
        raise Refusal(reason="not theirs to say")
    left = [] if child_id == "all" else await engine.narrow(scene, group, child_id)
    if not left:
        _reply(scene, T("Thank you. Everybody knows that it is about {children}.", children=_called(group)), ())
        return
    meant = [one for one in group if one.child.id == child_id]
    day = group[0].day.isoformat()
    told = T("Thank you. I have passed on that it is about {child}.", child=_called(meant))
    _reply(scene, T("{told}\n\n{ask}", told=told, ask=_ask(left)), engine.buttons(day))


def _called(group: Sequence[check_ins.CheckIn]) -> Text:
    return T("{people}", people=by_name([one.child for one in group]))


def _reply(scene: Scene, text: Text, rows: Rows) -> None:
    if scene.turn.tap:
        scene.edit_tapped(text, rows)
    else:
        scene.say(text, rows)


# --- what a family says without a button


async def heard(scene: Scene) -> bool:
    """A guardian's message that belongs to no conversation. False where the person is here in another role too, and
    the message belongs there."""
    own = await own_children(scene)
    only = scene.actor.roles == {Role.GUARDIAN}
    if not own:
        return False
    if scene.turn.kind not in (Kind.WORDS, Kind.MEDIA):
        if only:
            scene.say(_sticker(own), engine.buttons(ANY_DAY))
        return only
    answer = None if scene.turn.media else _typed(scene)
    waiting = await _waiting(scene, own)
    if answer and (only or waiting):
        await respond(scene, own if answer is not Answer.WELL else waiting or own, answer, "typed")
        return True
    if only or await _reply_to_ask(scene):
        await _pass_on(scene, own, waiting)
        return True
    return False


async def _waiting(scene: Scene, own: Sequence[Child]) -> list[Child]:
    """Those about whom a question is open."""
    latest = await check_ins.latest(scene.tx, [child.id for child in own])
    return [child for child in own if any(one.silent for one in latest.get(child.id, ()))]


def _typed(scene: Scene) -> Answer | None:
    """A button's own words, or one of the closed list of messages that mean well."""
    typed = scene.turn.words
    labels = {answer.value: scene.languages.labels(answer.label) for answer in BUTTONS}
    if exact := by_label(plain(typed), labels):
        return Answer.of(exact)
    return Answer.WELL if scene.languages.words.well(typed) else None


async def _reply_to_ask(scene: Scene) -> bool:
    turn = scene.turn
    return bool(turn.reply_to) and await check_in_asks.is_ask(
        scene.tx, scene.actor.person_id, turn.chat_id, turn.reply_to
    )


async def replied(scene: Scene) -> bool:
    """A reply to a question of ours, whatever else goes on in the chat."""
    if Role.GUARDIAN not in scene.actor.roles or not await _reply_to_ask(scene):
        return False
    return await heard(scene)


async def _pass_on(scene: Scene, own: Sequence[Child], waiting: Sequence[Child]) -> None:
    """It goes to the teacher at once, and stays unheard until somebody has heard it."""
    turn = scene.turn
    kinds = scene.languages.words.harm(turn.words)
    quiet = bool(kinds & KEPT_CLOSE)
    body = {"words": turn.words, "media": turn.media.model_dump(mode="json") if turn.media else None}
    id = await said.keep(scene.tx, scene.actor.person_id, [child.id for child in own], body, scene.now, quiet=quiet)
    if waiting:
        await engine.answer(scene, waiting, Answer.WORDS, "words", said_id=id)
    await look_for_harm(scene, [turn.words], own, ("said", id))
    near = await _tell(scene, own, id, quiet)
    scene.note("guardian.said", "person", scene.actor.person_id)
    scene.say(_passed_on(own, near, quiet))


def _passed_on(own: Sequence[Child], near: Sequence[Person], quiet: bool) -> Text:
    if not near:
        return UNREACHED
    return QUIET(children=by_name(own)) if quiet else PASSED_ON(teachers=phrase(words(one.name) for one in near))


async def _tell(scene: Scene, own: Sequence[Child], id: str, quiet: bool) -> list[Person]:
    guardian = await people.person(scene.tx, scene.actor.person_id)
    told: dict[str, Person] = {}
    for home in dict.fromkeys(child.home_id for child in own):
        theirs = [child for child in own if child.home_id == home]
        text = engine.with_phone(_as_heard(scene, theirs, quiet), guardian)
        for person in await engine.reached(scene, theirs):
            told[person.id] = person
            scene.tell(
                Message(
                    person.chat_id or 0,
                    text=text,
                    buttons=_doors(theirs, id, quiet),
                    media=None if quiet else scene.turn.media,
                    person_id=person.id,
                    needs=Action.HEAR_CONCERN,
                    priority=Priority.URGENT,
                    protect=True,
                )
            )
    return list(told.values())


def _as_heard(scene: Scene, theirs: Sequence[Child], quiet: bool) -> Text:
    """What the teacher reads: who it is, whose family, and what they say; for words that point to harm only that there
    are some."""
    whose = phrase(child.called for child in theirs)
    named: dict[str, Value] = {"guardian": words(scene.actor.name), "children": whose}
    if quiet:
        return T(
            "<b>{guardian}</b>, family of {children}, has written something that only the coordinator and the head of "
            "the home may read. They have been told.",
            **named,
        )
    return T("<b>{guardian}</b>, family of {children}, says:\n{said}", **named, said=words(scene.turn.words or "🎤"))


def _doors(theirs: Sequence[Child], id: str, quiet: bool) -> Rows:
    pages = tuple((Button(child.called, f"s|child|{child.id}"),) for child in theirs)
    return pages if quiet else ((Button(T("👂 I have heard it"), f"b|today|heard|{id}"),), *pages)


COMMAND = Command("check_in", Action.ANSWER_CHECK_IN, run, T("How my child is"), tapped=tapped)
