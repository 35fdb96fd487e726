"""Plays a term: the real bot, the demo's server, a turned clock, people who act on their phones, and weather."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count, islice
from pathlib import Path
from random import Random

from bot.demo.clock import Clock
from bot.demo.district import district
from bot.demo.errors import too_many_requests
from bot.demo.faults import reset, says
from bot.demo.server import serve
from bot.demo.world import World
from care.people import Role
from storage import tables
from storage.database import Database, open_database
from storage.vault import Vault
from tests.stage import KEY, TOKEN
from tests.term.books import Away, Books, Done
from tests.term.district import CHINA, holders, ids_by_code
from tests.term.doings import Doing, Steps
from tests.term.fates import Fate, fates
from tests.term.machine import Machine
from tests.term.people import USUAL, Habits, Person, Plan
from tests.term.phone import Screen, carried
from tests.term.said import said
from tests.term.weather import CALM, RESTARTS, Blow, forecast

LOOKS = ("03:01", "07:01", "08:01", "09:01", "10:01", "19:01", "20:01")
"""Of the district's day: when the bot always looks. Otherwise it does where somebody acts, or something climbs."""
ACTS = ("07:31", "09:01", "11:01", "13:01", "15:01", "17:01", "19:01", "20:31", "21:16")
"""When people act: at the next of these, or when the bot looks before."""
LATER_EACH_DAY = 5
"""Each day all these are a minute later than the day before, the fifth as at first. What climbs after so many hours
would else fall due in the very second of a look, and a look more or less would hang on the speed of the machine."""
THINKING = timedelta(seconds=20)
"""So long after the bot's look people act, for the same reason."""
AFTER_ASKED = (4 * 60 + 3, 22 * 60 + 3, 26 * 60 + 3, 48 * 60 + 3)
"""Minutes after a check-in was asked, at which it climbs."""
AFTER_URGENT = (11, 21, 31, 41, 51, 61, 121, 181, 241, 301, 361, 481, 601, 721)
AFTER_OUTAGE = (2, 6, 12, 30)
"""Minutes later, the bot looks again."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`homes`: only around these are there phones; all where none is named. `blows`: in the place of a forecast."""

    since: datetime
    until: datetime
    seed: int = 1
    weather: str = CALM
    homes: tuple[str, ...] = ()
    habits: Habits = USUAL
    mutant: str = ""
    fates: bool = True
    blows: tuple[Blow, ...] = ()


@dataclass
class Play:
    """One run on a furnished database. `spent`: real seconds by what they were spent on."""

    wanted: Wanted
    world: World
    clock: Clock
    machine: Machine
    database: Database
    people: dict[str, Person]
    fates: list[Fate]
    blows: list[Blow]
    done: list[Done]
    away: list[Away] = field(default_factory=list)
    looked: list[datetime] = field(default_factory=list)
    spent: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _agenda: list[tuple[datetime, int, Person, Doing]] = field(default_factory=list)
    _extra: list[datetime] = field(default_factory=list)
    _climbing: set[str] = field(default_factory=set)
    _count: Iterator[int] = field(default_factory=count)
    _known: int = 0
    _outage: Blow | None = None
    _since: datetime | None = None

    async def run(self) -> None:
        await self.machine.start()
        day = self.wanted.since.astimezone(CHINA).date()
        await self._perform([(person, _starts) for person in self.people.values()])
        while day <= self.wanted.until.astimezone(CHINA).date():
            await self._day(day)
            day += timedelta(days=1)
        if self._outage:
            await self._clear_up(self.wanted.until)
        await self.machine.stop()

    # --- a day

    async def _day(self, day: date) -> None:
        for person in self.people.values():
            self._plan(person, person.wake(day))
        looks = [_moment(day, look) for look in LOOKS]
        end = datetime(day.year, day.month, day.day, tzinfo=CHINA) + timedelta(days=1)
        end = min(end, self.wanted.until)
        while (moment := self._next(looks, end)) is not None:
            if moment > self.wanted.since:
                await self._instant(moment)

    def _next(self, looks: list[datetime], end: datetime) -> datetime | None:
        """The next moment of the day, and takes it off the lists."""
        found = [looks[0]] if looks else []
        found += [self._extra[0]] if self._extra else []
        found += [_on_grid(self._agenda[0][0])] if self._agenda else []
        moment = min(found, default=end)
        if moment >= end:
            return None
        if looks and looks[0] <= moment:
            looks.pop(0)
        while self._extra and self._extra[0] <= moment:
            heappop(self._extra)
        return moment

    async def _instant(self, moment: datetime) -> None:
        await self._weather(moment)
        if moment > self.clock.now():
            self.clock.forward(moment)
        await self._fate(moment)
        await self._tick(moment)
        self._look(moment)
        due = []
        while self._agenda and self._agenda[0][0] <= moment:
            _, _, person, doing = heappop(self._agenda)
            if not person.screen.blocked:  # who has blocked the bot does nothing there
                due.append((person, doing))
        if due:
            await self._think(moment)
            await self._perform(due)
            self._look(moment)
        if self.wanted.weather == RESTARTS:
            await self._restart(moment)

    async def _think(self, moment: datetime) -> None:
        """The bot's clock is turned with ours."""
        if self.machine.up and not self._outage and moment + THINKING > self.clock.now():
            self.clock.forward(moment + THINKING)
            await self.machine.turn()

    async def _tick(self, moment: datetime) -> None:
        if not self.machine.up:
            return
        begun = time.monotonic()
        self.looked.append(self.clock.now())
        cut = self._outage is not None
        midst = self._take_blow(moment, "midst")
        if midst and not cut:
            since = self.clock.now()
            await self.machine.kill_within(Random(f"{self.wanted.seed}:{moment}").uniform(0, 0.06))
            self.away.append(Away(since, self.clock.now(), "killed"))
            await self.machine.start()
        await self.machine.tick(cut=cut)
        if not cut:
            await self._wait_as_told()
        self.spent["ticks"] += time.monotonic() - begun

    async def _wait_as_told(self) -> None:
        """After a 429 a second passes or two, and the message goes out."""
        fresh = islice(self.world.ledger, self._known, None)
        if any(entry.outcome.startswith("429") for entry in fresh):
            self.clock.forward(self.clock.now() + timedelta(minutes=1))
            await self.machine.tick()
        self._known = len(self.world.ledger)

    def _look(self, moment: datetime) -> None:
        begun = time.monotonic()
        for person in self.people.values():
            unread = self.world.chats[person.screen.chat_id].last_message_id > person.screen.read
            if unread and not person.screen.blocked:
                before = person.screen.read
                self._plan(person, person.look(moment))
                self._watch(person, before, moment)
        self.spent["looking"] += time.monotonic() - begun

    def _watch(self, person: Person, before: int, moment: datetime) -> None:
        """What was said will climb: an urgent worry every ten minutes, a check-in in hours."""
        posts = self.world.chats[person.screen.chat_id].posts
        for number in range(before + 1, person.screen.read + 1):
            for data in carried(posts[number]) if number in posts and posts[number].by_bot else ():
                self._expect(data, moment)

    def _expect(self, data: str, moment: datetime) -> None:
        for begins, steps in (("b|concerns|take|", AFTER_URGENT), ("b|check_in|well|2", AFTER_ASKED)):
            if data.startswith(begins) and data not in self._climbing:
                self._climbing.add(data)
                for minutes in steps:
                    heappush(self._extra, moment + timedelta(minutes=minutes))

    def _plan(self, person: Person, plans: Sequence[Plan]) -> None:
        for plan in plans:
            heappush(self._agenda, (plan.at.astimezone(CHINA), next(self._count), person, plan.do))

    async def _perform(self, due: Sequence[tuple[Person, Doing]]) -> None:
        """All at the same time, step by step; one person does one thing after the other."""
        begun = time.monotonic()
        lines: dict[str, list[Doing]] = {}
        for person, doing in due:
            lines.setdefault(person.holder.code, []).append(doing)
        running = [_one_by_one(self.people[code].screen, doings) for code, doings in lines.items()]
        while running:
            running = [steps for steps in running if next(steps, _OVER) is not _OVER]
            if not self.machine.up or self._outage:
                break  # nobody answers: they give up
            await self.machine.settle()
            await self._wait_as_told()
        self.spent["people"] += time.monotonic() - begun

    # --- what befalls them

    def _take_blow(self, moment: datetime, *kinds: str) -> Blow | None:
        if self.blows and self.blows[0].at <= moment and self.blows[0].what in kinds:
            return self.blows.pop(0)
        return None

    async def _restart(self, moment: datetime) -> None:
        """Between two instants, so that what people see and do is the same."""
        while blow := self._take_blow(moment, "kill", "stop"):
            await self._again(blow.what)

    async def _again(self, what: str) -> None:
        begun, since = time.monotonic(), self.clock.now()
        await (self.machine.kill() if what == "kill" else self.machine.stop())
        self.away.append(Away(since, self.clock.now(), "killed" if what == "kill" else "stopped"))
        await self.machine.start()
        self.spent["restarts"] += time.monotonic() - begun

    async def _weather(self, moment: datetime) -> None:
        """What comes before this moment, each at its own."""
        if self.wanted.weather == RESTARTS:
            return
        while True:
            if self._outage and self._outage.until and self._outage.until <= moment:
                await self._clear_up(self._outage.until)
            elif self._outage is None and (blow := self._take_blow(moment, "kill", "stop", "down", "cut", "limited")):
                await self._strike(blow)
            else:
                return

    async def _strike(self, blow: Blow) -> None:
        if blow.at > self.clock.now():
            self.clock.forward(blow.at)
        match blow.what:
            case "kill" | "stop":
                await self._again(blow.what)
            case "limited":
                wait = Random(f"{self.wanted.seed}:{blow.at}")
                few = [says(too_many_requests(wait.choice((1, 1, 2)))) for _ in range(wait.randrange(1, 4))]
                self.world.faults.add(*few, method="send*")
            case "down":
                self._outage, self._since = blow, self.clock.now()
                await (self.machine.kill() if blow.at.minute % 2 else self.machine.stop())
            case "cut":
                self._outage, self._since = blow, self.clock.now()
                self.world.faults.last(reset())

    async def _clear_up(self, at: datetime) -> None:
        begun = time.monotonic()
        if at > self.clock.now():
            self.clock.forward(at)
        assert self._outage
        assert self._since
        what, self._outage = self._outage.what, None
        if what == "down":
            self.away.append(Away(self._since, self.clock.now(), what))
            await self.machine.start()
        else:
            self.clock.forward(self.clock.now() + timedelta(minutes=2))
            await self.machine.turn()
            self.away.append(Away(self._since, self.clock.now(), what))
            self.world.faults.clear()
            await self.machine.settle()
        for minutes in AFTER_OUTAGE:
            heappush(self._extra, (self.clock.now() + timedelta(minutes=minutes)).astimezone(CHINA))
        self.spent["outages"] += time.monotonic() - begun

    async def _fate(self, moment: datetime) -> None:
        while self.fates and self.fates[0].at <= moment:
            fate = self.fates.pop(0)
            await fate.come(self)

    # --- for fates

    def plan(self, code: str, at: datetime, doing: Doing) -> None:
        self._plan(self.people[code], [Plan(at, doing)])

    def coordinator(self) -> Person:
        return next(one for one in self.people.values() if one.holder.role is Role.COORDINATOR and one.first)


_OVER = object()


def _one_by_one(screen: Screen, many: Sequence[Doing]) -> Steps:
    for doing in many:
        yield from doing(screen)


def _starts(screen: Screen) -> Steps:
    screen.start()
    yield


def _moment(day: date, look: str) -> datetime:
    hour, minute = (int(part) for part in look.split(":"))
    later = timedelta(minutes=day.toordinal() % LATER_EACH_DAY)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA) + later


def _on_grid(at: datetime) -> datetime:
    """People do not act to the minute."""
    today = [_moment(at.date(), act) for act in ACTS]
    tomorrow = _moment(at.date() + timedelta(days=1), ACTS[0])
    return next((moment for moment in today if moment >= at), tomorrow)


async def play(url: str, folder: Path, wanted: Wanted) -> tuple[Books, Play]:
    """`url`: a database that `furnish` filled for this seed and these homes. The books, and the play for figures."""
    clock = Clock(wanted.since)
    roster = district(wanted.since.astimezone(CHINA).date())
    known = holders(roster, wanted.seed, wanted.homes)
    world = World(TOKEN, "Xinqiao", "xinqiao_test_bot", clock.now, phones=[one.phone for one in known])
    world.updates.repeat_hold = world.updates.repeat_window = 0
    done: list[Done] = []
    database = open_database(url, Vault(KEY))
    try:
        async with serve(world) as api:
            cast = await _cast(database, wanted, world, done)
            machine = Machine(world, clock, url, api, folder, wanted.mutant)
            blows = [*wanted.blows] or forecast(wanted.weather, wanted.seed, wanted.since, wanted.until)
            to_come = fates(wanted, cast, roster) if wanted.fates else []
            played = Play(wanted, world, clock, machine, database, cast, to_come, blows, done)
            try:
                await played.run()
            finally:
                await machine.end()
    finally:
        await database.close()
    assert not world.refused, world.refused
    span = (wanted.since, clock.now())
    books = Books(wanted.seed, *span, url, KEY, said(world), tuple(done), tuple(played.away), tuple(played.looked))
    return books, played


async def _cast(database: Database, wanted: Wanted, world: World, done: list[Done]) -> dict[str, Person]:
    roster = district(wanted.since.astimezone(CHINA).date())
    codes = await _codes(database)
    of_home: defaultdict[str, list[str]] = defaultdict(list)
    for placed in roster.children:
        of_home[placed.row.home].append(placed.row.code)
    cast: dict[str, Person] = {}
    taken: set[object] = set()
    for one in holders(roster, wanted.seed, wanted.homes):
        place = (one.role, one.homes[:1])
        teachers = one.role is Role.TEACHER
        children = [*one.children]
        if teachers:
            few = sorted(
                other.code
                for other in holders(roster, wanted.seed)
                if (other.role, other.homes) == (one.role, one.homes)
            )
            children = of_home[one.homes[0]][few.index(one.code) :: len(few)]
        screen = Screen(world, one.chat_id, done)
        cast[one.code] = Person(one, screen, wanted.seed, codes, wanted.habits, children, place not in taken)
        taken.add(place)
    return cast


async def _codes(database: Database) -> Mapping[str, str]:
    """The code behind each id."""
    found: dict[str, str] = {}
    async with database.reading() as tx:
        for table in (tables.people, tables.children, tables.homes):
            found |= {id: code for code, id in (await ids_by_code(tx, table)).items()}
    return found
