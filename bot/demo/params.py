"""The parameters of a call: every value is text, as in a form; JSON bodies are brought to that shape."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.demo.errors import bad


@dataclass(frozen=True)
class Upload:
    name: str
    mime: str
    data: bytes


class Params:
    def __init__(self, fields: Mapping[str, Any], uploads: Mapping[str, Upload] | None = None) -> None:
        self.fields = {name: _as_text(value) for name, value in fields.items() if value is not None}
        self.uploads = dict(uploads or {})

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def text(self, name: str) -> str:
        return self.fields.get(name, "")

    def number(self, name: str, default: int = 0) -> int:
        """What is not a whole number counts as not given."""
        try:
            return int(self.fields[name])
        except (KeyError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"true", "yes", "1"}

    def parsed(self, name: str) -> Any:
        """The JSON value, None when not given; Refused when it is not JSON."""
        if not self.text(name):
            return None
        try:
            return json.loads(self.fields[name])
        except ValueError:
            raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
