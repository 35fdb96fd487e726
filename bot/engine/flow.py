"""A Flow: a declared conversation. A record model plus a tuple of Asks; no graph, no state names.

The record's field types read and check each answer, so an Ask holds only wording, what to offer and when to ask. The
next question is the first unanswered, required one whose `when` holds. Back, skip, cancel, help, resume and 'change
this answer' are the engine's.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter

from care.access import Action
from care.people import Labelled
from care.records.fields import FutureDay, Media, Reading
from care.text import Text

if TYPE_CHECKING:
    from bot.engine.scene import Scene

CHOICE_BYTES = 24
NAME_BYTES = 18


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to pick. `value` goes into the button (up to 24 bytes of ASCII), `label` is what a person reads; in a
    question that names it, `name` stands in its place."""

    value: str
    label: Text
    name: Text | None = None


Offer = Callable[["Scene", Mapping[str, Any]], Awaitable[Sequence[Choice]]]
Condition = Callable[[Mapping[str, Any]], bool]


class Shape(StrEnum):
    """What kind of answer a field takes; read from its type."""

    ONE = "one"
    MANY = "many"
    DAY = "day"
    COUNT = "count"
    YES_NO = "yes_no"
    MOMENT = "moment"
    WORDS = "words"
    MEDIA = "media"


def always(_: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `label` is its short name on the review card and its buttons.

    optional: never asked, but offered on the review card. skip: the label of a button that passes over a question
    that is asked. sensitive: what is typed is deleted from the chat and shown as a length only. catch: words that fit
    no question are kept here. everyone: for a question of many, the label of 'all of them'. nobody: what is said when
    there is nothing to offer. default: the answer it has before it is asked, from the day on which the conversation
    starts.
    """

    field: str
    label: Text
    question: Text
    offer: Offer | None = None
    optional: bool = False
    skip: Text | None = None
    when: Condition = always
    sensitive: bool = False
    catch: bool = False
    everyone: Text | None = None
    nobody: Text | None = None
    default: Callable[[date], Any] | None = None
    otherwise: str = ""
    """The field that typed words answer where they match none of the choices: a name that is on no list."""
    counts: Sequence[int] = (5, 10, 15, 20, 30, 40, 60, 90)
    """The numbers on the buttons of a question for one; any other can be typed."""
    single: bool = False
    """Of photos and recordings one only: the newest."""


Finish = Callable[["Scene", Any], Awaitable[None]]
Remark = Callable[["Scene", Mapping[str, Any]], Awaitable[Text]]


@dataclass(frozen=True)
class Flow:
    """`title` names it in the menu and on lists; `done` is said when the record is stored.

    Without `finish` the record is stored as a Record of the programme; with it, `finish` does what the answers ask
    for (an invitation, a page to show). `review=False` finishes with the last answer.
    """

    name: str
    version: int
    needs: Action
    title: Text
    record: type[BaseModel]
    asks: tuple[Ask, ...]
    done: Text
    finish: Finish | None = None
    review: bool = True
    menu: bool = True
    fixed: Mapping[str, Any] = field(default_factory=dict)
    remark: Remark | None = None
    """What the review card says of the answers: a count, a warning."""
    confirm: Text | None = None
    """What stands on the button of the review card, where it is not 'Save'."""
    given: str = ""
    """The field that a button which begins this Flow can bring an answer for."""
    changes_people: bool = False
    """Roles and scopes are read again after it has finished."""

    def ask(self, name: str) -> Ask | None:
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Ask]:
        return {ask.field: ask for ask in self.asks}

    @cached_property
    def catch(self) -> Ask | None:
        return next((ask for ask in self.asks if ask.catch), None)

    @cached_property
    def media(self) -> Ask | None:
        return next((ask for ask in self.asks if self.shape(ask) is Shape.MEDIA), None)

    def shape(self, ask: Ask) -> Shape:
        known = self._fields[ask.field]
        if ask.offer and known.shape is Shape.WORDS:
            return Shape.MANY if known.several else Shape.ONE
        return known.shape

    def kind(self, ask: Ask) -> str:
        """The name of the word list with what people type for these choices; empty for choices of the moment."""
        return self._fields[ask.field].kind

    def options(self, ask: Ask) -> tuple[Choice, ...]:
        """What the field's own type offers; empty where the Ask brings its own offer."""
        return self._fields[ask.field].options

    def future(self, ask: Ask) -> bool:
        return self._fields[ask.field].future

    def read(self, ask: Ask, value: Any, reading: Reading) -> Any:
        """The canonical JSON value of a typed or picked answer; raises pydantic's ValidationError."""
        adapter = self._fields[ask.field].adapter
        return adapter.dump_python(adapter.validate_python(value, context=reading), mode="json")

    @cached_property
    def _fields(self) -> dict[str, _Field]:
        known = self.record.model_fields
        return {ask.field: _Field.of(self.record, ask.field) for ask in self.asks if ask.field in known}

    def texts(self) -> Iterator[Text]:
        """Every sentence it can say, for the lint and the catalogs."""
        yield from (text for text in (self.title, self.done, self.confirm) if text)
        for ask in self.asks:
            yield from (text for text in (ask.label, ask.question, ask.skip, ask.everyone, ask.nobody) if text)
            yield from (choice.label for choice in self.options(ask))


@dataclass(frozen=True)
class _Field:
    """What the engine knows of a record's field from its type."""

    shape: Shape
    adapter: TypeAdapter[Any]
    several: bool
    options: tuple[Choice, ...] = ()
    kind: str = ""
    future: bool = False

    @classmethod
    def of(cls, record: type[BaseModel], name: str) -> _Field:
        info = record.model_fields[name]
        several = get_origin(info.annotation) is tuple
        inner = _bare(get_args(info.annotation)[0] if several else info.annotation)
        extras = (*info.metadata, *_extras(info.annotation))
        whole: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
        shape = Shape.MEDIA if inner is Media else _SIMPLE.get(inner, Shape.WORDS)
        known = cls(shape, TypeAdapter(whole), several, future=get_args(FutureDay)[1] in extras)
        if isinstance(inner, type) and issubclass(inner, Labelled):
            options = tuple(Choice(member.value, member.label) for member in inner)
            return replace(
                known, shape=Shape.MANY if several else Shape.ONE, options=options, kind=_snake(inner.__name__)
            )
        return known


_SIMPLE = {date: Shape.DAY, datetime: Shape.MOMENT, bool: Shape.YES_NO, int: Shape.COUNT}


def _bare(annotation: Any) -> Any:
    """X for `X | None` and for `Annotated[X, ...]`."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not NoneType)
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _extras(annotation: Any) -> Iterator[Any]:
    for part in get_args(annotation):
        yield from getattr(part, "__metadata__", ())


def _snake(name: str) -> str:
    return re.sub(r"(?<=.)([A-Z])", r"_\1", name).lower()


_PLACE = re.compile(r"{(\w+)}")


def lint(flow: Flow) -> list[str]:
    """What is wrong with a declaration, in plain words; empty when it is sound. Run for every Flow at start."""
    wrong = [f"{flow.name}: {fault}" for fault in _flow_faults(flow)]
    for ask in flow.asks:
        if ask.field not in flow.record.model_fields:
            wrong.append(f"{flow.name}.{ask.field}: the record has no such field")
        else:
            wrong += [f"{flow.name}.{ask.field}: {fault}" for fault in _ask_faults(flow, ask)]
    return wrong


def _flow_faults(flow: Flow) -> Iterator[str]:
    names = [ask.field for ask in flow.asks]
    if len(set(names)) != len(names):
        yield "a field is asked twice"
    if sum(ask.catch for ask in flow.asks) > 1:
        yield "more than one question catches free words"
    if not re.fullmatch(r"[a-z_]{1,16}", flow.name):
        yield "a flow's name is 1 to 16 small letters"
    for name, info in flow.record.model_fields.items():
        if info.is_required() and name not in names and name not in flow.fixed:
            yield f"nobody asks for {name}, which the record needs"
    if flow.review and "media" in flow.record.model_fields and "media" not in names:
        yield "photos and voice notes have nowhere to go: ask for 'media'"


def _ask_faults(flow: Flow, ask: Ask) -> Iterator[str]:
    shape = flow.shape(ask)
    info = flow.record.model_fields[ask.field]
    if len(ask.field) > NAME_BYTES:
        yield f"the name is longer than {NAME_BYTES} bytes"
    if info.is_required() and (ask.optional or ask.skip) and not ask.default:
        yield "the record needs it, so it can be neither optional nor skipped"
    if shape in (Shape.ONE, Shape.MANY) and not (ask.offer or flow.options(ask)):
        yield "nothing to choose from: give it an offer"
    if ask.otherwise and (not ask.skip or ask.otherwise not in {other.field for other in flow.asks}):
        yield "words can go to another question only where this one can be skipped and that one is asked"
    if ask.catch and shape is not Shape.WORDS:
        yield "only a question for words can catch free words"
    if any(len(choice.value.encode()) > CHOICE_BYTES for choice in flow.options(ask)):
        yield f"a choice is longer than {CHOICE_BYTES} bytes"
    known = {other.field for other in flow.asks}
    if missing := set(_PLACE.findall(ask.question.msgid)) - known:
        yield f"the question names {sorted(missing)}, which nobody answers"
