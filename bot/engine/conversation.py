"""What a running Flow does with an answer. Pure: a State goes in with what the person did, an Outcome comes out and
the State has moved.

Buttons carry conversation, question and choice, so an old one is recognised and never taken for an answer to another
question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.engine.flow import Ask, Choice, Flow, Shape
from care.records.fields import BadAnswer, Media, Reading, blank
from care.text import T, Text, pack, unpack
from storage.compact import dump, load

REVIEW = "."
CHANGED = T("Changed.")
KEPT = T("Kept with this record.")
TICKED = "t"
"""The view that shows what is ticked, after a name was typed that stands on another page."""
MOST_MEDIA = 30
MOST_BYTES = 20 << 20
"""Of one file; more than this a bot cannot fetch."""
TOO_BIG = T(
    "That file is larger than 20 MB, and I cannot keep it. A photo or a video sent as such, not as a file, is smaller; "
    "a long recording can be sent in parts."
)
_FACE = re.compile(r"p[0-9]{1,3}|m20[0-9]{2}-(0[1-9]|1[0-2])")
"""A page of choices, or a month of the calendar."""
SPLIT_LENGTH = 4000
"""A phone cuts what is longer than 4,096 characters into several messages; the rest follows within SPLIT_SECONDS."""
SPLIT_SECONDS = 10


class Then(StrEnum):
    ASK = "ask"
    SAVE = "save"
    CANCEL = "cancel"
    HELP = "help"
    STALE = "stale"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows; `says` stands above the next question."""

    then: Then = Then.ASK
    says: Text | None = None


@dataclass(slots=True)
class State:
    """Everything a Conversation remembers; sealed in its row.

    answers: canonical JSON by field. labels: how picks of the moment read; names: how questions name them. pieces:
    typed words by field and message number, so that late, split and edited messages find their place. trail: the
    questions asked, for 'back'. at: the question now asked, REVIEW for the review card. view: which face of the card
    is up (a month, a page, 'more', 'change', words searched for). refused: why the last words could not be taken.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)
    pieces: dict[str, dict[str, str]] = field(default_factory=dict)
    trail: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    at: str = ""
    view: str = ""
    album: str = ""
    last_tap: str = ""
    last_words: list[Any] = field(default_factory=list)
    refused: Any = ""

    def dump(self) -> dict[str, Any]:
        return {name: value for name in self.__dataclass_fields__ if (value := getattr(self, name))}

    @classmethod
    def load(cls, body: Mapping[str, Any]) -> State:
        """A State of its own: a Turn that comes to nothing leaves the Conversation as it was."""
        known = cls.__dataclass_fields__
        own = load(dump(dict(body)))  # a deep copy, at a tenth of the cost
        return cls(**{name: value for name, value in own.items() if name in known})


@dataclass(frozen=True, slots=True)
class Answering:
    """What an answer is held against: what was offered, the labels of the offered in every language, and how words
    are read."""

    offered: Sequence[Choice]
    spoken: Mapping[str, Sequence[str]]
    reading: Reading
    skips: Sequence[str] = ()
    """The label of the button that passes the question over, in every language."""


def begin(flow: Flow, today: date) -> State:
    """A State with the answers that a question has by default."""
    return State(answers={ask.field: ask.default(today) for ask in flow.asks if ask.default})


def upcoming(flow: Flow, state: State) -> Ask | None:
    """The first unanswered, required question whose `when` holds."""
    for ask in flow.asks:
        if ask.optional or ask.field in state.answers or ask.field in state.passed:
            continue
        if ask.when(state.answers):
            return ask
    return None


def complete(flow: Flow, state: State) -> bool:
    """Whether the record could be stored as it is."""
    ask = upcoming(flow, state)
    return ask is None or all(
        a.skip for a in flow.asks if not a.optional and a.field not in state.answers and a.when(state.answers)
    )


def move_on(flow: Flow, state: State) -> Ask | None:
    """Turn to the next question; None (and REVIEW) when there is none."""
    ask = upcoming(flow, state)
    state.view, state.marks = "", []
    _turn_to(state, ask.field if ask else REVIEW)
    return ask


def _turn_to(state: State, place: str) -> None:
    if state.at and state.at != REVIEW and state.at != place:
        state.trail = [*[name for name in state.trail if name != state.at], state.at]
    state.at = place


def result(flow: Flow, state: State) -> BaseModel:
    """The record; answers to questions that no longer apply are left out."""
    kept = {
        name: value
        for name, value in state.answers.items()
        if name in flow.record.model_fields and ((ask := flow.ask(name)) is None or ask.when(state.answers))
    }
    return flow.record.model_validate({**flow.fixed, **kept})


# --- taps


def tapped(flow: Flow, state: State, place: str, token: str, answering: Answering) -> Outcome:
    """`place` is the question (or REVIEW) whose button it was; `token` what it carried."""
    tap = f"{place}|{token}"
    if tap == state.last_tap:
        return Outcome(Then.SILENCE)
    outcome = _tapped(flow, state, place, token, answering)
    state.last_tap = tap
    return outcome


def _tapped(flow: Flow, state: State, place: str, token: str, answering: Answering) -> Outcome:
    if token == "open" and state.at == REVIEW:
        return _open(flow, state, place)
    if place != state.at:
        return _old_tap(state, place, token)
    if place == REVIEW:
        return _review_tap(state, token)
    ask = flow.ask(place)
    if ask is None:
        return Outcome(Then.STALE)
    return _answer_tap(flow, state, ask, token, answering)


def _old_tap(state: State, place: str, token: str) -> Outcome:
    """The same choice again is silence: a second finger on a slow line. Anything else is an old button."""
    return Outcome(Then.SILENCE if token[:1] == "=" and state.answers.get(place) == token[1:] else Then.STALE)


def _open(flow: Flow, state: State, place: str) -> Outcome:
    ask = flow.ask(place)
    if ask is None:
        return Outcome(Then.STALE)
    state.view, state.at = "", ask.field
    state.marks = list(state.answers.get(ask.field, ())) if flow.shape(ask) is Shape.MANY else []
    return Outcome()


def _review_tap(state: State, token: str) -> Outcome:
    match token:
        case "save":
            return Outcome(Then.SAVE)
        case "cancel":
            return Outcome(Then.CANCEL)
        case "more" | "change" | "":
            state.view = token
            return Outcome()
    return Outcome(Then.STALE)


def _answer_tap(flow: Flow, state: State, ask: Ask, token: str, answering: Answering) -> Outcome:
    match token[:1], token[1:]:
        case "=", value:
            return _pick(flow, state, ask, value, answering)
        case "+" | "-" as sign, value:
            return _mark(state, sign, value, answering)
        case "p" | "m", _ if _FACE.fullmatch(token):
            state.view = token
            return Outcome()
    return _move_tap(flow, state, ask, token, answering)


def _move_tap(flow: Flow, state: State, ask: Ask, token: str, answering: Answering) -> Outcome:
    match token:
        case "all":
            state.marks = [choice.value for choice in answering.offered]
            return Outcome()
        case "none":
            state.marks = []
            return Outcome()
        case "ok":
            return _done_marking(flow, state, ask, answering)
        case "skip":
            return pass_over(flow, state, ask)
        case "back":
            return back(flow, state)
        case "cancel":
            return Outcome(Then.CANCEL)
        case "clear":
            return _clear(flow, state, ask)
        case "close":
            state.view = ""
            return Outcome()
        case "pass":
            return Outcome(Then.SILENCE)
    return Outcome(Then.STALE)


def _pick(flow: Flow, state: State, ask: Ask, value: str, answering: Answering) -> Outcome:
    shape = flow.shape(ask)
    if shape in (Shape.ONE, Shape.YES_NO) and value not in {choice.value for choice in answering.offered}:
        return Outcome(Then.STALE)
    given: Any = {"yes": True, "no": False}.get(value, value) if shape is Shape.YES_NO else value
    return answer(flow, state, ask, given, answering)


def _mark(state: State, sign: str, value: str, answering: Answering) -> Outcome:
    if value not in {choice.value for choice in answering.offered}:
        return Outcome(Then.STALE)
    others = [mark for mark in state.marks if mark != value]
    state.marks = [*others, value] if sign == "+" else others
    return Outcome()


def _done_marking(flow: Flow, state: State, ask: Ask, answering: Answering) -> Outcome:
    if flow.shape(ask) is Shape.MEDIA:
        if not state.answers.get(ask.field):
            return pass_over(flow, state, ask)
        move_on(flow, state)
        return Outcome()
    if not state.marks:
        return Outcome(says=T("Please tap at least one."))
    order = [choice.value for choice in answering.offered]
    return answer(
        flow, state, ask, sorted(state.marks, key=lambda mark: order.index(mark) if mark in order else 0), answering
    )


def _clear(flow: Flow, state: State, ask: Ask) -> Outcome:
    """Empty an optional answer again."""
    if not (ask.optional or ask.skip):
        return Outcome(Then.STALE)
    _forget(state, ask.field)
    if ask.field not in state.passed and not ask.optional:
        state.passed.append(ask.field)
    move_on(flow, state)
    return Outcome()


def _forget(state: State, name: str) -> None:
    for kept in (state.answers, state.labels, state.names, state.pieces):
        kept.pop(name, None)


def pass_over(flow: Flow, state: State, ask: Ask) -> Outcome:
    """Skip: allowed where the question says so, and for what is optional."""
    if not (ask.skip or ask.optional):
        return Outcome(says=T("I need an answer to this one. If you would rather stop, send /cancel."))
    if ask.skip and ask.field not in state.answers and ask.field not in state.passed:
        state.passed.append(ask.field)
    move_on(flow, state)
    return Outcome()


def back(flow: Flow, state: State) -> Outcome:
    """To the question before; from a question opened on the review card, to the card."""
    if upcoming(flow, state) is None and state.at != REVIEW:
        state.view, state.at = "", REVIEW
        return Outcome()
    while state.trail:
        place = state.trail.pop()
        ask = flow.ask(place)
        if ask and place != state.at and ask.when(state.answers):
            _reopen(flow, state, ask)
            return Outcome()
    return Outcome(says=T("This is the first question."))


def _reopen(flow: Flow, state: State, ask: Ask) -> None:
    state.passed = [name for name in state.passed if name != ask.field]
    state.marks = list(state.answers.get(ask.field, ())) if flow.shape(ask) is Shape.MANY else []
    state.view, state.at = "", ask.field


def answer(flow: Flow, state: State, ask: Ask, value: Any, answering: Answering) -> Outcome:
    """Take a value, or say why it cannot be taken."""
    try:
        state.answers[ask.field] = flow.read(ask, value, answering.reading)
    except ValidationError as error:
        return Outcome(says=why(error))
    if ask.offer:
        _keep_labels(state, ask, answering)
    state.passed = [name for name in state.passed if name != ask.field]
    move_on(flow, state)
    return Outcome()


def _keep_labels(state: State, ask: Ask, answering: Answering) -> None:
    offered = {choice.value: choice for choice in answering.offered}
    value = state.answers[ask.field]
    picked = [offered[one] for one in (value if isinstance(value, list) else [value]) if one in offered]
    state.labels[ask.field] = [pack(choice.label) for choice in picked]
    state.names[ask.field] = [pack(choice.name or choice.label) for choice in picked]


def why(error: ValidationError) -> Text:
    """What to tell the person, from what pydantic says."""
    cause = error.errors()[0].get("ctx", {}).get("error")
    return cause.says if isinstance(cause, BadAnswer) else T("I could not take that as an answer. Please try again.")


# --- words


@dataclass(frozen=True, slots=True)
class Said:
    """Typed words: `message_id` orders them, `at` is in seconds."""

    words: str
    message_id: int
    at: float


def said(flow: Flow, state: State, said: Said, answering: Answering) -> Outcome:
    control = answering.reading.words.control(said.words)
    if said.words.strip().casefold() in (label.casefold() for label in answering.skips):
        control = "skip"
    if not control and (rest_of := _rest_of(state, said)):
        return _take_rest(flow, state, rest_of, said, answering)
    state.last_tap = ""
    ask = flow.ask(state.at)
    if control and (outcome := _controlled(flow, state, ask, control, answering)):
        return outcome
    if ask is None:
        return _said_on_review(flow, state, said, answering)
    match flow.shape(ask):
        case Shape.WORDS:
            return _take_words(flow, state, ask, said, answering)
        case Shape.ONE:
            return _said_choice(flow, state, ask, said, answering)
        case Shape.MANY:
            return _said_choices(flow, state, ask, said, answering)
        case Shape.YES_NO:
            return _said_yes_or_no(flow, state, ask, said, answering)
        case Shape.MEDIA:
            return _elsewhere(flow, state, said, answering)
    return answer(flow, state, ask, said.words, answering)


def _rest_of(state: State, said: Said) -> str:
    """The field that these words continue, where the phone has split a long message."""
    if not state.last_words:
        return ""
    name, length, at = state.last_words
    return name if length >= SPLIT_LENGTH and 0 <= said.at - at <= SPLIT_SECONDS else ""


def _take_rest(flow: Flow, state: State, name: str, said: Said, answering: Answering) -> Outcome:
    """A message is taken whole or, from where it grew too long, not at all: never with a hole in it."""
    if state.refused:
        return _refuse(state, name, said, unpack(state.refused))
    return _append(flow, state, name, said, answering, T("I added the rest of your message."))


def _refuse(state: State, name: str, said: Said, says: Text) -> Outcome:
    state.last_words, state.refused = [name, len(said.words), said.at], pack(says)
    return Outcome(says=says)


def _controlled(flow: Flow, state: State, ask: Ask | None, control: str, answering: Answering) -> Outcome | None:
    match control:
        case "cancel":
            return Outcome(Then.CANCEL)
        case "help":
            return Outcome(Then.HELP)
        case "back":
            return back(flow, state)
        case "skip" if ask:
            return pass_over(flow, state, ask)
        case "save" | "done" if ask is None:
            return Outcome(Then.SAVE)
        case "save" | "done" if ask and flow.shape(ask) in (Shape.MANY, Shape.MEDIA):
            return _done_marking(flow, state, ask, answering)
    return None


def _said_on_review(flow: Flow, state: State, said: Said, answering: Answering) -> Outcome:
    if answering.reading.words.yes_or_no(said.words):
        return Outcome(Then.SAVE)
    return _elsewhere(flow, state, said, answering)


def _take_words(flow: Flow, state: State, ask: Ask, said: Said, answering: Answering) -> Outcome:
    kept = state.pieces.pop(ask.field, None)
    state.pieces[ask.field] = {str(said.message_id): said.words}
    outcome = answer(flow, state, ask, said.words, answering)
    if outcome.says:
        del state.pieces[ask.field]
        state.pieces |= {ask.field: kept} if kept is not None else {}
        return _refuse(state, ask.field, said, outcome.says)
    state.last_words, state.refused = [ask.field, len(said.words), said.at], ""
    return outcome


def _append(flow: Flow, state: State, name: str, said: Said, answering: Answering, says: Text) -> Outcome:
    """Add words to a field that has some; late messages take their place by their number."""
    ask = flow.ask(name)
    if ask is None:
        return Outcome()
    before = dict(state.pieces.get(name, {}))
    state.pieces[name] = before | {str(said.message_id): said.words}
    try:
        state.answers[name] = flow.read(ask, joined(state.pieces[name]), answering.reading)
    except ValidationError as error:
        state.pieces[name] = before
        return _refuse(state, name, said, why(error))
    state.last_words, state.refused = [name, len(said.words), said.at], ""
    return Outcome(says=says)


def joined(pieces: Mapping[str, str]) -> str:
    """The words in the order they were sent; a message that the phone has split is put together without a seam."""
    whole = ""
    for _, piece in sorted(pieces.items(), key=lambda item: int(item[0])):
        whole += piece if len(piece) >= SPLIT_LENGTH else piece + "\n"
    return whole.rstrip("\n")


def _elsewhere(flow: Flow, state: State, said: Said, answering: Answering) -> Outcome:
    """Words that answer nothing that was asked: kept in the note, and the question stands."""
    if flow.catch is None or blank(said.words):
        return Outcome(says=T("I did not understand that. Please tap one of the buttons."))
    kept = T("I have kept your words under “{label}”.", label=flow.catch.label)
    return _append(flow, state, flow.catch.field, said, answering, kept)


def _said_choice(flow: Flow, state: State, ask: Ask, said: Said, answering: Answering) -> Outcome:
    value = answering.reading.words.choice(flow.kind(ask), said.words, answering.spoken)
    if value is not None:
        return answer(flow, state, ask, value, answering)
    if found(said.words, answering.spoken):
        state.view = f"f{said.words.strip()[:20]}"
        return Outcome(says=T("Which of these?"))
    if (other := flow.ask(ask.otherwise)) is not None:
        pass_over(flow, state, ask)
        return _take_words(flow, state, other, said, answering)
    return _elsewhere(flow, state, said, answering)


def found(typed: str, spoken: Mapping[str, Sequence[str]]) -> list[str]:
    """The offered values whose label, in any language, holds the typed words."""
    wanted = typed.strip().casefold()
    return (
        [value for value, labels in spoken.items() if any(wanted in label.casefold() for label in labels)]
        if wanted
        else []
    )


def _said_choices(flow: Flow, state: State, ask: Ask, said: Said, answering: Answering) -> Outcome:
    if ask.everyone and answering.reading.words.choice("everyone", said.words, {"all": ()}) == "all":
        state.marks = [choice.value for choice in answering.offered]
        return _done_marking(flow, state, ask, answering)
    parts = _split_list(said.words)
    picked = [answering.reading.words.choice(flow.kind(ask), part, answering.spoken) for part in parts]
    if not parts or None in picked:
        if len(parts) == 1 and found(parts[0], answering.spoken):
            state.view = f"f{parts[0][:20]}"
            return Outcome(says=T("Which of these?"))
        return _elsewhere(flow, state, said, answering)
    state.marks = list(dict.fromkeys([*state.marks, *(value for value in picked if value)]))
    state.view = TICKED
    return Outcome(says=T("Ticked. Tap “Done” when that is all."))


def _split_list(typed: str) -> list[str]:
    for separator in "\u3001\uff0c,;\uff1b/\n":
        typed = typed.replace(separator, "\0")
    return [part.strip() for part in typed.split("\0") if part.strip()]


def _said_yes_or_no(flow: Flow, state: State, ask: Ask, said: Said, answering: Answering) -> Outcome:
    agreed = answering.reading.words.yes_or_no(said.words)
    if agreed is None:
        return _elsewhere(flow, state, said, answering)
    return answer(flow, state, ask, agreed, answering)


def reworded(flow: Flow, state: State, said: Said, answering: Answering) -> bool:
    """The person edited a message whose words we hold: the new words take the place of the old. False if it is none
    of ours."""
    for name, pieces in state.pieces.items():
        if str(said.message_id) in pieces:
            return _append(flow, state, name, said, answering, CHANGED).says is CHANGED
    return False


# --- photos, voice, files


def too_big(media: Media) -> bool:
    return media.size > MOST_BYTES


def attached(flow: Flow, state: State, media: Media, album: str) -> Outcome:
    """A photo, voice note or file belongs to the record, whatever question stands."""
    if flow.media is None:
        return Outcome(says=T("I cannot keep a photo or a voice note here. Please tap or type your answer."))
    if too_big(media):
        return Outcome(says=TOO_BIG)
    kept: list[Any] = [] if flow.media.single else state.answers.get(flow.media.field, [])
    if any(other["unique_id"] == media.unique_id for other in kept if media.unique_id):
        return Outcome(Then.SILENCE)
    if len(kept) >= MOST_MEDIA:
        return Outcome(
            says=T("There are {most} photos and recordings here already; no more will fit.", most=MOST_MEDIA)
        )
    state.answers[flow.media.field] = [*kept, media.model_dump(mode="json")]
    state.last_tap, state.album = "", album
    return Outcome(says=KEPT)


def soon(today: date) -> list[date]:
    """Days offered for something still to be done: tomorrow, in three days, in a week, in two."""
    return [today + timedelta(days=days) for days in (1, 3, 7, 14)]


def lately(today: date) -> list[date]:
    return [today - timedelta(days=days) for days in (0, 1, 2)]
