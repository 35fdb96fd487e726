"""The people of the simulation: when they look, what they do about what they see, and what they do of themselves.

Each decision is a throw of the person's own dice for the day and the matter, so that it is the same whatever happened
to the bot in between. They know nothing but what stands on their phones.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from bot.demo.places import Post
from care.people import Role
from tests.term import doings
from tests.term.district import CHINA, Holder
from tests.term.doings import Doing
from tests.term.phone import Screen, carried

_DOORS = ("s|", "b|report|see|", "b|concerns|open|")
_UNKNOWN = re.compile(r"[A-Za-z0-9_-]{12}")


@dataclass(frozen=True, slots=True)
class Plan:
    at: datetime
    do: Doing


@dataclass(frozen=True, slots=True)
class Habits:
    """How likely people do what they are asked. `later`: put it off till tomorrow, and do it tonight."""

    prompt: float = 0.60
    visits: float = 0.62
    later: float = 0.10
    not_mine: float = 0.01
    talks: float = 0.88
    reports: float = 0.85
    notices: float = 0.62
    settles: float = 0.80
    alone: float = 1.0
    """Of themselves, beside 1 as usual."""


USUAL = Habits()


@dataclass
class Person:
    """`codes`: the code behind each id of a person, child or home, so that dice do not depend on ids. `children` are
    those whom they look after; of a teacher, those of the home."""

    holder: Holder
    screen: Screen
    seed: int
    codes: Mapping[str, str]
    habits: Habits
    children: list[str]
    first: bool = True
    """Of several teachers or coordinators, the one who does the paperwork."""
    away_until: date | None = None
    """So long they do nothing of themselves."""
    seen: Counter[str] = field(default_factory=Counter)

    def dice(self, day: date, what: str) -> Random:
        return Random(f"{self.seed}:{self.holder.code}:{day}:{what}")

    # --- what they see

    def look(self, moment: datetime) -> list[Plan]:
        """`moment` is that of the plan, not of the clock, which also shows how long the bot took."""
        if self.screen.blocked:
            return []
        return [plan for post in self.screen.news() for plan in self._read(post, moment)]

    def _read(self, post: Post, moment: datetime) -> Iterator[Plan]:
        buttons = list(carried(post))
        asks = len(buttons) == 1 or any(data.startswith("b|due|") for data in buttons)
        for data in buttons:
            if data.startswith(_DOORS) and not asks:
                continue  # somewhere on a card or a list: nobody asks for anything
            name = self._named(data)
            key = _UNKNOWN.sub("", name)
            for begins, react in _REACTIONS:
                if data.startswith(begins):
                    self.seen[data] += 1
                    dice = self.dice(moment.astimezone(CHINA).date(), f"{key}:{self.seen[data]}")
                    yield from react(self, post, data, dice, moment)
                    break

    def _named(self, data: str) -> str:
        """With codes in the place of ids that stay."""
        return "|".join(self.codes.get(part, part) for part in data.split("|"))

    def code_of(self, data: str) -> str:
        return self._named(data)

    # --- what they do of themselves

    def wake(self, day: date) -> list[Plan]:
        """The day's plans."""
        if self.away_until and day <= self.away_until:
            return []
        plans = _DAYS.get(self.holder.role)
        return list(plans(self, day)) if plans else []


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA)


def within(moment: datetime, dice: Random, least: float, most: float) -> datetime:
    """So many minutes later; who would do it in the night does it in the morning."""
    found = moment + timedelta(minutes=dice.uniform(least, most))
    local = found.astimezone(CHINA)
    if local.hour >= 22 or local.hour < 7:
        morning = local if local.hour < 7 else local + timedelta(days=1)
        return morning.replace(hour=7, minute=30, second=0, microsecond=0) + timedelta(minutes=dice.uniform(0, 120))
    return found


Reaction = Callable[[Person, Post, str, Random, datetime], Iterator[Plan]]


# --- families


def _asked(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    """The check-in. One who answers late waits for the second question."""
    day = data.rpartition("|")[2]
    if day == "now":
        if "call" in data or dice.random() < 0.2:
            return
        yield Plan(within(moment, dice, 1, 30), doings.press(post.message_id, data))
        return
    kind = person.dice(date.fromisoformat(day), "check-in").random()
    if person.seen[data] > 1:
        if person.habits.prompt < kind < person.habits.prompt + 0.12:
            yield Plan(within(moment, dice, 5, 100), doings.press(post.message_id, data))
        return
    for share, do, least, most in _answers(person, post, data, day):
        if kind < share:
            if do:
                yield Plan(within(moment, dice, least, most), do)
            return


def _answers(person: Person, post: Post, data: str, day: str) -> Iterator[tuple[float, Doing | None, float, float]]:
    """Cumulated shares of those who answer so, with the minutes that they take."""
    prompt = person.habits.prompt
    call, come = (f"b|check_in|{said}|{day}" for said in ("call", "come"))
    yield prompt, doings.press(post.message_id, data), 3, 210
    yield prompt + 0.12, None, 0, 0
    yield prompt + 0.19, doings.say("都好"), 5, 300
    yield prompt + 0.24, doings.press(post.message_id, data), 330, 1500
    yield prompt + 0.27, doings.say("今天有点咳嗽，没去外面玩"), 10, 400
    yield prompt + 0.29, doings.press(post.message_id, call, "b|check_in|which|"), 10, 500
    yield prompt + 0.295, doings.press(post.message_id, come, "b|check_in|which|"), 10, 500
    yield prompt + 0.31, doings.sticker, 5, 200
    yield prompt + 0.325, doings.voice, 5, 300


def _noticed(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    """A safety notice. Some type it, some only when they are asked again."""
    thrown = dice.random()
    if thrown < person.habits.notices:
        yield Plan(within(moment, dice, 10, 900), doings.press(post.message_id, data))
    elif thrown < person.habits.notices + 0.06:
        yield Plan(within(moment, dice, 10, 900), doings.say("知道了"))


# --- those who care for them


def _takes_on(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    """Who is near takes on a worry first; and looks after it for a day or three."""
    eager = {Role.TEACHER: 0.45, Role.HOME_LEAD: 0.3}.get(person.holder.role, 0.15)
    if dice.random() > eager:
        return
    concern = data.rpartition("|")[2]
    taken = within(moment, dice, 4, 90) if person.seen[data] > 1 else moment + timedelta(minutes=dice.uniform(4, 70))
    yield Plan(taken, doings.takes_on(concern))
    yield Plan(within(taken, dice, 1500, 4000), doings.closes(concern))


def _watches(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    if person.holder.role in (Role.TEACHER, Role.HOME_LEAD) and dice.random() < 0.5:
        opened = within(moment, dice, 20, 300)
        yield Plan(opened, doings.press(post.message_id, data, f"b|concerns|take|{data.rpartition('|')[2]}"))
        yield Plan(within(opened, dice, 2000, 6000), doings.closes(data.rpartition("|")[2]))


def _settles(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    """One tap by which a teacher says that it is done."""
    if dice.random() < person.habits.settles:
        yield Plan(within(moment, dice, 10, 400), doings.press(post.message_id, data))


def _calls_families(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    if person.holder.role is Role.TEACHER and dice.random() < person.habits.settles:
        answers = ("b|today|phone|", "b|today|phone|", "b|today|phone|", "b|today|door|", "b|today|none|")
        yield Plan(within(moment, dice, 20, 360), doings.settles_list(data, answers, dice))


def _tells_families(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    if person.holder.role is Role.TEACHER and dice.random() < person.habits.settles:
        answers = ("b|calls|phone|", "b|calls|phone|", "b|calls|door|")
        yield Plan(within(moment, dice, 30, 500), doings.settles_list(data, answers, dice))


def _visits(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    """Asked for a contact: soon, or later, or not theirs; who puts it off till tomorrow may do it tonight all the
    same."""
    child, thrown, habits = person.codes.get(data.split("|")[2], ""), dice.random(), person.habits
    later = next((one for one in carried(post) if one.startswith("b|due|later|")), "")
    if later and thrown < habits.later + habits.not_mine:
        chosen = later if thrown < habits.later else later.replace("later", "not")
        yield Plan(within(moment, dice, 5, 60), doings.press(post.message_id, chosen))
        if chosen == later and dice.random() < 0.6:
            evening = moment.astimezone(CHINA).replace(hour=19, minute=0)
            yield Plan(within(evening, dice, 0, 60), doings.visit(child, dice))
    elif child and thrown < habits.later + habits.not_mine + habits.visits:
        yield Plan(within(moment, dice, 20, 660), doings.visit(child, dice))


def _looks_in(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    """A love mother whose child's family is silent gives them a call."""
    child = person.codes.get(data.split("|")[2], "")
    if person.holder.role is Role.VOLUNTEER and child and dice.random() < 0.4:
        yield Plan(within(moment, dice, 20, 500), doings.visit(child, dice))


def _talks(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    """Told that some children had no talk: one or two of them have one now."""
    if person.children and dice.random() < 0.6:
        for hour in range(1 + dice.randrange(2)):
            plan = within(moment, dice, 60 * (3 + hour), 60 * (7 + hour))
            yield Plan(plan, doings.talk(dice.choice(person.children), dice))


def _acts(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    if person.holder.role is Role.TEACHER and dice.random() < 0.5:
        yield Plan(within(moment, dice, 200, 600), doings.activity(dice))


def _reports(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    home, period = data.split("|")[3:5]
    if person.holder.role is Role.TEACHER and person.first and dice.random() < 0.5:
        yield Plan(within(moment, dice, 30, 500), doings.prepares_report)
    elif person.holder.role is Role.HOME_LEAD and dice.random() < person.habits.reports * 0.7:
        yield Plan(within(moment, dice, 30, 1500), doings.submits_report(home, period))


def _lets_in(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    if person.first:
        yield Plan(within(moment, dice, 5, 60), doings.press(post.message_id, data))


def _tidies(person: Person, post: Post, data: str, dice: Random, moment: datetime) -> Iterator[Plan]:
    """A draft that was left lying about."""
    if dice.random() < 0.5:
        yield Plan(within(moment, dice, 5, 300), doings.press(post.message_id, data))


_REACTIONS: tuple[tuple[str, Reaction], ...] = (
    ("b|check_in|well|", _asked),
    ("b|got_it|", _noticed),
    ("b|concerns|take|", _takes_on),
    ("b|concerns|open|", _watches),
    ("b|today|called|", _settles),
    ("b|today|heard|", _settles),
    ("b|today|home|", _calls_families),
    ("b|calls|all", _tells_families),
    ("b|calls", _tells_families),
    ("s|visit|", _visits),
    ("s|child|", _looks_in),
    ("s|talk", _talks),
    ("s|activity", _acts),
    ("b|report|see|", _reports),
    ("b|due|done|", _settles),
    ("b|people|yes|", _lets_in),
    ("x|", _tidies),
)
"""By what a button begins with."""


# --- of themselves


def _volunteers_day(person: Person, day: date) -> Iterator[Plan]:
    for child in person.children:
        dice = person.dice(day, f"visit:{child}")
        if dice.random() < person.habits.alone / 20:
            yield Plan(at(day, 9 + dice.randrange(11), dice.randrange(60)), doings.visit(child, dice))


def _teachers_day(person: Person, day: date) -> Iterator[Plan]:
    """A talk with each child once in the period, on a working day; an activity now and then; the month's report."""
    vacation = day.month in (7, 8)
    for child in person.children:
        dice = person.dice(_period(day), f"talk:{child}")
        share = person.habits.talks * (0.2 if vacation else 1)
        if dice.random() < share and _workday(_period(day) + timedelta(days=dice.randrange(27))) == day:
            yield Plan(at(day, 12 + dice.randrange(6), dice.randrange(60)), doings.talk(child, dice))
    if not person.first:
        return
    dice = person.dice(day, "activity")
    if day.weekday() < 5 and dice.random() < (0.03 if vacation else 0.11) * person.habits.alone:
        yield Plan(at(day, 16, dice.randrange(60)), doings.activity(dice))
    dice = person.dice(_period(day), "report")
    if dice.random() < person.habits.reports and _workday(_period(day) + timedelta(days=24 + dice.randrange(6))) == day:
        yield Plan(at(day, 17, dice.randrange(60)), doings.prepares_report)
    if person.dice(day, "due").random() < 0.05:
        yield Plan(at(day, 18, 10), doings.say("/due"))


def _coordinators_day(person: Person, day: date) -> Iterator[Plan]:
    if not person.first:
        return
    seed = f"{person.seed}:{person.holder.code}:{day}:decide"
    if day.weekday() < 5 and (day.day >= 20 or day.day <= 5):
        yield Plan(at(day, 15, 20), doings.decides_reports(seed, person.code_of, before=day.day >= 23 or day.day <= 5))
    if day.weekday() == 5:
        yield Plan(at(day, 18, 40), doings.say("/today"))


def _leaders_day(person: Person, day: date) -> Iterator[Plan]:
    if day.weekday() == 0 and person.dice(day, "overview").random() < 0.3:
        yield Plan(at(day, 11, 5), doings.say("/overview"))


def _period(day: date) -> date:
    """The first day of the period that the day lies in: the 23rd."""
    if day.day >= 23:
        return day.replace(day=23)
    return (day.replace(day=1) - timedelta(days=1)).replace(day=23)


def _workday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= 5 else day


_DAYS: Mapping[Role, Callable[[Person, date], Iterator[Plan]]] = {
    Role.VOLUNTEER: _volunteers_day,
    Role.TEACHER: _teachers_day,
    Role.COORDINATOR: _coordinators_day,
    Role.LEADER: _leaders_day,
}
