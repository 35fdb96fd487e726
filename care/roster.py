"""The roster of a district: homes, children, guardians, staff and pairings as rows of a sheet, each checked on its own.

With a `Sheet` as validation context the values are cells as people typed them; without one they are canonical values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Annotated, ClassVar, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

from care.people import Role
from care.roster_cells import choice, choices, code, codes, day, line, number, phone, yes_or_no
from care.text import T, Text

Code = Annotated[str, BeforeValidator(code)]
Codes = Annotated[tuple[str, ...], BeforeValidator(codes)]
Day = Annotated[date | None, BeforeValidator(day(years=100))]
Birthday = Annotated[date | None, BeforeValidator(day(years=25))]
Name = Annotated[str, BeforeValidator(line(60, needed=True))]
Line = Annotated[str, BeforeValidator(line(200))]
Phone = Annotated[str | None, BeforeValidator(phone)]
Flag = Annotated[bool, BeforeValidator(yes_or_no)]


class Row(BaseModel):
    """A row of one table. Fields that were not given stay as they are in the database (`model_fields_set`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    table: ClassVar[str]
    title: ClassVar[Text]


class HomeRow(Row):
    table: ClassVar[str] = "homes"
    title: ClassVar[Text] = T("children's homes")

    code: Code
    name: Annotated[str, BeforeValidator(line(120, needed=True))]
    built_in: Annotated[int | None, BeforeValidator(number(1950, 2200))] = None
    room: Annotated[str, BeforeValidator(choice("room", otherwise="none"))] = "none"
    address: Line = ""
    hardware: Line = ""


class ChildRow(Row):
    """`where`, `work`, `since`: the parent who is away. `consent`: the day when the family signed on paper."""

    table: ClassVar[str] = "children"
    title: ClassVar[Text] = T("children")

    code: Code
    short_name: Name
    home: Code
    full_name: Annotated[str, BeforeValidator(line(60))] = ""
    sex: Annotated[str, BeforeValidator(choice("sex"))] = ""
    born_on: Birthday = None
    class_name: Annotated[str, BeforeValidator(line(40))] = ""
    family: Line = ""
    away: Annotated[str, BeforeValidator(choice("away"))] = ""
    where: Line = ""
    work: Line = ""
    since: Line = ""
    basis: Line = ""
    boarding: Flag = False
    health: Line = ""
    interests: Line = ""
    joined_on: Day = None
    consent: Day = None


class GuardianRow(Row):
    """One guardian of one or several children; stands again for children to whom the relation is another."""

    table: ClassVar[str] = "guardians"
    title: ClassVar[Text] = T("guardians")

    code: Code
    name: Name
    children: Codes
    relation: Annotated[str, BeforeValidator(line(40, needed=True))]
    phone: Phone = None
    legal_guardian: Flag = False
    caregiver: Flag = False


class StaffRow(Row):
    """Everybody who works for the children, volunteers included; `homes` for the roles that are bound to a home."""

    table: ClassVar[str] = "staff"
    title: ClassVar[Text] = T("staff and volunteers")

    code: Code
    name: Name
    roles: Annotated[tuple[Role, ...], BeforeValidator(choices("role"))]
    homes: Codes = ()
    phone: Phone = None
    full_time: Annotated[str, BeforeValidator(choice("hours"))] = ""
    unit: Line = ""
    post: Line = ""
    vetted_on: Day = None
    trained_on: Day = None
    conduct_on: Day = None


class PairingRow(Row):
    table: ClassVar[str] = "pairings"
    title: ClassVar[Text] = T("pairings")

    person: Code
    child: Code
    since: Day = None
    rhythm_days: Annotated[int, BeforeValidator(number(1, 90, otherwise=14))] = 14
    kind: Annotated[str, BeforeValidator(choice("pairing", otherwise="volunteer"))] = "volunteer"


TABLES: Mapping[str, type[Row]] = MappingProxyType(
    {row.table: row for row in (HomeRow, ChildRow, StaffRow, GuardianRow, PairingRow)}
)


R = TypeVar("R", bound=Row, covariant=True)


@dataclass(frozen=True, slots=True)
class Placed(Generic[R]):
    """A row and where it stands: the file, the line, and how the file calls each field."""

    row: R
    file: str = ""
    line: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)

    def remark(self, column: str, says: Text) -> Remark:
        return Remark(self.file, self.line, self.columns.get(column, column), says)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say about a place in a file. `line` 0 is the file as a whole; `column` '' the whole line."""

    file: str
    line: int
    column: str
    says: Text


@dataclass(frozen=True, slots=True)
class Roster:
    """What one load brings, table by table."""

    homes: tuple[Placed[HomeRow], ...] = ()
    children: tuple[Placed[ChildRow], ...] = ()
    staff: tuple[Placed[StaffRow], ...] = ()
    guardians: tuple[Placed[GuardianRow], ...] = ()
    pairings: tuple[Placed[PairingRow], ...] = ()
