"""Drives the demo's page in a real Chromium, as a person with several phones would.

    async with chromium() as browser:
        page = await Page.open(browser, url, lang="en")
        await page.command("volunteer", "visit")
        await page.tap("volunteer", "Family visit")
        await page.wait_for("volunteer", "How did")

A phone is named by its user id, its role or its owner's name. Every wait ends after `patience` seconds.
"""

import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from playwright.async_api import Browser, Locator, async_playwright, expect
from playwright.async_api import Page as Tab

EXECUTABLE = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
User = int | str


def require_chromium() -> None:
    """Skip where there is no Chromium; in CI its lack is a failure."""
    if EXECUTABLE.exists():
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{EXECUTABLE} is missing")
    pytest.skip(f"{EXECUTABLE} is missing")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


class Page:
    """One open demo page. `complaints` are the errors its scripts and its console have made: there should be none."""

    def __init__(self, tab: Tab, patience: float) -> None:
        self.tab = tab
        self.patience = patience
        self.complaints: list[str] = []
        tab.set_default_timeout(patience * 1000)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    @classmethod
    async def open(
        cls,
        browser: Browser,
        url: str,
        width: int = 1600,
        height: int = 1000,
        lang: str = "zh",
        *,
        phone: int | None = None,
        scale: float = 1,
        dark: bool = False,
        patience: float = 10,
    ) -> Self:
        """`lang` zh or en; `phone` is the one shown on a small screen; `scale` makes sharper screenshots."""
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        page = cls(await context.new_page(), patience)
        await page.tab.goto(f"{url.rstrip('/')}/?lang={lang}" + (f"&phone={phone}" if phone is not None else ""))
        await page.tab.locator("body.ready").wait_for()
        return page

    async def close(self) -> None:
        await self.tab.context.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def phone(self, user: User) -> Locator:
        """The first phone with this id, role or name."""
        which = f"[data-phone='{user}']" if isinstance(user, int) else f":is([data-role='{user}'],[data-name='{user}'])"
        return self.tab.locator(f"article.phone{which}").first

    async def show(self, user: User) -> Locator:
        """Bring a phone to the front when it is not on the screen."""
        phone = self.phone(user)
        if not await phone.is_visible():
            await phone.wait_for(state="attached")
            await self.tab.locator(f"[data-show='{await phone.get_attribute('data-phone')}']").click()
            await phone.wait_for()
        return phone

    async def shown(self) -> list[int]:
        phones = await self.tab.locator("article.phone:not([hidden])").all()
        return [int(await phone.get_attribute("data-phone") or 0) for phone in phones]

    # What a person does

    async def say(self, user: User, text: str) -> None:
        phone = await self.show(user)
        await phone.locator("[data-input]").fill(text)
        await phone.locator("[data-send]").click()

    async def tap(self, user: User, button: str) -> None:
        """Tap the newest button with this data, or else with this label, whole or in part."""
        phone = await self.show(user)
        await (await self._button(phone, button)).click()

    async def command(self, user: User, name: str) -> None:
        """Choose a command in the phone's menu."""
        phone = await self.show(user)
        await phone.locator("[data-menu]").click()
        await phone.locator(f"[data-command='{name.lstrip('/')}']").click()

    async def start(self, user: User) -> None:
        """Press Start in a chat that is still empty."""
        await (await self.show(user)).locator("[data-start]").click()

    async def photo(self, user: User, paths: str | Path | Sequence[str | Path], caption: str = "") -> None:
        """Send a photo, or several as an album."""
        phone = await self.show(user)
        files = [paths] if isinstance(paths, str | Path) else list(paths)
        await phone.locator("[data-photo-input]").set_input_files(files)
        await phone.locator("[data-input]").fill(caption)
        await phone.locator("[data-send]").click()

    async def file(self, user: User, path: str | Path) -> None:
        await (await self.show(user)).locator("[data-file-input]").set_input_files(path)

    async def attach(self, user: User, what: str) -> None:
        """From the sheet beside the typing box: sample_photo (then `send`), sample_voice, contact."""
        phone = await self.show(user)
        await phone.locator("[data-attach]").click()
        await phone.locator(f"[data-offer='{what}']").click()

    async def sample_photo(self, user: User, caption: str = "") -> None:
        """Send a photo that the page paints."""
        await self.attach(user, "sample_photo")
        phone = self.phone(user)
        await phone.locator(".previews img").first.wait_for()
        await phone.locator("[data-input]").fill(caption)
        await phone.locator("[data-send]").click()

    async def voice(self, user: User) -> None:
        """Send the page's sample voice note."""
        await self.attach(user, "sample_voice")

    async def contact(self, user: User) -> None:
        await self.attach(user, "contact")

    async def reply(self, user: User, message: str, text: str) -> None:
        """Reply to the newest message that holds the words `message`."""
        await self._act(user, message, "reply")
        await self.say(user, text)

    async def edit(self, user: User, message: str, text: str) -> None:
        """Change the newest own message that holds the words `message`."""
        await self._act(user, message, "edit")
        await self.say(user, text)

    async def block(self, user: User, blocked: bool = True) -> None:
        phone = await self.show(user)
        await phone.locator("[data-more] summary").click()
        await phone.locator(f"[data-block='{str(blocked).lower()}']").click()
        await phone.locator("[data-unblock]").wait_for(state="visible" if blocked else "hidden")

    async def language(self, user: User, code: str) -> None:
        """The phone's own language: zh or en."""
        button = (await self.show(user)).locator(f"[data-language='{code}']")
        await button.click()
        await expect(button).to_have_attribute("aria-pressed", "true", timeout=self.patience * 1000)

    async def page_language(self, code: str) -> None:
        await self.tab.locator(f"[data-page-language='{code}']").click()

    async def follow(self, user: User, opens_on: User, link: str = "start=") -> None:
        """Tap the newest invitation link (its address holds `link`) and open it on another phone."""
        phone = await self.show(user)
        await phone.locator(f"[data-message] a[href*='{link}']").last.click()
        await self.choose(opens_on)

    async def choose(self, user: User) -> None:
        """Answer 'open it on which phone?'."""
        number = await self.phone(user).get_attribute("data-phone")
        await self.tab.locator(f"[data-choose='{number}']").click()

    async def turn(self, by: str | datetime) -> None:
        """Turn the clock: 'hour', 'day', 'morning' (the next 09:00), or to a moment, whose numbers the district's
        wall clock will show."""
        await self._open_clock()
        if isinstance(by, datetime):
            await self.tab.locator(".moment summary").click()
            await self.tab.locator("[data-turn-field]").fill(by.strftime("%Y-%m-%dT%H:%M"))
            await self.tab.locator("[data-turn-to]").click()
        else:
            await self.tab.locator(f"[data-turn='{ {'hour': 3600, 'day': 86400, 'morning': '09:00'}[by] }']").click()
        await expect(self.tab.locator("[data-clock]")).to_have_attribute("aria-busy", "false", timeout=60_000)

    # What a person sees

    async def last(self, user: User) -> str:
        """The text of the bot's newest bubble as it stands; '' when it has none. `wait_for` comes first."""
        words = self.phone(user).locator("[data-message][data-from=bot]").last.locator("[data-text]")
        return await words.first.text_content() or "" if await words.count() else ""

    async def texts(self, user: User) -> list[str]:
        """All bubbles with words, oldest first."""
        return await self.phone(user).locator("[data-message] [data-text]").all_text_contents()

    async def buttons(self, user: User) -> list[list[str]]:
        """The rows of labels under the newest message that has buttons."""
        keyboard = self.phone(user).locator("[data-message] .keyboard").last
        rows = await keyboard.locator(".row").all() if await keyboard.count() else []
        return [await row.locator(".key").all_text_contents() for row in rows]

    async def commands(self, user: User) -> list[str]:
        """The names in the command menu."""
        listed = await self.phone(user).locator("[data-command]").all()
        return [await one.get_attribute("data-command") or "" for one in listed]

    async def wait_for(self, user: User, text: str | re.Pattern[str]) -> Locator:
        """Until a bubble of either side holds the text; the bubble."""
        found = self.phone(user).locator("[data-message]").filter(has_text=text).last
        await found.wait_for(state="attached")
        return found

    async def wait_gone(self, user: User, text: str | re.Pattern[str]) -> None:
        await expect(self.phone(user).locator("[data-message]").filter(has_text=text)).to_have_count(
            0, timeout=self.patience * 1000
        )

    async def unread(self, user: User) -> int:
        number = await self.phone(user).get_attribute("data-phone")
        badge = self.tab.locator(f"[data-show='{number}'] [data-unread]")
        return int(await badge.get_attribute("data-unread") or 0) if await badge.count() else 0

    async def toast(self, user: User) -> str:
        return await self.phone(user).locator("[data-toast]").last.text_content() or ""

    async def now(self) -> datetime:
        """The page's clock, in UTC."""
        shown = await self.tab.locator("[data-clock] time").get_attribute("datetime") or ""
        return datetime.fromisoformat(shown)

    async def screenshot(self, path: str | Path, user: User | None = None) -> None:
        """The window, or one phone. Waits for its pictures first."""
        await self.tab.wait_for_function(
            "() => [...document.images].every((image) => image.complete || image.offsetParent === null)"
        )
        target: Any = self.tab if user is None else await self.show(user)
        await target.screenshot(path=path)

    async def _button(self, phone: Locator, button: str) -> Locator:
        """Waits for one; a label that fits wholly goes before one that fits in part."""
        keys = phone.locator(".key")
        quoted = button.replace("\\", "\\\\").replace("'", "\\'")
        ways = [
            phone.locator(f"[data-tap='{quoted}']"),
            keys.filter(has_text=re.compile(rf"^\s*{re.escape(button)}\s*$")),
            keys.filter(has_text=button),
        ]
        if not await ways[0].count():
            await ways[0].or_(ways[2]).first.wait_for(state="attached")
        for way in ways:
            if await way.count():
                return way.last
        return ways[2].last

    async def _act(self, user: User, message: str, act: str) -> None:
        phone = await self.show(user)
        chosen = phone.locator("[data-message]" + ("[data-from=me]" if act == "edit" else "")).filter(has_text=message)
        await chosen.last.locator("[data-actions]").dispatch_event("click")
        await phone.locator(f"[data-act='{act}']").click()

    async def _open_clock(self) -> None:
        if not await self.tab.locator("[data-turn='3600']").is_visible():
            await self.tab.locator("[data-clock] .now").click()
