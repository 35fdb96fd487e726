"""What befalls the bot: restarts, outages of minutes, hours and days, a network that is cut, a server that says 429."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

CALM, RESTARTS, STORM = "calm", "restarts", "storm"
WEATHERS = (CALM, RESTARTS, STORM)
_DAYS_BETWEEN, _FEWEST = 3.0, 5
"""Between two restarts, on an average; in a short time there are so many all the same."""


@dataclass(frozen=True, slots=True, order=True)
class Blow:
    """`what`: 'kill' or 'stop' (and started again at once), 'midst' (killed while it speaks), 'down', 'cut' (until
    then), 'limited' (some calls get a 429)."""

    at: datetime
    what: str
    until: datetime | None = None


def forecast(weather: str, seed: int, since: datetime, until: datetime) -> list[Blow]:
    """In order of time; outages do not overlap, and are over before the end."""
    if weather == CALM:
        return []
    dice = Random(f"{seed}:weather")
    blows = list(_restarts(dice, since, until, weather == STORM))
    if weather == STORM:
        outages = list(_outages(dice, since, until - timedelta(days=1)))
        limited = [Blow(at, "limited") for at in _moments(dice, since, until, 4.0)]
        blows = [*outages, *(blow for blow in [*blows, *limited] if not _within(blow.at, outages))]
    return sorted(blows)


def _restarts(dice: Random, since: datetime, until: datetime, rough: bool) -> Iterator[Blow]:
    between = min(_DAYS_BETWEEN, (until - since) / timedelta(days=1) / _FEWEST)
    for number, at in enumerate(_moments(dice, since, until, between)):
        yield Blow(at, ("stop", "kill", "midst")[number % 3] if rough else ("kill", "stop")[number % 2])


def _outages(dice: Random, since: datetime, until: datetime) -> Iterator[Blow]:
    """Mostly minutes, some hours, seldom days."""
    free = since
    for number, at in enumerate(_moments(dice, since, until, 6.0)):
        minutes = dice.choice(
            (dice.uniform(3, 40), dice.uniform(3, 40), dice.uniform(60, 600), dice.uniform(1500, 5000))
        )
        end = at + timedelta(minutes=minutes)
        if at > free and end < until:
            yield Blow(at, "down" if number % 2 else "cut", end)
            free = end + timedelta(hours=3)


def _moments(dice: Random, since: datetime, until: datetime, days: float) -> Iterator[datetime]:
    at = since + timedelta(days=dice.expovariate(1 / days))
    while at < until:
        yield at
        at += timedelta(days=max(0.05, dice.expovariate(1 / days)))


def _within(at: datetime, outages: list[Blow]) -> bool:
    margin = timedelta(minutes=30)
    return any(one.until and one.at - margin <= at <= one.until + margin for one in outages)
