"""Loading a district: all or nothing, twice is harmless, every bad row named, whatever the file was saved with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select, update

from bot.roster import Report, load
from care.text import Listing, Text
from storage import tables
from storage.database import Database, open_database
from storage.vault import Vault, new_key
from tests.roster.conftest import NOW, TODAY
from tests.roster.sheets import CHINESE, ENGLISH, write

TABLES = ("homes", "children", "people", "roles", "guardianships", "pairings", "consents", "audit")


def english(value: Any) -> str:
    """The msgid with its places filled: what an English screen says."""
    if isinstance(value, Listing):
        return ", ".join(map(english, value.items))
    if not isinstance(value, Text):
        return str(value)
    return (
        value.msgid
        if value.raw
        else value.msgid.format(**{name: english(place) for name, place in value.places.items()})
    )


async def bring(database: Database, folder: Path, sheets: Mapping[str, str | bytes], encoding: str = "utf-8") -> Report:
    return await load(write(folder, sheets, encoding), database, TODAY, NOW)


async def count(database: Database, table: Table) -> int:
    async with database.reading() as tx:
        found = await tx.row(select(func.count()).select_from(table))
        return int(found[0]) if found else 0


async def counts(database: Database) -> dict[str, int]:
    return {name: await count(database, tables.metadata.tables[name]) for name in TABLES}


async def everything(database: Database) -> list[list[Any]]:
    async with database.reading() as tx:
        return [sorted(map(tuple, await tx.rows(select(tables.metadata.tables[name]))), key=repr) for name in TABLES]


def numbers(report: Report) -> dict[str, tuple[int, ...]]:
    return {table: astuple(told) for table, told in report.counts.items()}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
async def test_a_district_in_chinese_whatever_it_was_saved_with(sqlite_url: str, tmp_path: Path, encoding: str) -> None:
    database = open_database(sqlite_url, Vault(new_key()))
    report = await bring(database, tmp_path, CHINESE, encoding)
    assert report.complaints == ()
    assert report.notes == ()
    async with database.reading() as tx:
        rows = await tx.rows(select(tables.children).order_by(tables.children.c.code))
        names = [tx.vault.open_text(row.short_name, f"children.short_name:{row.id}") for row in rows]
    assert names == ["小禾", "豆豆", "朵朵"]
    await database.close()


async def test_what_was_typed_stands_in_the_database(database: Database, tmp_path: Path) -> None:
    await bring(database, tmp_path, CHINESE)
    async with database.reading() as tx:
        homes = {row.code: row for row in await tx.rows(select(tables.homes))}
        children = {row.code: row for row in await tx.rows(select(tables.children))}
        people = {row.code: row for row in await tx.rows(select(tables.people))}
        roles = {(row.person_id, row.role, row.home_id) for row in await tx.rows(select(tables.roles))}
        pairings = await tx.rows(select(tables.pairings))
        bonds = {(row.person_id, row.child_id): row for row in await tx.rows(select(tables.guardianships))}
        consents = {row.child_id: row for row in await tx.rows(select(tables.consents))}
        grain = children["0101"]
        details = tx.vault.open_json(grain.details, f"children.details:{grain.id}")
        nurse = people["V01"]
        unit = tx.vault.open_json(nurse.details, f"people.details:{nurse.id}")
        phone = tx.vault.open_text(nurse.phone, f"people.phone:{nurse.id}")
    assert (homes["H02"].built_in, homes["H02"].room) == (2024, "under_reinforcement")
    assert (grain.sex, grain.born_on, grain.boarding, grain.joined_on) == (
        "female",
        date(2016, 3, 5),
        False,
        date(2024, 9, 1),
    )
    assert details["away"] == "both"
    assert details["where"] == "杭州"
    assert children["0102"].boarding
    assert children["0201"].joined_on == TODAY
    assert phone == "+8613800000003"
    assert unit == {"unit": "镇卫生院", "post": "护士"}
    assert nurse.vetted_on == date(2024, 3, 1)
    assert {(people["B01"].id, "leader", homes[code].id) for code in ("H01", "H02")} <= roles
    assert (people["G01"].id, "guardian", None) in roles
    assert (people["C01"].id, "coordinator", None) in roles
    assert {row.rhythm_days for row in pairings} == {14}
    assert len(pairings) == 2
    grandmother = bonds[people["G01"].id, children["0102"].id]
    assert (grandmother.relation, grandmother.legal_guardian, grandmother.caregiver) == ("奶奶", False, True)
    assert {(row.purpose, row.way) for row in consents.values()} == {("care", "paper")}
    assert consents[grain.id].given_on == date(2024, 9, 3)
    assert children["0102"].id not in consents


async def test_english_headers_semicolons_and_tabs(database: Database, tmp_path: Path) -> None:
    report = await bring(database, tmp_path, ENGLISH)
    assert numbers(report) == {
        "homes": (1, 0, 0), "children": (1, 0, 0), "staff": (2, 0, 0), "guardians": (1, 0, 0), "pairings": (1, 0, 0),
    }  # fmt: skip


async def test_twice_is_harmless(database: Database, tmp_path: Path) -> None:
    await bring(database, tmp_path, CHINESE)
    before = await everything(database)
    report = await bring(database, tmp_path, CHINESE)
    assert report.loaded
    assert all(told[:2] == (0, 0) for told in numbers(report).values())
    assert await everything(database) == before


async def test_a_change_touches_only_what_changed(database: Database, tmp_path: Path) -> None:
    await bring(database, tmp_path, CHINESE)
    async with database.transaction() as tx:
        await tx.run(update(tables.people).values(language="en"))
    report = await bring(
        database,
        tmp_path,
        {"x.csv": "编号,小名,学校编号,兴趣特长\n0101,小禾,H02,唱歌\n0102,豆豆,H01,跑步\n0103,芽芽,H01,\n"},
    )
    assert numbers(report) == {"children": (1, 1, 1)}
    async with database.reading() as tx:
        row = await tx.row(select(tables.children).where(tables.children.c.code == "0101"))
        assert row is not None
        details = tx.vault.open_json(row.details, f"children.details:{row.id}")
        name = tx.vault.open_text(row.full_name, f"children.full_name:{row.id}")
    assert (details["interests"], details["where"], name, row.sex) == ("唱歌", "杭州", "林小禾", "female")


async def test_what_was_ended_stays_ended(database: Database, tmp_path: Path) -> None:
    await bring(database, tmp_path, CHINESE)
    later = NOW + timedelta(days=1)
    async with database.transaction() as tx:
        for table in (tables.roles, tables.pairings, tables.guardianships):
            await tx.run(update(table).values(ended_at=later))
        await tx.run(update(tables.consents).values(withdrawn_at=later))
    before = await everything(database)
    report = await bring(database, tmp_path, CHINESE)
    assert report.loaded
    assert len(report.notes) == (5 + 2) + 3 + 2 + 2
    assert await everything(database) == before


async def test_all_or_nothing(database: Database, tmp_path: Path) -> None:
    for name, bad in (("pairings.csv", "V01,9999,2024-09-10,,\n"), ("staff.csv", "T02,竹青,教师,H99,,,,,,,\n")):
        report = await bring(database, tmp_path, {**CHINESE, name: CHINESE[name] + bad})
        assert not report.loaded
        assert set((await counts(database)).values()) == {0}


BAD_CHILDREN = """编号,小名,姓名,性别,出生日期,学校编号,外出,住校,同意书日期
A01,好,,女,2016-03-05,H01,父母,是,
A02,,,女,2016-03-05,H01,,,
A03,坏,,花,2016-03-05,H01,,,
A04,坏,,男,2016年2月31日,H01,,,
A05,坏,,男,05/03/2016,H01,,,
A06,坏,,男,2030-01-01,H01,,,
A07,坏,,男,1950-01-01,H01,,,
A08,坏,,男,42434,H01,,,
A09,坏,,男,,H77,,,
A10,坏,,男,,H01,也许,大概,
A01,坏,,男,,H01,,,
,坏,,男,,H01,,,
A 13,坏,,男,,H01,,,
A14,坏,,男,,H01,,,,,多,
A15,坏,,男,,,,,明天
"""
BAD_STAFF = """编号,姓名,角色,学校编号,电话,审核日期
S01,林一,教师,,13800000001,
S02,林二,国王,H01,13800000001,
S03,林三,教师,H01;H88,1380000,
S04,林四,爱心妈妈,,1.38E+10,
S05,林五,爱心妈妈,,18800000001,2024-13-01
S06,林六,项目办,,,
"""
BAD_GUARDIANS = """编号,姓名,电话,儿童编号,关系
G01,花一,,A01,奶奶
G02,花二,,A99,奶奶
G03,花三,,,奶奶
G04,花四,,A01,
G01,花别,,A01,奶奶
"""
BAD_PAIRINGS = """志愿者编号,儿童编号,结对日期,联系间隔
S06,A01,2024-09-01,14
S99,A01,2024-09-01,14
S04,A02,2024-09-01,500
"""
EXPECTED = {
    ("children", 3, "小名"): "empty",
    ("children", 4, "性别"): "do not know “花”",
    ("children", 5, "出生日期"): "no day “2016年2月31日”",
    ("children", 6, "出生日期"): "cannot read “05/03/2016” as a date",
    ("children", 7, "出生日期"): "not come yet",
    ("children", 8, "出生日期"): "more than 25 years ago",
    ("children", 9, "出生日期"): "cannot read “42434” as a date",
    ("children", 10, "学校编号"): "no home with the code “H77”",
    ("children", 11, "外出"): "do not know “也许”",
    ("children", 11, "住校"): "do not know “大概”",
    ("children", 12, "编号"): "“A01” stands here a second time; first in children.csv, line 2",
    ("children", 13, "编号"): "empty",
    ("children", 14, "编号"): "cannot be a code",
    ("children", 15, ""): "more cells than the header",
    ("children", 16, "学校编号"): "empty",
    ("children", 16, "同意书日期"): "cannot read “明天” as a date",
    ("staff", 2, "学校编号"): "code of a home is needed here, for the role teacher",
    ("staff", 3, "角色"): "do not know “国王”",
    ("staff", 4, "电话"): "“1380000” is not a phone number",
    ("staff", 5, "电话"): "“1.38E+10” is not a phone number",
    ("staff", 6, "审核日期"): "no day “2024-13-01”",
    ("guardians", 3, "儿童编号"): "no child with the code “A99”",
    ("guardians", 4, "儿童编号"): "empty",
    ("guardians", 5, "关系"): "empty",
    ("guardians", 6, "姓名"): "One code is one person",
    ("guardians", 6, "儿童编号"): "second time; first in guardians.csv, line 2",
    ("pairings", 2, "志愿者编号"): "“S06” is not a love mother or volunteer",
    ("pairings", 3, "志愿者编号"): "nobody with the code “S99”",
    ("pairings", 4, "联系间隔"): "“500” should be a number from 1 to 90",
}


async def test_every_bad_row_is_named(database: Database, tmp_path: Path) -> None:
    sheets = {
        "children.csv": BAD_CHILDREN,
        "staff.csv": BAD_STAFF,
        "guardians.csv": BAD_GUARDIANS,
        "pairings.csv": BAD_PAIRINGS,
    }
    report = await bring(database, tmp_path, {"homes.csv": CHINESE["homes.csv"], **sheets})
    found = {(told.file.removesuffix(".csv"), told.line, told.column): english(told.says) for told in report.complaints}
    assert found.keys() == EXPECTED.keys()
    for place, words in EXPECTED.items():
        assert words in found[place]
    assert set((await counts(database)).values()) == {0}
    shown = [english(line) for line in report.says()]
    assert len(shown) == 1 + len(EXPECTED)
    assert shown[1].startswith("children.csv, line 3, “小名”: ")


HEADER = "编号,小名,学校编号\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b"PK\x03\x04" + bytes(100), "Excel workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "Excel workbook"),
        (bytes(range(256)) * 50, "not a plain text table"),
        ("你好，这是一封信。\n再见。\n".encode(), "cannot tell what this file holds"),
        ("编号,姓名,性别,班级,住校\n01,林小禾,女,一,否\n".encode(), "cannot find the column 小名, 学校编号"),
        ("编号,小名,学校编号,小名\n".encode(), "twice"),
        (HEADER.encode() + b'01,"' + b"x" * 200_000, "cannot tell the columns apart"),
        (HEADER.encode() + b"01,x,H01\n" * 50_001, "too large"),
    ],
    ids=[
        "nothing",
        "blank",
        "xlsx",
        "xls",
        "garbage",
        "letter",
        "columns missing",
        "column twice",
        "open quote",
        "long",
    ],
)
async def test_a_file_that_is_no_roster_is_told_so(tmp_path: Path, sqlite_url: str, content: bytes, words: str) -> None:
    database = open_database(sqlite_url, Vault(new_key()))
    report = await bring(database, tmp_path, {"homes.csv": CHINESE["homes.csv"], "bad.csv": content})
    assert len(report.complaints) == 1
    assert report.complaints[0].file == "bad.csv"
    assert words in english(report.complaints[0].says)
    assert await count(database, tables.homes) == 0
    await database.close()


async def test_a_file_that_is_not_there(database: Database, tmp_path: Path) -> None:
    report = await load([tmp_path / "nowhere.csv", tmp_path], database, TODAY, NOW)
    assert [english(told.says)[:17] for told in report.complaints] == ["I could not open "] * 2


async def test_a_title_an_unknown_column_and_odd_characters(database: Database, tmp_path: Path) -> None:
    odd = "=SUM(A1) <b>&\u202e😀'; DROP TABLE homes;--"
    sheet = f'西桥区项目学校花名册,,\n\n序号,编号（必填）,名称 *\n1,Ｈ０１,"{odd}"\n,,\n'
    report = await bring(database, tmp_path, {"x.csv": sheet})
    assert report.loaded
    assert [told.column for told in report.notes] == ["序号"]
    async with database.reading() as tx:
        rows = await tx.rows(select(tables.homes.c.code, tables.homes.c.name))
    assert [tuple(row) for row in rows] == [("H01", odd)]


@pytest.mark.parametrize("which", [1, 2], ids=["chinese", "english"])
async def test_the_examples_of_the_documentation(database: Database, tmp_path: Path, which: int) -> None:
    blocks = (Path(__file__).parents[2] / "docs" / "loading.md").read_text(encoding="utf-8").split("```")[1::2]
    homes = {"homes.csv": "code,name\nH06,Suburb\n"}
    report = await bring(database, tmp_path, {**homes, "children.csv": blocks[which].lstrip()})
    assert (report.complaints, report.notes) == ((), ())
    assert numbers(report)["children"] == (1, 0, 0)
