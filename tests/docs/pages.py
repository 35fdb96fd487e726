"""The pages of the documentation and what stands on them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"^`([\w./-]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def prose(page: str) -> str:
    """Without its blocks of code."""
    return _FENCE.sub("", page)


def files_shown(page: str) -> dict[str, str]:
    """By path, the blocks of code that a page gives as files: the path stands alone on the line above."""
    return dict(_NAMED.findall(page))
