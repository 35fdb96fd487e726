"""The card of a Conversation: a question with its buttons, or the review card. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.engine.conversation import REVIEW, TICKED, State, complete, found, lately, soon, upcoming
from bot.engine.flow import Ask, Choice, Flow, Shape
from bot.engine.message import Button, Rows
from care.children import Child
from care.days import month_weeks
from care.text import TN, T, Text, Value, lines, phrase, unpack, words

PAGE = 8
FEW = 3
MOST_AT_ONCE = 14
"""Up to so many choices stand together; more are leafed through, PAGE at a time, or searched by typing."""
YES_NO = (Choice("yes", T("Yes")), Choice("no", T("No")))

WEEKDAYS = (T("Mo"), T("Tu"), T("We"), T("Th"), T("Fr"), T("Sa"), T("Su"))

BACK = T("◀ Back")
SKIP = T("Skip")
CANCEL = T("✖ Cancel")
DONE = T("✅ Done")
SAVE = T("✅ Save")


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is needed to draw: the Conversation's id, the choices of the question now asked, and their labels in every
    language."""

    conversation_id: str
    offered: Sequence[Choice]
    spoken: Mapping[str, Sequence[str]]
    today: date
    remark: Text | None = None

    def button(self, place: str, token: str, label: Text) -> Button:
        return Button(label, f"c|{self.conversation_id}|{place}|{token}")


def draw(flow: Flow, state: State, drawing: Drawing, says: Text | None = None) -> tuple[Text, Rows]:
    """The card's text and buttons; `says` stands above."""
    ask = flow.ask(state.at)
    text, rows = _review(flow, state, drawing) if ask is None else _question(flow, state, ask, drawing)
    return (T("{says}\n\n{card}", says=says, card=text) if says else text), rows


# --- a question


def _question(flow: Flow, state: State, ask: Ask, drawing: Drawing) -> tuple[Text, Rows]:
    heading = _crumbs(flow, state, ask)
    question = ask.question(**_named(flow, state))
    text = T("<b>{title}</b>{crumbs}\n\n{question}", title=flow.title, crumbs=heading, question=question)
    return text, (*_choices(flow, state, ask, drawing), *_moves(flow, state, ask, drawing))


def _crumbs(flow: Flow, state: State, ask: Ask) -> Value:
    """What has been picked so far, in one line: never words that somebody wrote."""
    told = [
        answer
        for other in flow.asks
        if other.field != ask.field and other.field in state.answers and other.when(state.answers)
        if (answer := _crumb(flow, state, other)) is not None
    ]
    return T("\n{told}", told=_dotted(told)) if told else ""


def _crumb(flow: Flow, state: State, ask: Ask) -> Value | None:
    match flow.shape(ask):
        case Shape.WORDS | Shape.MEDIA:
            return None
        case Shape.COUNT:
            return None if ask.optional else T("{label}: {answer}", label=ask.label, answer=state.answers[ask.field])
        case Shape.MANY if len(state.answers[ask.field]) > FEW:
            return T("{label}: {answer}", label=ask.label, answer=_first_of(flow, state, ask))
    return answer_text(flow, state, ask)


def _first_of(flow: Flow, state: State, ask: Ask) -> Text:
    labels = _labels(flow, state, ask, state.answers[ask.field])
    more = len(labels) - 1
    return TN("{first} and {count} more", "{first} and {count} more", more, first=labels[0])


def _dotted(parts: Sequence[Value]) -> Value:
    whole: Value = parts[0]
    for part in parts[1:]:
        whole = T("{one} · {other}", one=whole, other=part)
    return whole


def _named(flow: Flow, state: State) -> dict[str, Value]:
    named: dict[str, Value] = {}
    for ask in flow.asks:
        if ask.field in state.names:
            named[ask.field] = phrase(unpack(name) for name in state.names[ask.field])
        elif ask.field in state.answers:
            named[ask.field] = answer_text(flow, state, ask) or ""
    return named


def answer_text(flow: Flow, state: State, ask: Ask) -> Value | None:
    """An answer as it reads on the card; a length in place of sensitive words."""
    value = state.answers.get(ask.field)
    if value is None or value == []:
        return None
    match flow.shape(ask):
        case Shape.ONE | Shape.MANY:
            return _picked(flow, state, ask, value)
        case Shape.DAY:
            return date.fromisoformat(value)
        case Shape.MOMENT:
            return datetime.fromisoformat(value)
        case Shape.YES_NO:
            return YES_NO[0 if value else 1].label
        case Shape.MEDIA:
            return _counted(value)
        case Shape.WORDS:
            return _words(ask, value)
    return int(value)


def named(about: Sequence[Child]) -> Value:
    """Up to three by their names; how many, where they are more."""
    if len(about) > FEW:
        return T("{count} children", count=len(about))
    return phrase(child.called for child in about)


def _picked(flow: Flow, state: State, ask: Ask, value: Any) -> Value:
    labels = _labels(flow, state, ask, value)
    if len(labels) > PAGE:
        return T("{count}: {first} …", first=phrase(labels[:FEW]), count=len(labels))
    return labels[0] if len(labels) == 1 else phrase(labels)


def _labels(flow: Flow, state: State, ask: Ask, value: Any) -> list[Value]:
    if ask.field in state.labels:
        return [unpack(label) for label in state.labels[ask.field]]
    known = {choice.value: choice.label for choice in flow.options(ask)}
    return [known.get(one, words(str(one))) for one in (value if isinstance(value, list) else [value])]


def _counted(media: Sequence[Mapping[str, Any]]) -> Text:
    return T("{count} attached", count=len(media))


def _words(ask: Ask, value: Any) -> Value:
    if isinstance(value, list):
        return T("\n{told}", told=lines(T("• {part}", part=words(part)) for part in value))
    return TN("{count} character", "{count} characters", len(value)) if ask.sensitive else words(value)


def _choices(flow: Flow, state: State, ask: Ask, drawing: Drawing) -> Iterable[tuple[Button, ...]]:
    match flow.shape(ask):
        case Shape.ONE | Shape.YES_NO | Shape.MOMENT:
            return _one(state, ask, drawing)
        case Shape.MANY:
            return _many(state, ask, drawing)
        case Shape.DAY:
            return _days(state, ask, drawing, _begin(flow, state, ask, drawing), future=flow.future(ask))
        case Shape.COUNT:
            return _grid(
                [drawing.button(ask.field, f"={n}", T("{number}", number=n)) for n in ask.counts],
                4,
            )
    return ()


def _page(state: State, drawing: Drawing) -> tuple[Sequence[Choice], int, int]:
    """The choices on this page, its number, and how many pages there are; narrowed to what was searched for."""
    shown: Sequence[Choice] = drawing.offered
    if state.view[:1] == "f":
        wanted = set(found(state.view[1:], drawing.spoken))
        shown = [choice for choice in drawing.offered if choice.value in wanted]
    elif state.view == TICKED:
        shown = [choice for choice in drawing.offered if choice.value in state.marks]
    pages = -(-len(shown) // PAGE) if len(shown) > MOST_AT_ONCE else 1
    number = min(int(state.view[1:]), pages - 1) if state.view[:1] == "p" else 0
    return (shown if pages == 1 else shown[number * PAGE : (number + 1) * PAGE]), number, pages


def _turns(ask: Ask, number: int, pages: int, drawing: Drawing) -> Iterable[tuple[Button, ...]]:
    if pages > 1:
        before = drawing.button(ask.field, f"p{(number - 1) % pages}", T("◀"))
        after = drawing.button(
            ask.field, f"p{(number + 1) % pages}", T("{page}/{pages} ▶", page=number + 1, pages=pages)
        )
        yield (before, after)


def _one(state: State, ask: Ask, drawing: Drawing) -> Iterable[tuple[Button, ...]]:
    shown, number, pages = _page(state, drawing)
    buttons = [drawing.button(ask.field, f"={choice.value}", choice.label) for choice in shown]
    yield from _grid(buttons, 2)
    yield from _turns(ask, number, pages, drawing)


def _many(state: State, ask: Ask, drawing: Drawing) -> Iterable[tuple[Button, ...]]:
    shown, number, pages = _page(state, drawing)
    yield from _grid([_tick(state, ask, choice, drawing) for choice in shown], 2)
    yield from _turns(ask, number, pages, drawing)
    if ask.everyone and len(state.marks) < len(drawing.offered):
        yield (drawing.button(ask.field, "all", ask.everyone(count=len(drawing.offered))),)
    elif ask.everyone:
        yield (drawing.button(ask.field, "none", T("Untick all")),)
    if state.marks:
        yield (drawing.button(ask.field, "ok", T("✅ Done ({count})", count=len(state.marks))),)


def _tick(state: State, ask: Ask, choice: Choice, drawing: Drawing) -> Button:
    if choice.value in state.marks:
        return drawing.button(ask.field, f"-{choice.value}", T("☑ {label}", label=choice.label))
    return drawing.button(ask.field, f"+{choice.value}", T("☐ {label}", label=choice.label))


def _grid(buttons: Sequence[Button], across: int) -> Iterable[tuple[Button, ...]]:
    for start in range(0, len(buttons), across):
        yield tuple(buttons[start : start + across])


# --- days


def _begin(flow: Flow, state: State, ask: Ask, drawing: Drawing) -> date:
    """A day after another that is given already is looked for from that one on."""
    fields = [other.field for other in flow.asks]
    before = (other for other in flow.asks[: fields.index(ask.field)] if flow.shape(other) is Shape.DAY)
    given = [date.fromisoformat(day) for other in before if (day := state.answers.get(other.field))]
    return max(drawing.today, *given) if given else drawing.today


def _days(state: State, ask: Ask, drawing: Drawing, begin: date, *, future: bool) -> Iterable[tuple[Button, ...]]:
    if state.view[:1] == "m":
        return _calendar(state, ask, drawing, future=future)
    days = soon(begin) if future else lately(drawing.today)
    near = [drawing.button(ask.field, f"={day.isoformat()}", _day_name(day, drawing.today)) for day in days]
    month = begin if future else drawing.today
    other = drawing.button(ask.field, f"m{month:%Y-%m}", T("📅 another day"))
    return _grid([*near, other], 2)


def _day_name(day: date, today: date) -> Text:
    named = {0: T("today"), -1: T("yesterday"), -2: T("two days ago"), 1: T("tomorrow")}
    return named.get((day - today).days, T("{day}", day=day))


def _calendar(state: State, ask: Ask, drawing: Drawing, *, future: bool) -> Iterable[tuple[Button, ...]]:
    year, month = int(state.view[1:5]), int(state.view[6:8])
    first = date(year, month, 1)
    yield (_title(first, ask, drawing),)
    yield tuple(drawing.button(ask.field, "pass", name) for name in WEEKDAYS)
    for week in month_weeks(year, month):
        if any(_open(day, drawing, future=future) for day in week):
            yield tuple(_cell(day, ask, drawing, future=future) for day in week)
    yield tuple(_month_turns(first, ask, drawing, future=future))


def _title(first: date, ask: Ask, drawing: Drawing) -> Button:
    return drawing.button(ask.field, "close", T("▲ {month}/{year}", month=first.month, year=str(first.year)))


def _open(day: date | None, drawing: Drawing, *, future: bool) -> bool:
    return day is not None and (day >= drawing.today if future else day <= drawing.today)


def _cell(day: date | None, ask: Ask, drawing: Drawing, *, future: bool) -> Button:
    if day is None or not _open(day, drawing, future=future):
        return drawing.button(ask.field, "pass", T("\u2800") if day is None else T("·"))
    return drawing.button(ask.field, f"={day.isoformat()}", T("{number}", number=day.day))


def _month_turns(first: date, ask: Ask, drawing: Drawing, *, future: bool) -> Iterable[Button]:
    before, after = _shift(first, -1), _shift(first, 1)
    if not future or before >= drawing.today.replace(day=1):
        yield drawing.button(
            ask.field, f"m{before:%Y-%m}", T("◀ {month}/{year}", month=before.month, year=str(before.year))
        )
    if future or after <= drawing.today:
        yield drawing.button(
            ask.field, f"m{after:%Y-%m}", T("{month}/{year} ▶", month=after.month, year=str(after.year))
        )


def _shift(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


# --- moving about


def _moves(flow: Flow, state: State, ask: Ask, drawing: Drawing) -> Iterable[tuple[Button, ...]]:
    if flow.shape(ask) is Shape.MEDIA and state.answers.get(ask.field):
        yield (drawing.button(ask.field, "ok", DONE),)
    elif ask.skip:
        yield (drawing.button(ask.field, "skip", ask.skip),)
    elif ask.optional and not ask.default and state.answers.get(ask.field):
        yield (drawing.button(ask.field, "clear", T("🗑 Leave it empty")),)
    if state.view[:1] in ("f", TICKED):
        yield (drawing.button(ask.field, "close", T("Show all")),)
    back = [drawing.button(ask.field, "back", BACK)] if state.trail or ask.optional or _opened(flow, state) else []
    yield (*back, drawing.button(ask.field, "cancel", CANCEL))


def _opened(flow: Flow, state: State) -> bool:
    """Whether the question was opened from the review card."""
    return upcoming(flow, state) is None and state.at != REVIEW


# --- the review card


def _review(flow: Flow, state: State, drawing: Drawing) -> tuple[Text, Rows]:
    told = [
        T("{label}: {answer}", label=ask.label, answer=answer)
        for ask in flow.asks
        if ask.when(state.answers) and (answer := answer_text(flow, state, ask)) is not None
    ]
    text = T("<b>{title} – all right like this?</b>\n\n{told}", title=flow.title, told=lines(told))
    if drawing.remark:
        text = T("{card}\n\n{remark}", card=text, remark=drawing.remark)
    return text, tuple(_review_rows(flow, state, drawing))


def _review_rows(flow: Flow, state: State, drawing: Drawing) -> Iterable[tuple[Button, ...]]:
    if state.view == "change":
        yield from _grid([_change(ask, drawing) for ask in _answered(flow, state)], 2)
        yield (drawing.button(REVIEW, "", BACK),)
        return
    if complete(flow, state):
        yield (drawing.button(REVIEW, "save", flow.confirm or SAVE),)
    empty = [ask for ask in flow.asks if _addable(ask, state)]
    few = empty if state.view == "more" or len(empty) <= 4 else empty[:3]
    adds = [_add(ask, drawing) for ask in few]
    if len(few) < len(empty):
        adds.append(drawing.button(REVIEW, "more", T("More …")))
    yield from _grid(adds, 2)
    yield (drawing.button(REVIEW, "change", T("✏️ Change")), drawing.button(REVIEW, "cancel", CANCEL))


def _answered(flow: Flow, state: State) -> list[Ask]:
    return [ask for ask in flow.asks if ask.field in state.answers and ask.when(state.answers)]


def _addable(ask: Ask, state: State) -> bool:
    offered_here = ask.optional or ask.field in state.passed
    return offered_here and not state.answers.get(ask.field) and ask.when(state.answers)


def _add(ask: Ask, drawing: Drawing) -> Button:
    return drawing.button(ask.field, "open", T("＋ {label}", label=ask.label))


def _change(ask: Ask, drawing: Drawing) -> Button:
    return drawing.button(ask.field, "open", T("✏️ {label}", label=ask.label))
