"""Typesetting by typst: a template and its data become a page. Words come as data, never as source; the fonts are ours,
so that a page looks the same everywhere. Slow: call it in a thread, from a Job."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typst

_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u2604\u2607-\u27bf\ufe0e\ufe0f\u200d\u20e3\U000e0000-\U000e007f]")


class Smudged(Exception):
    """The page could not be set as it should be; the message says what typst says, without the data."""


def typeset(template: Path, data: Mapping[str, Any]) -> bytes:
    """A PDF. The template finds `data` as JSON in `sys.inputs.data`. Raises Smudged, for warnings too."""
    import typst  # here: 8 MB that most days are not needed

    try:
        page, warnings = typst.compile_with_warnings(
            template.read_bytes(),
            format="pdf",
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        )
    except typst.TypstError as error:
        raise Smudged(error.message) from None
    if warnings or not isinstance(page, bytes):
        raise Smudged("; ".join(warning.message for warning in warnings))
    return page


def plain(words: str) -> str:
    """Without the small pictures that no font of ours has."""
    return _PICTURES.sub("", words).strip()


@cache
def _fonts() -> typst.Fonts:
    import pylopdf_fonts_zh_cn
    import typst

    folder = pylopdf_fonts_zh_cn.serif_path().parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
