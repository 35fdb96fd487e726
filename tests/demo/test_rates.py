"""How much may be sent, against Telegram's own numbers and not our constants."""

import pytest

from bot.demo.rates import Throttle
from bot.demo.world import World
from tests.demo.conftest import LI, WANG, Api

GROUP = -5


class Watch:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def throttle(watch: Watch) -> Throttle:
    return Throttle(moment=watch)


def passed(throttle: Throttle, watch: Watch, times: list[float], chat: int | None = None) -> list[int]:
    """What each call at these seconds heard: 0 or retry_after; to one chat, or each to another."""
    heard = []
    for number, second in enumerate(times):
        watch.at = 1000.0 + second
        heard.append(throttle.admit("sendMessage", chat if chat is not None else number + 1))
    return heard


def test_30_a_second_over_all_chats(throttle: Throttle, watch: Watch) -> None:
    at_once = passed(throttle, watch, [0.0] * 31)
    assert at_once == [0] * 30 + [1]
    watch.at += 0.9  # 20 ms of jitter are forgiven
    assert throttle.admit("sendMessage", 77) == 1
    watch.at += 0.1
    assert [throttle.admit("sendMessage", 100 + n) for n in range(31)] == [0] * 30 + [1]


def test_a_burst_on_top_of_the_rate_is_noticed(throttle: Throttle, watch: Watch) -> None:
    """59 in the first second is what a limiter with a bucket of 30 lets through."""
    times = [0.0] * 30 + [n / 30 for n in range(1, 30)]
    assert sum(heard == 0 for heard in passed(throttle, watch, times)) == 30


def test_an_even_flow_of_30_passes(throttle: Throttle, watch: Watch) -> None:
    assert set(passed(throttle, watch, [n / 30 for n in range(300)])) == {0}


def test_one_a_second_in_a_chat_after_a_burst_of_five(throttle: Throttle, watch: Watch) -> None:
    assert passed(throttle, watch, [0, 0, 0, 0, 0, 0, 0.5, 1.0, 1.1, 2.0, 3.0], LI) == [0] * 5 + [1, 1, 0, 1, 0, 0]
    assert throttle.admit("sendMessage", WANG) == 0


def test_20_a_minute_in_a_group(throttle: Throttle, watch: Watch) -> None:
    heard = passed(throttle, watch, [n * 1.5 for n in range(21)], GROUP)
    assert heard == [0] * 20 + [30]
    watch.at = 1060.0
    assert throttle.admit("sendMessage", GROUP) == 0


def test_an_album_counts_as_what_it_holds(throttle: Throttle, watch: Watch) -> None:
    assert throttle.admit("sendMediaGroup", 1, 5) == 0
    assert throttle.admit("sendMessage", 1) == 1
    assert [throttle.admit("sendMediaGroup", n, 5) for n in range(2, 8)] == [0] * 5 + [1]


@pytest.mark.parametrize("method", ["answerCallbackQuery", "deleteMessage", "getUpdates", "sendChatAction", "getMe"])
def test_what_is_no_message_is_not_counted(throttle: Throttle, method: str) -> None:
    assert {throttle.admit(method, LI) for _ in range(100)} == {0}


def test_scaled_seconds_are_shorter_but_said_in_whole_ones(watch: Watch) -> None:
    throttle = Throttle(10, watch)
    assert passed(throttle, watch, [0.0] * 31) == [0] * 30 + [1]
    assert passed(throttle, watch, [0.1] * 30) == [0] * 30


async def test_the_server_says_it_in_telegrams_words(api: Api, world: World) -> None:
    world.throttle = Throttle()
    for _ in range(5):
        await api.ok("sendMessage", chat_id=LI, text="t")
    answer = await api.answer("sendMessage", chat_id=LI, text="t")
    assert answer == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    assert world.ledger[-1].outcome == "429 Too Many Requests: retry after 1"
    assert len(world.chats[LI].posts) == 5
    assert await api.ok("deleteMessage", chat_id=LI, message_id=1)
    world.throttle = None
    assert await api.ok("sendMessage", chat_id=LI, text="t")
