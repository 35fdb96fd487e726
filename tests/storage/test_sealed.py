"""What people said, their names and numbers lie in no file in the clear; and whatever they typed is literal."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from care.access import Action
from care.people import Role
from care.records.talk import Reason, Talk, Topic
from storage import audit, children, conversations, invitations, outbox, people, records, tables, updates
from storage.conversations import Conversation
from storage.database import Database, Tx, open_database
from storage.outbox import Queued
from storage.vault import Vault
from tests.storage.district import CHATS, FULL_NAME, NOW, PHONE, TODAY, District, settle

SAID = "他说晚上睡不着"
SQL = "x'; DELETE FROM records; DROP TABLE people; --\" OR 1=1 /* %s :a ? */"
PLAIN = (
    SAID,
    FULL_NAME,
    PHONE,
    "小名a1",
    "姓名teacher_a",
    "跟奶奶住",
    "王老师",
    "Wang the caller",
    "DELETE FROM records",
)


async def fill(tx: Tx, district: District, words: str) -> str:
    """One of everything that holds people's words; the id of the record."""
    author, chat = district.people["teacher_a"], CHATS["teacher_a"]
    about = {"children": (district.children["a1"],), "reason": Reason.ROUTINE, "topics": (Topic.MOOD,)}
    body = Talk.model_validate({"on": TODAY, "said": words, "place": words, **about})
    saved = records.saved(body, home_id=district.homes["a"], author_id=author, now=NOW)
    await records.add(tx, [saved])
    await outbox.put(tx, [Queued("k", chat, "send", 0, {"text": {"t": words, "r": 1}}, NOW)])
    await conversations.save(tx, [Conversation("c", author, chat, "talk", 1, "open", NOW, NOW, {"said": words})])
    await updates.keep(tx, "telegram", 1, words.encode(), "ValueError", NOW)
    until = NOW.replace(year=2027)
    name = "王老师" + words
    id = await invitations.invite(tx, token_hash=b"h", role=Role.TEACHER, expected_name=name, now=NOW, expires_at=until)
    await invitations.use(tx, id, 5, "Wang the caller" + words, "en", NOW)
    await people.add_person(tx, name=words, phone=PHONE, now=NOW, details={"post": words})
    return saved.id


async def test_no_column_holds_a_plain_word(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        await fill(tx, district, SAID + SQL)
    cells = []
    async with database.reading() as tx:
        for table in tables.metadata.sorted_tables:
            cells += [cell for row in await tx.rows(select(table)) for cell in row if cell is not None]
    stored = b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)
    assert len(stored) > 2000
    assert [word for word in PLAIN if word.encode() in stored] == []
    assert "学校S-a".encode() in stored  # a home's name is no secret: the search itself works


async def test_no_file_of_the_database_holds_a_plain_word(sqlite_url: str, vault: Vault) -> None:
    database = open_database(sqlite_url, vault)
    async with database.transaction() as tx:
        await fill(tx, await settle(tx), SAID + SQL)
    assert database.file is not None
    files = sorted(database.file.parent.glob(database.file.name + "*"))
    assert [path.name.removeprefix(database.file.name) for path in files] == ["", "-shm", "-wal"]
    stored = b"".join(map(Path.read_bytes, files))
    await database.close()
    assert "学校S-a".encode() in stored
    assert [word for word in PLAIN if word.encode() in stored] == []


async def test_t51_sql_in_every_text_is_literal(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        record_id = await fill(tx, district, SQL)
        await audit.note(tx, [audit.Entry(NOW, SQL, SQL, SQL, SQL, SQL, SQL)])
    async with database.transaction() as tx:
        teacher = await district.actor(tx, "teacher_a")
        found = await records.one(tx, teacher, record_id)
        assert isinstance(found.body, Talk)
        assert (found.body.said, found.body.place) == (SQL, SQL)
        (due,) = await outbox.due(tx, NOW, 9)
        assert due.body == {"text": {"t": SQL, "r": 1}}
        assert (await conversations.by_ids(tx, ["c", SQL]))["c"].body == {"said": SQL}
        assert (await updates.kept(tx))[0].body == SQL.encode()
        assert (await invitations.waiting(tx))[0].used_by_name == "Wang the caller" + SQL
        assert (await audit.latest(tx, 1))[0].actor_id == SQL[:32]
        assert SQL in {person.name for person in await people.find_by_phone(tx, PHONE)}
        assert await people.find_by_phone(tx, SQL) == []
        assert await people.person(tx, SQL) is None
        assert await outbox.cancel_about(tx, SQL) == 0
        assert await children.find_code(tx, teacher, Action.SEE_CHILD, SQL) is None
        assert await children.of_home(tx, teacher, Action.SEE_CHILD, SQL) == []
        assert len(await children.children(tx, teacher, Action.SEE_CHILD)) == 2
