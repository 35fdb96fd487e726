"""What really went over the wire, for tests to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True)
class Entry:
    """`kind`: an update was queued ("update"), was in a reply ("offer"), or a method was called ("call").

    `name` is the update's type or the method; `outcome` is "ok" where it had its effect, or what went wrong. `answer`
    says how the answer was spoiled, if it was.
    """

    at: datetime
    kind: Literal["update", "offer", "call"]
    name: str
    chat_id: int | None = None
    update_id: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = "ok"
    answer: str = ""
