"""What people do, step by step: after each step they wait for the bot's answer, and look at the screen again.

Where a button is not there (the bot is away, or has said something else), they give up, as people do.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import date
from random import Random

from tests.stage import keyboard_of, words_of
from tests.term.phone import Screen

Steps = Generator[None, None, None]
Doing = Callable[[Screen], Steps]
"""One thing that somebody does on the phone, from the first tap to the last."""

HOW = ("family_visit", "family_visit", "school_visit", "phone", "phone", "video", "message")
MOODS = ("cheerful", "cheerful", "content", "content", "so_so", "low")
SPOKEN = {
    "family_visit": "家访",
    "school_visit": "到校看望",
    "phone": "打电话",
    "video": "视频",
    "message": "发消息",
    "cheerful": "开心",
    "content": "不错",
    "so_so": "一般",
    "low": "低落",
    "not_met": "没联系上孩子",
}
TYPED = 0.8
"""So many write down a visit or a talk in words, all at once; the others tap."""
KINDS = ("get_together", "culture_sports", "safety_education", "festival", "moral_education", "health", "parent_child")
TOPICS = {"study": "学习", "life": "生活", "family": "家庭", "friends": "朋友", "mood": "情绪", "safety": "安全"}
NOTES = ("孩子精神不错，一起包了饺子。", "陪孩子写了作业。", "聊了聊学校里的事。", "带了两本书去。")
MOST_ITEMS, MOST_CALLS = 2, 8


def tap(*parts: str) -> Doing:
    def steps(screen: Screen) -> Steps:
        if screen.tap(*parts):
            yield

    return steps


def press(message_id: int, data: str, then: str = "") -> Doing:
    """This very button; and one of those that come with the answer."""

    def steps(screen: Screen) -> Steps:
        screen.press(message_id, data)
        yield
        if then and screen.tap(then):
            yield

    return steps


def say(*texts: str) -> Doing:
    def steps(screen: Screen) -> Steps:
        for text in texts:
            screen.say(text)
            yield

    return steps


def at_once(*texts: str) -> Doing:
    """Line after line, without waiting for an answer."""

    def steps(screen: Screen) -> Steps:
        for text in texts:
            screen.say(text)
        yield

    return steps


def sticker(screen: Screen) -> Steps:
    screen.sticker()
    yield


def voice(screen: Screen) -> Steps:
    screen.voice()
    yield


def visit(child: str, dice: Random) -> Doing:
    """A visit or call to the child with this code: most of them made, some in vain, a few that worry."""
    how, mood = dice.choice(HOW), "not_met" if dice.random() < 0.08 else dice.choice(MOODS)
    note, worry = dice.choice(NOTES) if dice.random() < 0.3 else "", dice.random()
    if worry >= 0.03 and dice.random() < TYPED:
        return at_once(f"/visit {child}", SPOKEN[how], SPOKEN[mood], *([note] if note else []), "保存")

    def steps(screen: Screen) -> Steps:
        screen.say(f"/visit {child}")
        yield
        for part in (f"|how|={how}", f"|mood|={mood}"):
            if not screen.tap(part):
                return
            yield
        if note:
            screen.say(note)
            yield
        if worry < 0.03:
            yield from _worries(screen, "urgent" if worry < 0.006 else "watch")
        if screen.tap("|.|save"):
            yield

    return steps


def _worries(screen: Screen, level: str) -> Steps:
    for part in ("|concern|open", f"|concern|={level}", "|concern_note|skip"):
        if screen.tap(part):
            yield


def talk(child: str, dice: Random) -> Doing:
    topic = dice.choice(tuple(TOPICS))
    said, promise = "他说想妈妈了，也想把数学学好。" if dice.random() < 0.3 else "", dice.random() < 0.06
    if not promise and dice.random() < TYPED:
        return at_once(f"/talk {child}", "选好了", "每月谈心", TOPICS[topic], "选好了", said or "跳过", "保存")

    def steps(screen: Screen) -> Steps:
        screen.say(f"/talk {child}")
        yield
        if screen.tap("|children|ok"):
            yield
        for part in ("|reason|=routine", f"|topics|+{topic}", "|topics|ok"):
            if not screen.tap(part):
                return
            yield
        if said:
            screen.say(said)
            yield
        elif screen.tap("|said|skip"):
            yield
        if promise:
            yield from _promises(screen)
        if screen.tap("|.|save"):
            yield

    return steps


def _promises(screen: Screen) -> Steps:
    """Something to be done within the week."""
    if screen.tap("|.|more"):
        yield
    if not screen.tap("|follow_up|open"):
        return
    yield
    screen.say("再和奶奶通个电话")
    yield
    screen.say("下周五")
    yield


def activity(dice: Random) -> Doing:
    kind = dice.choice(KINDS)

    def steps(screen: Screen) -> Steps:
        screen.say("/activity")
        yield
        for part in (f"|what|={kind}", "|children|all", "|children|ok", "|.|save"):
            if not screen.tap(part):
                return
            yield

    return steps


def prepares_report(screen: Screen) -> Steps:
    """The teacher makes items of records, and says that it is ready."""
    screen.say("/report")
    yield
    for _ in range(MOST_ITEMS):
        if screen.tap("b|report|add|"):
            yield
    if screen.tap("b|report|ready|"):
        yield


def submits_report(home: str, period: str) -> Doing:
    """The head of the home hands it in, in a sentence where items are missing."""
    place = f"{home}|{period}"

    def steps(screen: Screen) -> Steps:
        if not screen.tap(f"b|report|see|{place}", f"b|report|open|{place}"):
            return
        yield
        if not screen.tap(f"b|report|submit|{place}"):
            return
        yield
        if screen.find("|reason|back"):
            screen.say("这个月学校活动少，补在下个月。")
            yield

    return steps


def decides_reports(seed: str, code_of: Callable[[str], str], before: bool) -> Doing:
    """The coordinator goes through the month's list, or that of the month before: takes most in, sends a few back."""

    def steps(screen: Screen) -> Steps:
        yield from _lists(screen, before)
        for place in handed_in(screen):
            accepted = Random(f"{seed}:{code_of(place)}").random() < 0.9
            yield from _lists(screen, before)
            if not screen.tap(place):
                return
            yield
            if accepted and screen.tap(place.replace("|open|", "|accept|")):
                yield
            elif screen.tap("s|report_return|"):
                yield
                screen.say("请补一条信息稿，写清楚时间地点。")
                yield

    return steps


def _lists(screen: Screen, before: bool) -> Steps:
    screen.say("/report")
    yield
    if before and screen.tap("b|report|list|"):
        yield


def handed_in(screen: Screen) -> Sequence[str]:
    """What opens the reports that the list shows with an envelope."""
    newest = next(iter(screen.bubbles), None)
    if newest is None:
        return ()
    numbers = {line.partition(".")[0] for line in words_of(newest).splitlines() if "📨" in line and "." in line}
    keys = [key for row in keyboard_of(newest) for key in row]
    return [key["callback_data"] for key in keys if key["text"] in numbers]


def settles_list(opens: str, answers: Sequence[str], dice: Random) -> Doing:
    """The teacher opens a call list and goes down it: reached by phone, at the door, or not."""

    def steps(screen: Screen) -> Steps:
        if not screen.tap(opens):
            return
        yield
        for _ in range(MOST_CALLS):
            if dice.random() < 0.15 or not screen.tap(dice.choice(answers)):
                return
            yield

    return steps


def takes_on(concern: str) -> Doing:
    def steps(screen: Screen) -> Steps:
        if screen.tap(f"b|concerns|take|{concern}"):
            yield

    return steps


def closes(concern: str) -> Doing:
    def steps(screen: Screen) -> Steps:
        screen.say("/concerns")
        yield
        if not screen.tap(f"b|concerns|open|{concern}"):
            return
        yield
        for part in (f"s|concern_close|{concern}", "|why|=solved", "|words|skip", "|.|save"):
            if not screen.tap(part):
                return
            yield

    return steps


def goes_away(until: date, *, deputy: bool) -> Doing:
    """'Away until then': the first who is offered stands in, or nobody in particular."""

    def steps(screen: Screen) -> Steps:
        screen.say("/away")
        yield
        screen.say(f"{until.month}月{until.day}日")
        yield
        others = [data for data in screen.newest if "|deputy|=" in data and not data.endswith("|=-")]
        if screen.tap(*(others[:1] if deputy else []), "|deputy|=-"):
            yield

    return steps


def pairs(volunteer: str, child: str) -> Doing:
    """The coordinator finds a new love mother for a child."""

    def steps(screen: Screen) -> Steps:
        for text in ("/pair", volunteer, child):
            screen.say(text)
            yield
        if screen.tap("|.|save"):
            yield

    return steps
