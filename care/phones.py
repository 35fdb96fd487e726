"""Phone numbers as people read them."""

from __future__ import annotations

import re

_MOBILE = re.compile(r"(\+86)(1\d{2})(\d{4})(\d{4})")


def spaced(number: str) -> str:
    """A mobile number in groups, +86 138 0000 0001; any other as it is."""
    return " ".join(found.groups()) if (found := _MOBILE.fullmatch(number)) else number
