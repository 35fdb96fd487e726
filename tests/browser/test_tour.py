"""A tour of the whole demo in a real browser, as its people take it: every conversation, role and language, on a wide
screen and on a small one. The screenshots stay in the folder that XINQIAO_SCREENSHOTS names, to be looked at;
XINQIAO_SCALE=2 makes them sharp enough for docs/screenshots."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, expect

from care.records.activity import Activity
from care.records.contact_entry import ContactEntry
from care.records.talk import Talk
from storage import people, records
from tests.browser.pages import Page
from tests.flows.families import LONG, QUARTER
from tests.stage import NOON, PATIENCE, Stage, keyboard_of, words_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
]

MOTHER, TEACHER, GUARDIAN, COORDINATOR, MOTHER_OF_THREE, LEAD, STRANGER = range(730001, 730008)
CHILD, MOTHERS_NAME, TEACHERS_NAME = "小禾", "苗春禾", "林小雨"
EVERYBODY = (MOTHER, TEACHER, GUARDIAN, COORDINATOR, MOTHER_OF_THREE, LEAD)

SAYS = {
    "zh": {
        "note": "陪她写完了作业，奶奶留我吃了晚饭。院子里的月季开了，是她自己浇的。",
        "guardian": "小禾这两天有点咳嗽，晚上睡得不太好。",
        "thanks": "谢谢老师！她今天自己叠的被子。",
        "worry": "奶奶病倒了，今晚没人做饭。",
        "said": "说了数学，也说了想妈妈。",
        "name": "一起去看家乡的秋天",
        "caption": "山坡那边是我们的学校",
        "newcomer": "何小满",
    },
    "en": {
        "note": "Sat with her over homework; Grandma kept me for supper. The roses are out: she waters them herself.",
        "guardian": "Xiaohe has been coughing for two days and sleeps badly.",
        "thanks": "Thank you! Today she made her own bed.",
        "worry": "Grandma fell ill; nobody cooks tonight.",
        "said": "We spoke about numbers, and about missing Mum.",
        "name": "Autumn on our hills",
        "caption": "Our school is behind the slope",
        "newcomer": "He Xiaoman",
    },
}
"""What people type."""


@dataclass
class Tour:
    """`since` holds, by phone, the message after which the bot speaks the tour's language there."""

    stage: Stage
    browser: Browser
    lang: str
    folder: Path | None
    page: Page = field(init=False)
    since: dict[int, int] = field(default_factory=dict)
    opened: list[Page] = field(default_factory=list)

    async def open(self, width: int, height: int, phone: int | None = None) -> None:
        """In the place of the page that was open."""
        for before in self.opened:
            await before.close()
        url, scale = self.stage.settings.bot_api_url, float(os.environ.get("XINQIAO_SCALE") or 1)
        self.page = await Page.open(self.browser, url, width, height, self.lang, phone=phone, scale=scale)
        self.opened.append(self.page)

    async def keep(self, name: str, user: int | None = None) -> None:
        """A picture of the window, or of one phone, where somebody will look at it."""
        if self.folder:
            await self.page.tab.mouse.move(0, 0)
            await self.page.screenshot(self.folder / f"{self.lang}-{name}.png", user)

    async def take(self, user: int, *taps: str) -> None:
        """Tap buttons one after the other, each named by a piece of what it carries."""
        for wanted in taps:
            await self.sent(self.page.tap(user, self.button(user, wanted)))
            await self.hear(user)

    async def ask(self, user: int, command: str) -> None:
        """Choose from the menu."""
        await self.sent(self.page.command(user, command))
        await self.hear(user)

    async def say(self, user: int, text: str) -> None:
        await self.sent(self.page.say(user, SAYS[self.lang].get(text, text)))
        await self.hear(user)

    async def sent(self, act: Awaitable[None]) -> None:
        """Do something on the page, until the bot's server has it."""
        before = self._updates()
        await act
        async with asyncio.timeout(PATIENCE):
            while self._updates() == before:
                await asyncio.sleep(0.01)

    def _updates(self) -> int:
        return sum(entry.kind == "update" for entry in self.stage.world.ledger)

    async def hear(self, user: int) -> str:
        """Until the phone shows the bot's newest words and their buttons; the words."""
        await self.stage.settle()
        post = self.posts(user)[-1]
        bubble = self.page.phone(user).locator(f"[data-message='{post.message_id}']")
        for line in {words_of(post).splitlines()[0], words_of(post).splitlines()[-1]}:
            await expect(bubble).to_contain_text(line.strip(), timeout=PATIENCE * 1000)
        await expect(bubble.locator(".key")).to_have_count(len([key for row in keyboard_of(post) for key in row]))
        return words_of(post)

    def posts(self, user: int) -> list[Any]:
        """What the bot has said there, oldest first."""
        return [post for post in self.stage.world.chats[user].posts.values() if post.by_bot and not post.deleted]

    def button(self, user: int, wanted: str) -> str:
        """What the newest button that carries this carries in full."""
        keys = [key for post in self.posts(user) for row in keyboard_of(post) for key in row]
        return next(data for key in reversed(keys) if wanted in (data := key.get("callback_data", "")))

    async def newest(self, user: int) -> records.Saved:
        async with self.stage.database.reading() as tx:
            actor = (await people.actors(tx, [user], NOON.date()))[user]
            return (await records.mine(tx, actor, 1))[0]

    def inspect(self) -> None:
        """No script that failed, no sentence untranslated, no place left open, no English on a Chinese phone."""
        assert [page.complaints for page in self.opened] == [[] for _ in self.opened]
        assert not self.stage.app.languages.missing
        for user, since in self.since.items():
            for post in self.posts(user):
                if post.message_id > since:
                    self._read(" ".join([words_of(post), *(key["text"] for row in keyboard_of(post) for key in row)]))

    def _read(self, text: str) -> None:
        assert not re.search(r"\{\w*\}", text), text
        if self.lang == "zh":
            ours = re.sub(r"https?://\S+|/[a-z]+|#[A-Z0-9]+|English", "", text)
            assert not re.search(r"[A-Za-z]{2,}", ours), text


@asynccontextmanager
async def touring(stage: Stage, browser: Browser, lang: str) -> AsyncIterator[Tour]:
    folder = Path(named) if (named := os.environ.get("XINQIAO_SCREENSHOTS")) else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    language_code = "zh-hans" if lang == "zh" else "en"
    for user in (*EVERYBODY, STRANGER):
        stage.world.language(user, language_code)
    tour = Tour(stage, browser, lang, folder)
    try:
        yield tour
        tour.inspect()
    finally:
        for page in tour.opened:
            await page.close()


# --- the tours


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_four_phones_side_by_side(district: Stage, browser: Browser, lang: str) -> None:
    async with touring(district, browser, lang) as tour:
        await tour.open(1600, 1000)
        for user in EVERYBODY:
            await greet(tour, user)
        for user in (MOTHER, TEACHER, GUARDIAN, COORDINATOR):
            await tour.page.show(user)
        await tour.keep("01-hello")
        await tour.ask(COORDINATOR, "recent")
        await visit(tour)
        await guardian_writes(tour)
        await talk(tour)
        await activity(tour)
        await tour.keep("05-four-phones")
        await urgent(tour)
        await tour.page.show(LEAD)
        await tour.keep("06-urgent")


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_one_phone_on_a_small_screen(district: Stage, browser: Browser, lang: str) -> None:
    async with touring(district, browser, lang) as tour:
        await tour.open(390, 844, MOTHER)
        for user in (MOTHER, COORDINATOR):
            await greet(tour, user)
        await look_up(tour)
        await change_one_s_mind(tour)
        await invite(tour)
        await pair(tour)


async def greet(tour: Tour, user: int) -> None:
    """/start, and /language where the bot speaks another one there than the tour's."""
    await tour.page.show(user)
    await tour.sent(tour.page.start(user))
    await tour.hear(user)
    if (user == MOTHER_OF_THREE) == (tour.lang == "zh"):
        tour.since[user] = tour.posts(user)[-1].message_id + 2
        await tour.ask(user, "language")
        await tour.take(user, "language|" + ("zh" if tour.lang == "zh" else "en"))
        await tour.say(user, "/start")
    tour.since.setdefault(user, 0)


async def visit(tour: Tour) -> None:
    """A love mother logs a visit; the coordinator's board moves at that moment."""
    await tour.ask(MOTHER, "visit")
    await tour.take(MOTHER, "how|=family_visit", "mood|=cheerful", "note|open")
    await tour.say(MOTHER, "note")
    await tour.keep("02-visit-review", MOTHER)
    await tour.take(MOTHER, ".|save")
    saved = await tour.newest(MOTHER)
    assert isinstance(saved.body, ContactEntry)
    assert saved.body.note == SAYS[tour.lang]["note"]
    assert saved.number in await tour.hear(MOTHER)
    board = await tour.hear(COORDINATOR)
    assert re.search(rf"1\. .*{CHILD}.*{MOTHERS_NAME}", board), board


async def guardian_writes(tour: Tour) -> None:
    await tour.say(GUARDIAN, "guardian")
    assert TEACHERS_NAME in await tour.hear(GUARDIAN)
    heard = await tour.hear(TEACHER)
    assert SAYS[tour.lang]["guardian"] in heard
    assert CHILD in heard
    await tour.say(GUARDIAN, "thanks")


async def talk(tour: Tour) -> None:
    """What is typed about a talk leaves the chat."""
    await tour.ask(TEACHER, "talk")
    await tour.keep("03-talk-children")
    await tour.say(TEACHER, CHILD)
    await tour.take(TEACHER, "children|ok", "reason|=routine", "topics|+study", "topics|+mood", "topics|ok")
    await tour.say(TEACHER, "said")
    assert SAYS[tour.lang]["said"] not in "".join(await tour.page.texts(TEACHER))
    await tour.keep("03-talk-review")
    await tour.take(TEACHER, ".|save")
    saved = await tour.newest(TEACHER)
    assert isinstance(saved.body, Talk)
    assert saved.body.said == SAYS[tour.lang]["said"]


async def activity(tour: Tour) -> None:
    await tour.ask(TEACHER, "activity")
    await tour.keep("04-activity-kinds")
    await tour.take(TEACHER, "what|=social_practice", "children|all", "children|none")
    await tour.take(TEACHER, *["children|+"] * 3, "children|ok", "name|open")
    await tour.say(TEACHER, "name")
    await tour.sent(tour.page.sample_photo(TEACHER, SAYS[tour.lang]["caption"]))
    await tour.page.wait_for(TEACHER, SAYS[tour.lang]["caption"])
    await tour.hear(TEACHER)
    await tour.keep("04-activity-review")
    await tour.take(TEACHER, ".|save")
    saved = await tour.newest(TEACHER)
    assert isinstance(saved.body, Activity)
    assert (len(saved.children), len(saved.body.media), saved.body.name) == (3, 1, SAYS[tour.lang]["name"])
    await tour.hear(COORDINATOR)
    board = "\n".join(str(post.payload.get("text")) for post in tour.posts(COORDINATOR))
    assert re.search(rf"1\. .*{SAYS[tour.lang]['name']}", board)


async def urgent(tour: Tour) -> None:
    """A love mother of three is very worried about one of them: teacher, home lead and coordinator hear at once."""
    await tour.ask(MOTHER_OF_THREE, "visit")
    await tour.say(MOTHER_OF_THREE, "小竹")
    await tour.take(MOTHER_OF_THREE, "how|=family_visit", "mood|=low", "concern|open", "concern|=urgent")
    await tour.say(MOTHER_OF_THREE, "worry")
    await tour.take(MOTHER_OF_THREE, ".|save")
    for user in (TEACHER, LEAD, COORDINATOR):
        heard = await tour.hear(user)
        assert heard.startswith("🔴"), heard
        assert "小竹" in heard


async def look_up(tour: Tour) -> None:
    """/help, /child, /mine with a record opened; the board; /people and a person found."""
    await tour.page.show(MOTHER)
    await tour.keep("11-hello")
    await tour.ask(MOTHER, "help")
    await tour.keep("12-help")
    await tour.ask(MOTHER, "child")
    assert "近郊小学" in await tour.hear(MOTHER)
    await tour.keep("13-child")
    await tour.ask(MOTHER, "mine")
    await tour.take(MOTHER, "mine|open")
    await tour.keep("14-record")
    await tour.ask(COORDINATOR, "recent")
    await tour.keep("15-board")
    await tour.ask(COORDINATOR, "people")
    await tour.keep("16-people")
    await tour.take(COORDINATOR, "s|person")
    await tour.say(COORDINATOR, MOTHERS_NAME)
    assert MOTHERS_NAME in await tour.hear(COORDINATOR)
    await tour.keep("17-person")


async def change_one_s_mind(tour: Tour) -> None:
    """A calendar, a stop, and on after all; the words typed are still there."""
    await tour.ask(MOTHER, "visit")
    await tour.keep("21-how")
    await tour.take(MOTHER, "how|=family_visit")
    await tour.keep("22-mood")
    await tour.take(MOTHER, "mood|=cheerful")
    await tour.keep("22-review")
    await tour.take(MOTHER, ".|more")
    await tour.keep("23-more")
    await tour.take(MOTHER, "note|open")
    await tour.say(MOTHER, "note")
    await tour.take(MOTHER, ".|change")
    await tour.keep("24-change")
    await tour.take(MOTHER, "on|open", "on|m2026-11")
    await tour.keep("25-calendar")
    await tour.take(MOTHER, "on|=2026-11-23", "concern|open")
    await tour.keep("26-worry")
    await tour.ask(MOTHER, "cancel")
    await tour.take(MOTHER, "r|")
    assert (await tour.newest(MOTHER)).happened_on < NOON.date()
    await tour.ask(MOTHER, "visit")
    await tour.keep("27-unfinished")


async def invite(tour: Tour) -> None:
    """From the coordinator's link through the stranger's phone to the coordinator's yes."""
    await tour.ask(COORDINATOR, "invite")
    await tour.take(COORDINATOR, "role|=teacher")
    await tour.say(COORDINATOR, "近郊小学")
    await tour.say(COORDINATOR, "newcomer")
    await tour.take(COORDINATOR, ".|save")
    await tour.keep("31-link")
    tour.since[STRANGER] = 0
    await tour.sent(tour.page.follow(COORDINATOR, STRANGER))
    await tour.hear(STRANGER)
    await tour.keep("32-waiting")
    assert SAYS[tour.lang]["newcomer"] in await tour.hear(COORDINATOR)
    await tour.page.show(COORDINATOR)
    await tour.keep("33-is-it-you")
    await tour.take(COORDINATOR, "people|yes")
    await tour.page.show(STRANGER)
    await tour.hear(STRANGER)
    assert {"talk", "activity"} <= set(await tour.page.commands(STRANGER))
    await tour.keep("34-newcomer")


async def pair(tour: Tour) -> None:
    await tour.ask(COORDINATOR, "pair")
    await tour.say(COORDINATOR, MOTHERS_NAME)
    await tour.say(COORDINATOR, "0602")
    await tour.keep("35-pair")
    await tour.take(COORDINATOR, ".|save")
    await tour.page.show(MOTHER)
    assert "小竹" in await tour.hear(MOTHER)
    await tour.keep("36-paired")


# --- the clock


async def test_an_unfinished_visit_is_brought_up_in_the_morning_and_gone_after_a_week(
    district: Stage, browser: Browser
) -> None:
    """Left at two at night: twenty hours later it is ten in the evening, so the reminder waits for the morning."""
    async with touring(district, browser, "zh") as tour:
        await district.turn(hours=14, step=LONG)
        await tour.open(390, 844, MOTHER)
        await greet(tour, MOTHER)
        await tour.ask(MOTHER, "visit")
        await tour.take(MOTHER, "how|=family_visit")
        begun = len(tour.posts(MOTHER))
        await district.turn(hours=29, step=QUARTER)
        await district.turn(hours=1)
        [reminder] = about_drafts(tour.posts(MOTHER)[begun:])
        assert local(reminder) == "11-26 07"
        await tour.open(390, 844, MOTHER)
        await tour.hear(MOTHER)
        await tour.keep("41-reminder")
        await district.turn(days=5, step=QUARTER)
        [offer] = about_drafts(tour.posts(MOTHER)[begun:])
        assert "07" <= local(offer)[-2:] < "21"
        await district.turn(days=2, step=QUARTER)
        assert len(about_drafts(tour.posts(MOTHER)[begun:])) == 1
        await tour.open(390, 844, MOTHER)
        await tour.take(MOTHER, "r|")
        await tour.keep("42-gone")
        await tour.ask(MOTHER, "visit")
        assert tour.button(MOTHER, "how|=family_visit")


def about_drafts(posts: list[Any]) -> list[Any]:
    """Those that offer to go on with something unfinished; other duties speak in the morning too."""
    return [post for post in posts if "'r|" in str(post.payload.get("reply_markup"))]


def local(post: Any) -> str:
    """When it was sent, to the hour, in the district's time."""
    return f"{datetime.fromtimestamp(post.payload['date'], ZoneInfo('Asia/Shanghai')):%m-%d %H}"
