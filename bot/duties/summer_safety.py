"""The summer's safety topics, one a week as a notice to the families, from the last week of term to the first after.

They go out on Friday at 19:00: people are back from field and factory, the child is there to hear it read aloud, the
weekend is ahead, and reminders (a day and three days later) fall on hours at which people can answer. The notice is
placed on Monday, so that a coordinator sees it on /notices, and can stop it or send words of their own instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.engine.duty import Rule, Tick
from bot.engine.i18n import LANGUAGES
from bot.engine.message import Message
from bot.engine.notices import compose
from care.calendar import safety_weeks
from care.notice import LATE, Audience, Stage
from care.people import Role
from care.safety import Told, Topic, key_of, next_topic, prefix_of, topic_of, week_of
from storage import notices
from storage.database import Tx
from storage.notices import Notice

PLACED_AT, FRIDAY, TOLD_AT = 8, timedelta(days=4), 19
FAMILIES = Audience((Role.GUARDIAN,))


async def run(tx: Tx, tick: Tick) -> Sequence[Message]:
    week = week_of(tick.calendar, tick.today)
    if week is None or tick.now < tick.moment(week, PLACED_AT):
        return ()
    at = tick.moment(week + FRIDAY, TOLD_AT)
    if tick.now < at + LATE:
        await _place(tx, tick, week, at)
    return ()


async def _place(tx: Tx, tick: Tick, week: date, at: datetime) -> None:
    known = await notices.of_topic(tx, prefix_of(week.year))
    if any(one.author_id is None and one.created_at >= tick.moment(week, 0) for one in known):
        return
    topic = next_topic(safety_weeks(tick.calendar, week.year), week, _told(tick, known))
    if topic:
        key = key_of(week.year, topic, 1 + sum(topic_of(one.topic) is topic for one in known))
        await notices.add(tx, _notice(topic, key, tick.now, at))


def _told(tick: Tick, known: Sequence[Notice]) -> list[Told]:
    """What was stopped is not said again; what could not go out in time is."""
    gone = [(topic_of(one.topic), one) for one in known if one.stage is not Stage.MISSED]
    return [Told(topic, one.send_at.astimezone(tick.zone).date()) for topic, one in gone if topic]


def _notice(topic: Topic, key: str, now: datetime, at: datetime) -> Notice:
    return compose({"": topic.text}, LANGUAGES, FAMILIES, now=now, send_at=at, topic=key)


RULE = Rule("summer_safety", run)
