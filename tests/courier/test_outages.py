"""The way to Telegram is cut: for a second, a minute, half an hour, more than a day."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.demo import faults
from bot.demo.errors import Refused, conflict
from bot.outage import GAP, MISSED_TAP
from bot.telegram.bot import TokenRefused
from storage.hold import DistrictBusy
from storage.outbox import dead
from tests.faults.seen import COORDINATOR, in_words, own
from tests.stage import Chat, Stage, words_of

UNKNOWN = faults.says(Refused(404, "Not Found"))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


def polls(stage: Stage) -> int:
    return sum(entry.name == "getUpdates" for entry in stage.world.ledger)


async def failed_polls(stage: Stage, count: int = 2) -> None:
    """The long poll that was open when the network went is cut too."""
    stage.world.updates._wake()
    before = polls(stage)
    await until(lambda: polls(stage) >= before + count)


async def outage(stage: Stage, fault: faults.Fault, **lasting: float) -> None:
    """Nothing goes either way; meanwhile the clock runs."""
    stage.world.faults.last(fault)
    await failed_polls(stage)
    stage.clock.forward(stage.clock.now() + timedelta(**lasting))
    await failed_polls(stage)


async def back(stage: Stage) -> None:
    stage.world.faults.clear()
    await until(stage.app.intake.caught_up.is_set)
    for _ in range(3):
        stage.clock.forward(stage.clock.now() + timedelta(seconds=61))
        await stage.settle()


def missed(stage: Stage, chat: Chat) -> int:
    sorry = in_words(stage, MISSED_TAP, chat)
    return sum(words_of(bubble) == sorry for bubble in chat.bubbles)


@pytest.mark.parametrize(
    ("lasting", "asked_again"), [({"seconds": 1}, 0), ({"minutes": 1}, 0), ({"minutes": 30}, 1), ({"hours": 25}, 1)]
)
@pytest.mark.parametrize("fault", [faults.reset(), faults.page(502)], ids=lambda fault: fault.name)
async def test_t19_the_network_is_cut(
    district: Stage, mother: Chat, coordinator: Chat, fault: faults.Fault, lasting: dict[str, float], asked_again: int
) -> None:
    before = len(await own(district, mother))
    await mother.say("/visit")
    await coordinator.say("/help")
    heard = len(mother.bubbles)
    await outage(district, fault, **lasting)
    district.world.tap(mother.user, *key(mother, "🏠"))
    district.clock.forward(district.clock.now() + timedelta(seconds=160))  # the tap is gone by then
    await failed_polls(district)
    await back(district)
    assert missed(district, mother) == 1 if asked_again else missed(district, mother) <= 1
    assert missed(district, district.chat("teacher")) == 0
    assert len(mother.bubbles) > heard
    await mother.say("家访")
    await mother.say("开心")
    await mother.tap("保存")
    assert len(await own(district, mother)) == before + 1
    gaps = [bubble for bubble in coordinator.bubbles if "收不到大家的消息" in words_of(bubble)]
    assert len(gaps) == (1 if "hours" in lasting else 0)


def key(chat: Chat, label: str) -> tuple[int, str]:
    post, button = chat.find(label)
    return post.message_id, button["callback_data"]


async def test_t19_a_short_cut_asks_nobody_again(district: Stage, mother: Chat) -> None:
    await mother.say("/visit")
    await outage(district, faults.reset(), seconds=60)
    district.world.tap(mother.user, *key(mother, "🏠"))
    await back(district)
    assert missed(district, mother) == 0
    assert any("|mood|" in data for data in mother.data)


async def test_t19_who_answered_meanwhile_is_not_asked_again(district: Stage, mother: Chat) -> None:
    await mother.say("/visit")
    await outage(district, faults.reset(), minutes=30)
    district.world.say(mother.user, "家访")
    await back(district)
    assert missed(district, mother) == 0
    assert any("|mood|" in data for data in mother.data)


async def test_t19_a_stop_of_half_an_hour_is_an_outage_too_and_a_stop_of_a_minute_is_none(
    district: Stage, mother: Chat
) -> None:
    await mother.say("/visit")
    for minutes, asked in ((1, 0), (30, 1), (1, 1)):
        await district.down()
        district.clock.forward(district.clock.now() + timedelta(minutes=minutes))
        await district.up()
        await until(district.app.intake.caught_up.is_set)
        await district.settle()
        assert missed(district, mother) == asked


async def test_t19_at_night_the_question_waits_for_the_morning(district: Stage, mother: Chat) -> None:
    district.clock.forward(district.clock.now() + timedelta(hours=9, minutes=15))  # 21:15
    await mother.say("/visit")
    await outage(district, faults.reset(), minutes=40)
    await back(district)
    assert missed(district, mother) == 0
    district.clock.forward(district.clock.now() + timedelta(hours=10))
    district.world.say(COORDINATOR, "/help")
    await district.settle()
    await until(lambda: missed(district, mother) == 1)


async def test_t19_what_was_to_be_said_is_said_in_order_afterwards(district: Stage, mother: Chat) -> None:
    """A single chat has nobody beside it by whom it could know that it is not its message: then polling tells."""
    district.world.faults.last(faults.reset(), method="send*")
    for word in ("/help", "/mine", "/visit"):
        district.world.say(mother.user, word)
    await until(lambda: not len(district.world.updates))
    await outage(district, faults.reset(), minutes=1)
    for _ in range(40):
        district.clock.forward(district.clock.now() + timedelta(minutes=5))
        district.app.courier.wake()
        await asyncio.sleep(0.01)
    await back(district)
    for _ in range(4):
        district.clock.forward(district.clock.now() + timedelta(minutes=6))
        await district.settle()
    assert any("|how|" in data for data in mother.data)
    async with district.database.reading() as tx:
        assert await dead(tx) == []


async def test_t17_an_unknown_token_once_is_a_slip(district: Stage, mother: Chat) -> None:
    for _ in range(3):
        district.world.faults.add(UNKNOWN, faults.says(Refused(401, "Unauthorized")), method="getUpdates")
        await mother.say("/help")
    assert not district._running.done()


async def test_t17_an_unknown_token_for_ever_ends_the_process_with_a_clear_error(district: Stage) -> None:
    district.world.faults.last(UNKNOWN, method="getUpdates")
    district.world.updates._wake()
    with pytest.raises(TokenRefused, match="does not know this BOT_TOKEN"):
        await asyncio.wait_for(asyncio.shield(district._running), 10)
    district.world.faults.clear()
    await district._stack.aclose()
    await district.up()


async def test_t18_the_holder_of_the_district_goes_on_and_a_second_one_ends(district: Stage, mother: Chat) -> None:
    second = Stage(district.world, district.clock, district.settings)
    with pytest.raises(DistrictBusy):
        await second.up()
    await second._stack.aclose()
    busy = conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
    district.world.faults.add(faults.says(busy), faults.says(busy), method="getUpdates")
    heard = len(mother.bubbles)
    await mother.say("/help")
    await mother.say("/help")
    assert len(mother.bubbles) == heard + 2


def test_what_is_told_of_a_gap_says_from_when_to_when() -> None:
    assert all(f"{{{name}}}" in GAP.msgid for name in ("since", "until", "lost"))
