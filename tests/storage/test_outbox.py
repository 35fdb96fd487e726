"""What is to be said: in order, once, most urgent first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from storage import cards, outbox, people
from storage.cards import NewCard
from storage.database import Database, Tx
from storage.outbox import Queued, Result
from tests.storage.district import CHATS, NOW, District

MINUTE = timedelta(minutes=1)


def message(key: str, chat: int = 1, priority: int = 0, verb: str = "send", **more: Any) -> Queued:
    return Queued(key, chat, verb, priority, {"text": {"t": key}}, NOW)._replace(**more)


async def keys(tx: Tx, limit: int = 99, now: Any = NOW, busy: tuple[int, ...] = ()) -> list[str]:
    return [due.key for due in await outbox.due(tx, now, limit, busy)]


async def test_a_key_is_queued_once(database: Database) -> None:
    async with database.transaction() as tx:
        await outbox.put(tx, [message("a"), message("a"), message("b")])
        await outbox.put(tx, [message("a", chat=2)])
        await outbox.put(tx, [])
        assert await keys(tx) == ["a", "b"]
        first = (await outbox.due(tx, NOW, 1))[0]
        assert (first.body, first.message_id, first.language, first.reachable) == ({"text": {"t": "a"}}, None, "", True)


async def test_the_most_urgent_first_and_each_chat_in_order(database: Database) -> None:
    async with database.transaction() as tx:
        await outbox.put(
            tx,
            [
                message("news1", 1, 3),
                message("news2", 2, 3),
                message("nudge3", 3, 2),
                message("news1b", 1, 3),
                message("answer1", 1, 0),
                message("urgent2", 2, 1),
            ],
        )
        assert await keys(tx) == ["news1", "news1b", "answer1", "news2", "urgent2", "nudge3"]
        assert await keys(tx, 2) == ["news1", "news1b"]
        assert await keys(tx, busy=(1, 3)) == ["news2", "urgent2"]
        assert await keys(tx, busy=(1, 2, 3)) == []


async def test_chats_that_wait_for_more_than_what_is_in_hand(database: Database) -> None:
    async with database.transaction() as tx:
        gone, later = {"expires_at": NOW}, {"not_before": NOW + MINUTE}
        await outbox.put(tx, [message("1a", 1), message("2a", 2), message("2b", 2), message("3a", 3, **gone)])
        await outbox.put(tx, [message("4a", 4, **later), message("5a", 5)])
        assert await outbox.beyond(tx, NOW, (1, 2, 3, 4), ("1a", "2a")) == [2]
        assert await outbox.beyond(tx, NOW, (1,), ()) == [1]
        assert await outbox.beyond(tx, NOW, (), ("1a",)) == []
        await outbox.mark(tx, [Result("2b", "sent")], NOW)
        assert await outbox.beyond(tx, NOW, (1, 2, 3, 4), ("1a", "2a")) == []


async def test_of_thousands_that_wait_for_one_chat_the_first_are_read(database: Database) -> None:
    async with database.transaction() as tx:
        await outbox.put(tx, [message(f"{n}") for n in range(2000)] + [message("other", 2)])
        assert await keys(tx, 5000) == [*map(str, range(outbox.LINE)), "other"]
        await outbox.mark(tx, [Result(f"{n}", "sent") for n in range(30)], NOW)
        assert (await keys(tx, 5000))[:2] == ["30", "31"]


async def test_what_is_not_due_yet_waits_without_holding_up_the_chat(database: Database) -> None:
    async with database.transaction() as tx:
        await outbox.put(
            tx, [message("morning", not_before=NOW + MINUTE), message("now"), message("brief", expires_at=NOW + MINUTE)]
        )
        assert await keys(tx) == ["now", "brief"]
        assert await keys(tx, now=NOW + MINUTE) == ["morning", "now"]
        assert await outbox.expire(tx, NOW + MINUTE) == 1
        assert await outbox.depth(tx) == 2


async def test_what_is_tried_again_holds_up_its_chat_alone(database: Database) -> None:
    async with database.transaction() as tx:
        await outbox.put(tx, [message("first"), message("second"), message("elsewhere", 2)])
        (first, *_) = await outbox.due(tx, NOW, 1)
        await outbox.mark(tx, [Result(first.key, "queued", error="429", attempts=1, not_before=NOW + MINUTE)], NOW)
        assert await keys(tx) == ["elsewhere"]
        assert await keys(tx, now=NOW + MINUTE) == ["first", "second", "elsewhere"]
        assert (await outbox.due(tx, NOW + MINUTE, 1))[0].attempts == 1


async def test_of_a_cards_edits_only_the_last_is_sent(database: Database) -> None:
    edit = {"verb": "edit", "card_id": "card"}
    async with database.transaction() as tx:
        await cards.add(tx, [NewCard("card", 1, "question", NOW)])
        await outbox.put(tx, [message("e1", **edit), message("other"), message("e2", **edit), message("e3", **edit)])
        assert await keys(tx) == ["other", "e3"]
        await outbox.put(tx, [message("e2", **edit)])
        await outbox.put(tx, [message("e3", **edit)])
        assert await keys(tx) == ["other", "e3"]
        await outbox.put(tx, [message("again", card_id="card")])
        assert await keys(tx) == ["other", "again"]
        await outbox.put(tx, [message("strip", verb="strip", card_id="card"), message("e4", **edit)])
        assert await keys(tx) == ["other", "again", "strip", "e4"]


async def test_a_card_learns_its_number_when_it_is_sent(database: Database) -> None:
    async with database.transaction() as tx:
        await cards.add(tx, [NewCard("card", 1, "question", NOW), NewCard("more", 1, "question", NOW)])
        await outbox.put(tx, [message("s", card_id="card"), message("x", verb="strip", card_id="more")])
        sent = await outbox.due(tx, NOW, 9)
        await outbox.mark(tx, [Result(due.key, "sent", message_id=40 + n) for n, due in enumerate(sent)], NOW)
        assert await cards.message_ids(tx, ["card", "more"]) == {"card": 40}
        assert await cards.of_message(tx, 1, 40) == "card"
        assert await cards.of_message(tx, 2, 40) is None
        await outbox.put(tx, [message("e", verb="edit", card_id="card")])
        (edit,) = await outbox.due(tx, NOW, 9)
        assert edit.message_id == 40
        await cards.lost(tx, "card")
        assert (await outbox.due(tx, NOW, 9))[0].message_id is None
        await cards.sent(tx, "card", 50)
        assert await cards.message_ids(tx, ["card"]) == {"card": 50}


async def test_the_newest_board_of_each_chat(database: Database) -> None:
    async with database.transaction() as tx:
        made = [
            ("a", 1, "board", 0),
            ("b", 1, "board", 1),
            ("c", 2, "board", 2),
            ("d", 2, "other", 3),
            ("e", 3, "board", -9),
        ]
        await cards.add(tx, [NewCard(id, chat, kind, NOW + n * MINUTE) for id, chat, kind, n in made])
        await cards.add(tx, [NewCard("a", 9, "board", NOW)])
        assert await cards.latest(tx, "board", NOW) == [("b", 1), ("c", 2)]


async def test_what_is_done_with_is_blanked_listed_and_forgotten(database: Database) -> None:
    async with database.transaction() as tx:
        await outbox.put(tx, [message("ok"), message("bad", 2), message("gone", 3)])
        ok, bad, gone = await outbox.due(tx, NOW, 9)
        await outbox.mark(
            tx, [Result(ok.key, "sent", 5), Result(bad.key, "failed", error="403 " + "x" * 500, attempts=3)], NOW
        )
        await outbox.mark(tx, [], NOW)
        (dead,) = await outbox.dead(tx)
        assert (dead.key, dead.attempts, dead.error[:4]) == ("bad", 3, "403 ")
        assert await outbox.cancel_about(tx, "nothing") == 0
        assert await outbox.depth(tx) == 1
        await outbox.mark(tx, [Result(ok.key, "queued")], NOW)  # what was sent is not sent again
        assert await keys(tx) == ["gone"]
        assert await outbox.forget(tx, NOW + MINUTE) == 2
        assert await keys(tx) == [gone.key]


async def test_after_a_crash_texts_are_sent_again_and_media_not(database: Database) -> None:
    async with database.transaction() as tx:
        photo = {"media": {"kind": "photo", "file_id": "f"}}
        await outbox.put(tx, [message("text"), message("photo", body=photo), message("later")])
        text, picture, _ = await outbox.due(tx, NOW, 9)
        await outbox.claim(tx, [text.id, picture.id])
        assert await keys(tx) == ["later"]
        assert await outbox.recover(tx) == [picture.id]
        assert await keys(tx) == ["text", "later"]
        assert [dead.state for dead in await outbox.dead(tx)] == ["unknown"]
        assert await outbox.recover(tx) == []


async def test_what_is_cancelled_in_flight_stays_cancelled_unless_it_went_out(database: Database) -> None:
    async with database.transaction() as tx:
        await outbox.put(tx, [message("a", about="duty:1"), message("b", about="duty:1"), message("c")])
        a, b, _ = await outbox.due(tx, NOW, 9)
        assert await outbox.cancel_about(tx, "duty:1") == 2
        await outbox.mark(tx, [Result(a.key, "queued", attempts=1), Result(b.key, "sent", 7)], NOW)
        assert await keys(tx) == ["c"]


async def test_a_message_is_said_in_the_persons_language_of_the_moment(database: Database, district: District) -> None:
    async with database.transaction() as tx:
        person = district.people["guardian"]
        await outbox.put(tx, [message("a", CHATS["guardian"], person_id=person)])
        await people.set_language(tx, person, "en")
        await people.unreachable(tx, CHATS["guardian"], NOW)
        (due,) = await outbox.due(tx, NOW, 9)
        assert (due.language, due.reachable) == ("en", False)
        assert await outbox.cancel_person(tx, person) == 0
        assert await outbox.cancel_person(tx, person, replies_too=True) == 1


async def test_a_fan_out_to_many_is_one_statement_away(database: Database) -> None:
    async with database.transaction() as tx:
        await outbox.put(tx, [message(f"n{n}", chat=n, priority=3) for n in range(2000)])
        await outbox.put(tx, [message("answer", chat=1999)])
        assert await outbox.depth(tx) == 2001
        assert (await keys(tx, 3)) == ["n1999", "answer", "n0"]
