"""The demo's page in a real browser, against the demo's own server; a few raw calls stand in for the bot."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.demo.clock import Clock
from bot.demo.places import Phone
from bot.demo.server import serve
from bot.demo.world import World
from tests.browser.pages import Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TOKEN = "4242:stand-in"
DISTRICT = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)  # 09:00 in the district
MOTHER, TEACHER, GUARDIAN, COORDINATOR, STRANGER = 11, 12, 13, 14, 15
PHONES = (
    (MOTHER, "周桂芳", "volunteer"),
    (TEACHER, "陈老师", "teacher"),
    (GUARDIAN, "李奶奶", "guardian"),
    (COORDINATOR, "吴敏", "coordinator"),
    (STRANGER, "何红", "stranger"),
)
LINK = "https://t.me/bridge_bot?start=abc-123"


class Bot:
    """Calls the Bot API as a bot's program does."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def call(self, method: str, **params: Any) -> Any:
        async with self.session.post(f"{self.url}/bot{TOKEN}/{method}", json=params) as response:
            answer = await response.json()
        assert answer["ok"], answer
        return answer["result"]

    async def send(self, to: int, text: str, *rows: list[tuple[str, str]]) -> int:
        """`rows` of (label, data or address)."""
        keyboard = [[_button(*button) for button in row] for row in rows]
        markup = {"reply_markup": {"inline_keyboard": keyboard}} if rows else {}
        sent = await self.call("sendMessage", chat_id=to, text=text, parse_mode="HTML", **markup)
        return int(sent["message_id"])

    async def next(self, kind: str) -> dict[str, Any]:
        """The next update, which must be of this kind."""
        for _ in range(20):
            updates = await self.call("getUpdates", timeout=1, limit=1)
            if updates:
                await self.call("getUpdates", offset=updates[0]["update_id"] + 1, timeout=0, limit=1)
                assert kind in updates[0]
                return dict(updates[0][kind])
        raise AssertionError(f"no {kind} came")


def _button(label: str, data: str) -> dict[str, str]:
    return {"text": label, "url" if data.startswith("https:") else "callback_data": data}


class Stage:
    def __init__(self, browser: Browser, url: str, world: World, bot: Bot) -> None:
        self.browser = browser
        self.url = url
        self.world = world
        self.bot = bot

    async def open(self, **how: Any) -> Page:
        return await Page.open(self.browser, self.url, **how)

    async def begin(self, *users: int) -> None:
        """These people open the chat; the bot has taken note."""
        for user in users:
            self.world.start(user)
            await self.bot.next("message")


@pytest_asyncio.fixture(loop_scope="session")
async def stage(browser: Browser) -> AsyncIterator[Stage]:
    clock = Clock(MORNING)
    world = World(TOKEN, "心桥", "bridge_bot", clock.now, phones=[Phone(*who) for who in PHONES])
    async with serve(world) as url, aiohttp.ClientSession() as session:
        yield Stage(browser, url, world, Bot(session, url))


async def test_a_conversation_by_text_taps_and_commands(stage: Stage) -> None:
    bot = stage.bot
    await bot.call("setMyCommands", commands=[{"command": "visit", "description": "记一次探望"}])
    async with await stage.open() as page:
        assert await page.shown() == [MOTHER, TEACHER, GUARDIAN, COORDINATOR]
        await page.start("volunteer")
        assert (await bot.next("message"))["text"] == "/start"
        await page.say("volunteer", "<b>不是粗体</b> & 你好")
        assert (await bot.next("message"))["text"] == "<b>不是粗体</b> & 你好"
        await page.wait_for("volunteer", "<b>不是粗体</b> & 你好")

        card = await bot.send(
            MOTHER, "<b>小禾</b>怎么样？", [("很好", "mood:5"), ("一般", "mood:3")], [("跳过", "skip")]
        )
        bubble = await page.wait_for("volunteer", "怎么样")
        assert await bubble.locator("b").text_content() == "小禾"
        assert await page.buttons("volunteer") == [["很好", "一般"], ["跳过"]]
        await page.tap("volunteer", "很好")
        tapped = await bot.next("callback_query")
        assert (tapped["data"], tapped["message"]["message_id"]) == ("mood:5", card)
        await expect(bubble.locator("[aria-busy=true]")).to_have_count(1)
        await bot.call("answerCallbackQuery", callback_query_id=tapped["id"], text="收到了")
        await expect(bubble.locator("[aria-busy=true]")).to_have_count(0)
        assert await page.toast("volunteer") == "收到了"

        await bot.call("editMessageText", chat_id=MOTHER, message_id=card, text="记好了。试试 /help")
        await page.wait_for("volunteer", "记好了")
        assert await page.buttons("volunteer") == []
        await page.phone("volunteer").locator("[data-say='/help']").last.click()
        assert (await bot.next("message"))["text"] == "/help"
        await page.command("volunteer", "visit")
        assert (await bot.next("message"))["text"] == "/visit"
        await bot.call("deleteMessage", chat_id=MOTHER, message_id=card)
        await page.wait_gone("volunteer", "记好了")
        assert page.complaints == []


async def test_photos_voice_reply_edit_and_contact(stage: Stage) -> None:
    bot = stage.bot
    await stage.begin(TEACHER)
    await bot.send(TEACHER, "今天的活动叫什么？")
    async with await stage.open() as page:
        await page.reply("teacher", "叫什么", "包粽子")
        replied = await bot.next("message")
        assert (replied["text"], replied["reply_to_message"]["text"]) == ("包粽子", "今天的活动叫什么？")
        await page.wait_for("teacher", "包粽子")
        await page.edit("teacher", "包粽子", "一起包粽子")
        assert (await bot.next("edited_message"))["text"] == "一起包粽子"
        assert "已修改" in (await (await page.wait_for("teacher", "一起包粽子")).inner_text())

        await page.attach("teacher", "sample_photo")
        await page.sample_photo("teacher", caption="两张")
        first, second = await bot.next("message"), await bot.next("message")
        assert first["caption"] == "两张"
        assert first["media_group_id"] == second["media_group_id"]
        album = await page.wait_for("teacher", "两张")
        await expect(album.locator(".gallery img")).to_have_count(2)
        await page.voice("teacher")
        assert (await bot.next("message"))["voice"]["duration"] == 2
        await expect(page.phone("teacher").locator(".voice .length")).to_have_text("0:02")
        await page.contact("teacher")
        assert (await bot.next("message"))["contact"]["user_id"] == TEACHER
        assert page.complaints == []


async def test_an_invitation_link_opens_on_another_phone(stage: Stage) -> None:
    await stage.begin(COORDINATOR)
    await stage.bot.send(COORDINATOR, f"请转给何红：{LINK}", [("打开", LINK)])
    async with await stage.open(lang="en") as page:
        await page.wait_for("coordinator", "请转给")
        await page.follow("coordinator", STRANGER)
        begun = await stage.bot.next("message")
        assert (begun["from"]["id"], begun["text"]) == (STRANGER, "/start abc-123")
        assert STRANGER in await page.shown()
        await page.tap("coordinator", "打开")
        await page.choose("guardian")
        assert (await stage.bot.next("message"))["from"]["id"] == GUARDIAN
        assert page.complaints == []


async def test_a_small_screen_shows_one_phone_in_the_language_asked_for(stage: Stage) -> None:
    await stage.begin(MOTHER, COORDINATOR)
    async with await stage.open(width=390, height=844, lang="en", phone=COORDINATOR) as page:
        assert await page.shown() == [COORDINATOR]
        assert await page.tab.title() == "Xinqiao · demo"
        assert "Coordinator" in await page.phone(COORDINATOR).inner_text()
        await stage.bot.send(MOTHER, "今天去看小禾了吗？")
        await page.wait_for(MOTHER, "今天去看小禾了吗")
        assert await page.unread(MOTHER) == 1
        await page.show(MOTHER)
        assert (await page.shown(), await page.unread(MOTHER)) == ([MOTHER], 0)
        await page.page_language("zh")
        assert await page.tab.title() == "心桥 · 演示"
        assert "爱心妈妈" in await page.phone(MOTHER).inner_text()
        assert await page.tab.evaluate("document.documentElement.scrollWidth") == 390
        assert page.complaints == []


async def test_the_clock_language_and_block_of_a_phone(stage: Stage) -> None:
    await stage.begin(GUARDIAN)
    async with await stage.open() as page:
        before = await page.now()
        await page.turn("day")
        assert timedelta(hours=23, minutes=59) < await page.now() - before < timedelta(hours=24, minutes=1)
        await page.turn("morning")
        assert (await page.now()).replace(second=0, microsecond=0) == MORNING + timedelta(days=2)
        await page.turn(datetime(2026, 6, 1, 18, 30, tzinfo=DISTRICT))
        assert (await page.now()).replace(second=0, microsecond=0) == datetime(2026, 6, 1, 10, 30, tzinfo=UTC)

        await page.language("guardian", "en")
        assert stage.world.phones[GUARDIAN].language_code == "en"
        await expect(page.phone("guardian").locator("[data-input]")).to_have_attribute("placeholder", "Message…")
        await page.block("guardian")
        assert stage.world.phones[GUARDIAN].blocked
        assert (await stage.bot.next("my_chat_member"))["new_chat_member"]["status"] == "kicked"
        await page.block("guardian", False)
        assert not stage.world.phones[GUARDIAN].blocked
        assert page.complaints == []


async def test_both_languages_have_every_word_and_its_placeholders(stage: Stage) -> None:
    async with await stage.open() as page:
        words = await page.tab.evaluate("import('/static/i18n.js').then((module) => module.WORDS)")
    assert words["zh"].keys() == words["en"].keys()
    assert all(value.strip() for language in words.values() for value in language.values())
    for key, text in words["zh"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", words["en"][key])), key
