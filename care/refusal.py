"""The polite exception: what a person asked for cannot be, and they hear why. Every other exception is a bug."""

from __future__ import annotations

from care.text import T, Text

NOT_FOUND = T("I could not find that. It may have been closed, or it is not yours to open.")


class Refusal(Exception):
    """Raised before the first write of a Turn; `says` is the answer and `reason` a plain word for the audit."""

    def __init__(self, says: Text = NOT_FOUND, *, reason: str = "refused") -> None:
        super().__init__(reason)
        self.says = says
        self.reason = reason
