"""Drafts: kept, found, reminded of, forgotten."""

from __future__ import annotations

from datetime import timedelta

from storage import cards, conversations, people
from storage.cards import NewCard
from storage.conversations import Conversation
from storage.database import Database
from tests.storage.district import CHATS, NOW, District

DAY = timedelta(days=1)


def draft(district: District, id: str, days: float = 0, name: str = "teacher_a", state: str = "open") -> Conversation:
    body = {"said": f"'); DROP TABLE x; -- {id}", "n": [1, None, "\ud83d"]}
    touched = NOW - days * DAY
    return Conversation(id, district.people[name], CHATS[name], "talk", 1, state, touched, touched, body)


async def test_open_ones_by_chat_the_last_touched_last(database: Database, district: District) -> None:
    ones = [draft(district, "new"), draft(district, "old", 2), draft(district, "over", 1, state="saved")]
    elsewhere = draft(district, "b", 1, "teacher_b")
    async with database.transaction() as tx:
        await conversations.save(tx, [*ones, elsewhere])
        await conversations.save(tx, [])
        found = await conversations.of_chats(tx, [CHATS["teacher_a"], CHATS["teacher_b"], 5])
        assert found == {CHATS["teacher_a"]: [ones[1], ones[0]], CHATS["teacher_b"]: [elsewhere]}
        assert await conversations.of_chats(tx, []) == {}
        assert await conversations.by_ids(tx, ["over", "unknown"]) == {"over": ones[2]}


async def test_saving_again_changes(database: Database, district: District) -> None:
    one = draft(district, "one")
    async with database.transaction() as tx:
        await conversations.save(tx, [one])
        changed = one._replace(state="saved", body={}, record_id="r", touched_at=NOW + DAY, version=2)
        await conversations.save(tx, [one._replace(body={"a": 1}), changed])
        assert await conversations.by_ids(tx, ["one"]) == {"one": changed}


async def test_a_reply_to_a_card_finds_its_conversation(database: Database, district: District) -> None:
    chat = CHATS["teacher_a"]
    async with database.transaction() as tx:
        await cards.add(tx, [NewCard("card", chat, "question", NOW)])
        await cards.sent(tx, "card", 77)
        await conversations.save(tx, [draft(district, "one")._replace(card_id="card")])
        assert await conversations.by_card_message(tx, chat, 77) == "one"
        assert await conversations.by_card_message(tx, chat, 78) is None
        assert await conversations.by_card_message(tx, CHATS["teacher_b"], 77) is None


async def test_drafts_are_reminded_of_offered_and_end(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        ages = {"fresh": 0.5, "day": 1.5, "week": 8}
        await conversations.save(tx, [draft(district, id, days) for id, days in ages.items()])
        await conversations.save(tx, [draft(district, "saved", 9, state="saved")])
        await conversations.mark_reminded(tx, ["week"], NOW)
        stale = await conversations.stale(tx, untouched_before=NOW - DAY)
        assert [one.id for one in stale] == ["week", "day"]
        stale = await conversations.stale(tx, untouched_before=NOW - DAY, reminded=False, offered=False)
        assert [one.id for one in stale] == ["day"]
        await conversations.mark_offered(tx, ["week"], NOW)
        (offered,) = await conversations.stale(tx, untouched_before=NOW, reminded=True, offered=True)
        assert (offered.reminded_at, offered.offered_at) == (NOW, NOW)
        assert await conversations.expire(tx, NOW - 7 * DAY) == 1
        found = await conversations.by_ids(tx, [*ages, "saved"])
        assert {id: (one.state, bool(one.body)) for id, one in found.items()} == {
            "fresh": ("open", True),
            "day": ("open", True),
            "week": ("expired", False),
            "saved": ("saved", False),
        }


async def test_who_takes_over_a_chat_does_not_get_the_drafts_in_it(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        await conversations.save(tx, [draft(district, "one")])
        await people.link_chat(tx, district.people["newcomer"], CHATS["teacher_a"], "en", NOW)
        assert await conversations.of_chats(tx, [CHATS["teacher_a"]]) == {}
        assert (await conversations.by_ids(tx, ["one"]))["one"].body == {}
