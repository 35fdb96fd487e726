"""Plain tables as people's computers save them: in any common encoding, with commas, semicolons or tabs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from care.text import T, Text

MOST_BYTES = 20_000_000
MOST_LINES = 50_000
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x19\x1b-\x1f]")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

_CANNOT_OPEN = T("I could not open this file. Is the name right, and may I read it?")
_TOO_LARGE = T("This file is too large for a roster: up to {most} MB, and {lines} lines, fit.")
_EMPTY = T("This file is empty.")
_WORKBOOK = T("This is an Excel workbook. In Excel choose “Save as” and “CSV UTF-8”, then load that file.")
_GARBLED = T("This is not a plain text table that I can read. In Excel choose “Save as” and “CSV UTF-8”.")
_BROKEN = T("From here on I cannot tell the columns apart. Is a quotation mark left open?")


@dataclass(frozen=True, slots=True)
class Line:
    """Cells of one line; `number` counts from 1, as an editor shows it."""

    number: int
    cells: tuple[str, ...]


class BadFile(Exception):
    """The file cannot be read as a table; `line` 0 is the whole file."""

    def __init__(self, says: Text, line: int = 0) -> None:
        super().__init__(says.msgid)
        self.says = says
        self.line = line


def read_sheet(path: Path) -> list[Line]:
    """The lines that hold something. BadFile when it is no table."""
    text = _decode(_read(path))
    lines: list[Line] = []
    for line in _lines(text, _delimiter(text)):
        if any(cell.strip() for cell in line.cells):
            lines.append(line)
        if len(lines) > MOST_LINES:
            raise BadFile(_TOO_LARGE(most=MOST_BYTES // 1_000_000, lines=MOST_LINES))
    if not lines:
        raise BadFile(_EMPTY)
    return lines


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise BadFile(_CANNOT_OPEN) from None
    if len(data) > MOST_BYTES:
        raise BadFile(_TOO_LARGE(most=MOST_BYTES // 1_000_000, lines=MOST_LINES))
    return data


def _decode(data: bytes) -> str:
    if data.startswith(_WORKBOOKS):
        raise BadFile(_WORKBOOK)
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NOT_TEXT.search(text):
            return text
    raise BadFile(_GARBLED)


def _delimiter(text: str) -> str:
    first = [line for line in text.splitlines()[:20] if line.strip()][:5]
    return max(",;\t", key=lambda mark: max((line.count(mark) for line in first), default=0))


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise BadFile(_BROKEN, number) from None
        yield Line(number, tuple(cells))
        number = reader.line_num + 1
