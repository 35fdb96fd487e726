"""Children and homes as the rest of the house sees them: never more than a short name and a code, unless somebody
opens the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from care.text import T, Text, words


@dataclass(frozen=True, slots=True)
class Home:
    id: str
    code: str
    name: str
    built_in: int | None = None
    room: str = "none"
    details: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """`full_name` and `details` are filled only where a child's page is opened."""

    id: str
    code: str
    short_name: str
    home_id: str
    home_name: str = ""
    class_name: str = ""
    sex: str = ""
    born_on: date | None = None
    full_name: str = ""
    details: dict[str, str] | None = None

    @property
    def called(self) -> Text:
        """How a message names the child: short name and code."""
        return T("{name} ({code})", name=words(self.short_name), code=self.code)
