"""People on their phones, in a closed loop: each does the next thing as soon as the bot has answered the last."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson

from benchmarks.server import BOT, Server

FIRST_CHAT = 700_000_001
_DATE = 1790000000


@dataclass(slots=True)
class Phone:
    """`step` of the conversation comes next; `offered` is when the last thing was done, 0 while nothing is awaited."""

    chat_id: int
    step: int = 0
    offered: float = 0.0
    numbers: Any = field(default_factory=lambda: count(1))
    post: dict[str, Any] = field(default_factory=dict)

    @property
    def person(self) -> dict[str, Any]:
        return {"id": self.chat_id, "is_bot": False, "first_name": "Someone", "language_code": "en"}

    @property
    def chat(self) -> dict[str, Any]:
        return {"id": self.chat_id, "type": "private", "first_name": "Someone"}


class Stuck(Exception):
    """The bot said something with which the conversation cannot go on."""


class Crowd:
    """`script` makes, for a step, the phone's next update: (kind, content). `steps` updates are one conversation."""

    def __init__(self, server: Server, chats: int, script: Script, steps: int) -> None:
        self.latencies: list[float] = []
        self.finished = 0
        self.answered = 0
        self._server, self._script, self._steps = server, script, steps
        self._phones = {FIRST_CHAT + number: Phone(FIRST_CHAT + number) for number in range(chats)}
        self._open = True
        server.said = self._said

    @property
    def awaiting(self) -> int:
        """Chats that wait for an answer."""
        return sum(phone.offered > 0 for phone in self._phones.values())

    def begin(self) -> None:
        for phone in self._phones.values():
            self._act(phone)

    def close(self) -> None:
        """No new conversation begins; those that run are played to their end."""
        self._open = False

    def _act(self, phone: Phone) -> None:
        kind, content = self._script(phone)
        phone.offered = time.perf_counter()
        self._server.offer(kind, content)

    def _said(self, method: str, parameters: Mapping[str, Any]) -> int:
        phone = self._phones[int(parameters["chat_id"])]
        number = int(parameters.get("message_id") or next(phone.numbers))
        if method == "editMessageReplyMarkup" or not phone.offered:
            return number
        self.latencies.append(time.perf_counter() - phone.offered)
        self.answered += 1
        phone.offered = 0.0
        markup = parameters.get("reply_markup")
        phone.post = {
            "message_id": number,
            "date": _DATE,
            "chat": phone.chat,
            "from": BOT,
            "text": parameters.get("text", ""),
            "reply_markup": orjson.loads(markup) if isinstance(markup, str) else markup,
        }
        self._next(phone)
        return number

    def _next(self, phone: Phone) -> None:
        phone.step = (phone.step + 1) % self._steps
        if phone.step == 0:
            self.finished += 1
        if self._open or phone.step:
            self._act(phone)


Update = tuple[str, dict[str, Any]]
Script = Callable[[Phone], Update]


def chatting(phone: Phone) -> Update:
    """Words, whatever comes back."""
    return "message", _message(phone, f"hello {phone.step}")


def visiting(phone: Phone) -> Update:
    """/visit, the first way of contact, the first mood, save: four updates to a stored visit."""
    if phone.step == 0:
        command = {"type": "bot_command", "offset": 0, "length": 6}
        return "message", _message(phone, "/visit") | {"entities": [command]}
    data = choose(phone)
    tap = {"id": f"{phone.chat_id}{next(phone.numbers)}", "from": phone.person, "message": phone.post}
    return "callback_query", tap | {"chat_instance": "1", "data": data}


def choose(phone: Phone) -> str:
    """What the button carries that this step of a visit taps."""
    saving = phone.step == 3
    rows: Sequence[Sequence[Mapping[str, Any]]] = (phone.post["reply_markup"] or {}).get("inline_keyboard", [])
    offered = [str(button["callback_data"]) for row in rows for button in row]
    fitting = [data for data in offered if data.endswith("save") is saving]
    if not fitting:
        raise Stuck(f"step {phone.step}: {phone.post['text']!r} offers {offered}")
    return fitting[0]


def _message(phone: Phone, text: str) -> dict[str, Any]:
    number = next(phone.numbers)
    return {"message_id": number, "date": _DATE, "chat": phone.chat, "from": phone.person, "text": text}
