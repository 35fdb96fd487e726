"""`run.py load`: reads the sheets of a district, told apart by their headers, and writes all or nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.sheets import BadFile, Line, read_sheet
from care.people import Role
from care.roster import TABLES, Placed, Remark, Roster
from care.roster_cells import BadCell, Sheet, fold, tidy
from care.roster_check import Known, check
from care.text import T, Text, phrase, words
from storage.database import Database
from storage.roster import known_codes, store
from storage.roster_rows import Count

_TITLE_LINES = 5

_UNKNOWN = T(
    "I cannot tell what this file holds: no line at its top names the columns of homes, children, staff, guardians"
    " or pairings."
)
_MISSING = T("This looks like the file of the {table}, but I cannot find the column {columns}.")
_AGAIN = T("This column is in the header twice.")
_IGNORED = T("I do not know this column and left it out.")
_TOO_WIDE = T("This line has more cells than the header has columns.")
_UNREADABLE = T("I cannot read this.")
_WHOLE_FILE = T("{file}: {says}")
_WHOLE_LINE = T("{file}, line {line}: {says}")
_CELL = T("{file}, line {line}, “{column}”: {says}")
_COUNTED = T("{table}: {added} added, {changed} changed, {unchanged} as they were")
_NOTHING_LOADED = T("Nothing was loaded. Please put this right and load again:")
_LOADED = T("Loaded.")


@dataclass(frozen=True, slots=True)
class Report:
    """What a load did. With `complaints` nothing was written; `notes` are worth reading and stopped nothing."""

    counts: Mapping[str, Count] = field(default_factory=dict)
    complaints: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()

    @property
    def loaded(self) -> bool:
        return not self.complaints

    def says(self) -> tuple[Text, ...]:
        """The whole report, a sentence a line."""
        notes = map(_sentence, self.notes)
        if self.complaints:
            return (_NOTHING_LOADED, *map(_sentence, self.complaints), *notes)
        counted = (
            _COUNTED(table=TABLES[table].title, added=count.added, changed=count.changed, unchanged=count.unchanged)
            for table, count in self.counts.items()
        )
        return (_LOADED, *counted, *notes)


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    columns: Mapping[str, Mapping[str, str]]
    """Per table: a header as `fold` gives it -> the field."""
    headers: Mapping[str, Mapping[str, str]]
    """Per table: the field -> its first name, for messages."""
    words: Mapping[str, Mapping[str, str]]


@dataclass
class _Pile:
    """What the files brought so far. `half_read`: per table, the codes of rows in which something else was wrong."""

    rows: dict[str, list[Placed[Any]]] = field(default_factory=lambda: {table: [] for table in TABLES})
    half_read: dict[str, set[str]] = field(default_factory=lambda: {table: set() for table in TABLES})
    complaints: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    unread_files: bool = False

    @property
    def roster(self) -> Roster:
        return Roster(**{table: tuple(placed) for table, placed in self.rows.items()})

    def check(self, known: Known) -> None:
        """Rows against each other. With a file unread, its codes would all look unknown: then not."""
        if self.unread_files:
            return
        staff = dict.fromkeys(self.half_read["staff"], frozenset({Role.VOLUNTEER.value}))
        homes, children = known.homes | self.half_read["homes"], known.children | self.half_read["children"]
        self.complaints.extend(check(self.roster, Known(homes, children, {**known.people, **staff})))


async def load(paths: Sequence[Path], database: Database, today: date, now: datetime) -> Report:
    """Reads the files and writes all their rows in one transaction, or none when anything is wrong.

    A second load of the same files changes nothing. `today` is the district's date; `now` is aware.
    """
    pile = _Pile()
    for path in paths:
        _read_file(path, Sheet(today, vocabulary().words), pile)
    async with database.transaction() as tx:
        pile.check(await known_codes(tx))
        if pile.complaints:
            return Report(complaints=_in_order(pile.complaints), notes=_in_order(pile.notes))
        outcome = await store(tx, pile.roster, today=today, now=now)
    counts = {table: count for table, count in outcome.counts.items() if pile.rows[table]}
    return Report(counts, notes=_in_order([*pile.notes, *outcome.notes]))


def _read_file(path: Path, sheet: Sheet, pile: _Pile) -> None:
    try:
        lines = read_sheet(path)
    except BadFile as bad:
        pile.complaints.append(Remark(path.name, bad.line, "", bad.says))
        pile.unread_files = True
        return
    header, table = _find_header(lines)
    if header is None:
        pile.complaints.append(Remark(path.name, 0, "", _UNKNOWN))
        pile.unread_files = True
        return
    columns, wrong, ignored = _read_header(path.name, header, table)
    pile.notes.extend(ignored)
    if wrong:
        pile.complaints.extend(wrong)
        pile.unread_files = True
        return
    for line in lines[lines.index(header) + 1 :]:
        _read_row(line, _Header(path.name, table, header.cells, columns), sheet, pile)


@dataclass(frozen=True, slots=True)
class _Header:
    file: str
    table: str
    cells: Sequence[str]
    columns: Mapping[int, str]
    """Position -> field."""


def _find_header(lines: Sequence[Line]) -> tuple[Line | None, str]:
    """The line near the top that names the most columns of one table, and that table. Two columns are the least."""
    best: tuple[tuple[int, bool], Line | None, str] = ((1, True), None, "")
    for line in lines[:_TITLE_LINES]:
        for table, columns in vocabulary().columns.items():
            found = {columns[name] for name in map(fold, line.cells) if name in columns}
            score = (len(found), _required(table) <= found)
            if score > best[0]:
                best = (score, line, table)
    return best[1], best[2]


def _required(table: str) -> set[str]:
    return {name for name, described in TABLES[table].model_fields.items() if described.is_required()}


def _read_header(file: str, header: Line, table: str) -> tuple[dict[int, str], list[Remark], list[Remark]]:
    """Position -> field; what is wrong with the header; the columns that are left out."""
    known = vocabulary().columns[table]
    columns: dict[int, str] = {}
    wrong: list[Remark] = []
    ignored: list[Remark] = []
    for position, name in enumerate(header.cells):
        meant = known.get(fold(name))
        if meant is None:
            ignored += [Remark(file, header.number, name.strip(), _IGNORED)] if name.strip() else []
        elif meant in columns.values():
            wrong.append(Remark(file, header.number, name.strip(), _AGAIN))
        else:
            columns[position] = meant
    missing = _required(table) - set(columns.values())
    if missing:
        names = phrase(vocabulary().headers[table][name] for name in TABLES[table].model_fields if name in missing)
        wrong.append(Remark(file, header.number, "", _MISSING(table=TABLES[table].title, columns=names)))
    return columns, wrong, ignored


def _read_row(line: Line, header: _Header, sheet: Sheet, pile: _Pile) -> None:
    if any(cell.strip() for cell in line.cells[len(header.cells) :]):
        pile.complaints.append(Remark(header.file, line.number, "", _TOO_WIDE))
    named = {meant: header.cells[position].strip() for position, meant in header.columns.items()}
    cells = {meant: line.cells[at] if at < len(line.cells) else "" for at, meant in header.columns.items()}
    try:
        row = TABLES[header.table].model_validate(cells, context=sheet)
    except ValidationError as invalid:
        complaints = [Remark(header.file, line.number, named[column], says) for column, says in _problems(invalid)]
        pile.complaints.extend(complaints)
        pile.half_read[header.table].add(tidy(cells.get("code", "")))
    else:
        pile.rows[header.table].append(Placed(row, header.file, line.number, named))


def _problems(invalid: ValidationError) -> Iterator[tuple[str, Text]]:
    for error in invalid.errors(include_url=False):
        reason = error.get("ctx", {}).get("error")
        yield str(error["loc"][0]), reason.says if isinstance(reason, BadCell) else _UNREADABLE


def _in_order(remarks: Sequence[Remark]) -> tuple[Remark, ...]:
    files_in_order = {name: place for place, name in enumerate(dict.fromkeys(remark.file for remark in remarks))}
    return tuple(sorted(remarks, key=lambda remark: (files_in_order[remark.file], remark.line)))


def _sentence(remark: Remark) -> Text:
    shape = _CELL if remark.column else _WHOLE_LINE if remark.line else _WHOLE_FILE
    return shape(file=words(remark.file), line=str(remark.line), column=words(remark.column), says=remark.says)


@cache
def vocabulary() -> _Vocabulary:
    """How columns and words may be written, from roster_columns.toml."""
    declared = tomllib.loads(files("bot").joinpath("roster_columns.toml").read_text(encoding="utf-8"))
    marks = declared["words"].pop("date_marks")
    columns = {table: _turned(names) for table, names in declared["columns"].items()}
    headers = {
        table: {meant: names[0] for meant, names in named.items()} for table, named in declared["columns"].items()
    }
    known = {kind: _turned(named) for kind, named in declared["words"].items()}
    known["date_marks"] = {mark: meant for meant, written in marks.items() for mark in written}
    return _Vocabulary(columns, headers, known)


def _turned(named: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {fold(written): meant for meant, names in named.items() for written in names}
