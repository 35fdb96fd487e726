"""The summer's safety topics: what a family is told about each, in words that can be said aloud; and which one is next.

Each says what to do, what never to do, and what to do when it has happened. The numbers are those of the whole country:
110 police, 119 fire brigade, 120 ambulance, 12355 and 12338 for children and women.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from care.calendar import Calendar, safety_weeks
from care.people import Labelled
from care.text import T, Text

AGAIN_AFTER = timedelta(days=21)
"""Drowning takes more children than all the rest: where there are more weeks than topics, it is told again."""
BEFORE = timedelta(days=28)
"""What a coordinator tells by hand so long before the first week counts for this summer."""


class Topic(Labelled):
    """In the order in which they are told. `text` is what the family reads."""

    text: Text

    def __new__(cls, value: str, label: Text, text: Text) -> Self:
        member = str.__new__(cls, value)
        member._value_, member.label, member.text = value, label, text
        return member

    DROWNING = (
        "drowning",
        T("near water"),
        T(
            "🌊 <b>Near water</b>\n"
            "Most summer accidents happen at ponds and rivers. Please go through these six with your child today:\n"
            "1. Never go swimming in secret.\n"
            "2. Never go swimming with other children on your own.\n"
            "3. Never swim without a parent or a teacher there.\n"
            "4. Never swim where you do not know the water.\n"
            "5. Never swim where there is no rescue gear and no lifeguard.\n"
            "6. Never jump in after somebody if you do not know the water well.\n"
            "\n"
            "If somebody falls in: shout for grown-ups, throw something that floats (a big empty bottle with its lid "
            "on, a basketball, a plank), or reach out a long pole lying flat on the bank. Call 110 and 120. "
            "Children must not hold hands and wade in."
        ),
    )
    STORMS = (
        "storms",
        T("storms and floods"),
        T(
            "⛈ <b>Storms and floods</b>\n"
            "• When it thunders: inside, windows shut, plugs out. Never under a tree, never with a hoe or "
            "an umbrella in an open field.\n"
            "• When it pours: nobody goes down to the river to look, to fish or to catch driftwood. Never walk or ride "
            "through water when you cannot see the road under it.\n"
            "• Water sounds louder, turns muddy, stones come down the slope: leave everything and go uphill to the "
            "side, not along the valley.\n"
            "• A wire lies on the ground: stay ten steps away and call the village.\n"
            "\n"
            "Agree today where you meet if you have to leave the house. When the village calls you to go, go. "
            "In need: 110 or 119."
        ),
    )
    TRAFFIC = (
        "traffic",
        T("on the road"),
        T(
            "🚦 <b>On the road</b>\n"
            "• On an electric bike or motorbike: helmets on both heads, one child only. No farm tricycles, no carts, "
            "no strangers' cars.\n"
            "• Under 12 nobody rides a bicycle on the road; under 16 nobody rides an electric bike.\n"
            "• Crossing: stop, look left, look right, look left again, then walk. Do not run. Do not play behind a "
            "parked truck: the driver cannot see a child there.\n"
            "• In a car: the belt on, small children in the back.\n"
            "\n"
            "If something happened: do not pull at the injured. Call 120 and 122, and note the car's number."
        ),
    )
    HEAT = (
        "heat",
        T("heat"),
        T(
            "☀️ <b>Heat</b>\n"
            "• From eleven to four stay in the shade, grown-ups too: the field can wait until evening.\n"
            "• Drink boiled water often, before you are thirsty; a pinch of salt if you sweat a lot.\n"
            "• Never leave a child in a parked car, not for a minute.\n"
            "• After sweating, do not stand in front of a fan or jump into cold water.\n"
            "\n"
            "Dizzy, sick, hot dry skin: into the shade, loosen the clothes, wipe with cool water, fan, sips of "
            "water. If the child is confused or faints: call 120 at once, and give nothing to drink."
        ),
    )
    FIRE = (
        "fire",
        T("fire and electricity"),
        T(
            "🔥 <b>Fire and electricity</b>\n"
            "• Matches and lighters lie where small hands do not reach. Nobody leaves the kitchen while the "
            "stove burns.\n"
            "• Wet hands touch no switch and no plug. Do not pull wires yourselves; a cable that is hot or cracked "
            "is thrown away.\n"
            "• Never charge the electric bike indoors, in the stairway or overnight.\n"
            "• Gas smells: shut the valve, open the windows, touch no switch, go outside, then telephone.\n"
            "\n"
            "If it burns: get out first, low, a wet cloth over mouth and nose. Do not go back for things. Call 119 "
            "and say the village and house. Somebody hangs on a wire: cut the power, or push the wire away with a "
            "dry stick. Never with your hands."
        ),
    )
    STRANGERS = (
        "strangers",
        T("strangers and one’s own body"),
        T(
            "🧍 <b>Strangers, and my own body</b>\n"
            "Please say this to your child in a quiet moment, to boys as well as girls:\n"
            "• I do not go with anybody, not even with somebody I know, before I have asked at home.\n"
            "• When I am alone, I open the door to nobody.\n"
            "• What underwear covers is mine. Nobody may look at it or touch it, nobody may have me look at or "
            "touch theirs, and nobody may take pictures.\n"
            "• If somebody does: say no, run to where people are, tell it at home. Secrets like that are not kept.\n"
            "\n"
            "If your child tells you such a thing: stay calm, believe it, do not scold, do not wash body or "
            "clothes, call 110. You can also ask 12355 or the teacher. It is never the child’s fault."
        ),
    )
    FOOD = (
        "food",
        T("food"),
        T(
            "🍲 <b>Food</b>\n"
            "• In summer food spoils within two hours. Leftovers: cover, cool, boil through once more. If it smells "
            "odd, throw it away, however sorry you are.\n"
            "• Pick and eat no wild mushrooms and no unknown berries. Cook green beans until they are soft.\n"
            "• Drink boiled water, not from the ditch or the well. Wash hands before eating.\n"
            "• Weedkiller and pesticides: locked away, never in a drink bottle.\n"
            "\n"
            "Several people are sick after a meal: keep some of the food and see the doctor together. Somebody has "
            "drunk pesticide: call 120 at once and take the bottle along."
        ),
    )
    INTERNET = (
        "internet",
        T("phone and internet"),
        T(
            "📱 <b>Phone and internet</b>\n"
            "• Agree on a time, such as one hour a day, and no phone in bed. Then go out together: children put it "
            "down when somebody has time for them.\n"
            "• Payment code, bank card and text codes belong to grown-ups. Whoever asks a child for them is a "
            "cheat.\n"
            "• Somebody online promises game skins, free gifts or quick money, wants pictures, or wants to meet: do "
            "not answer, show it at home.\n"
            "• Nobody sends a picture of themselves undressed to anybody.\n"
            "\n"
            "Money is gone, or somebody threatens the child: do not pay, do not delete anything, call 110 or 96110. "
            "And do not scold: next time the child should come to you again."
        ),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A topic that has gone out this summer, or is about to: `on` is the day."""

    topic: Topic
    on: date


def season(calendar: Calendar, day: date) -> int | None:
    """The year of the summer for which a topic told on this day counts."""
    weeks = safety_weeks(calendar, day.year)
    return day.year if weeks[0] - BEFORE <= day < weeks[-1] + timedelta(days=7) else None


def week_of(calendar: Calendar, day: date) -> date | None:
    """The Monday of the safety week in which this day lies."""
    monday = day - timedelta(days=day.weekday())
    return monday if monday in safety_weeks(calendar, day.year) else None


def next_topic(weeks: Sequence[date], week: date, told: Collection[Told]) -> Topic | None:
    """The topic of this week: the first that has not gone out yet; with weeks to spare, water once more."""
    left = [topic for topic in Topic if topic not in {one.topic for one in told}]
    spare = sum(one >= week for one in weeks) - len(left)
    water = max((one.on for one in told if one.topic is Topic.DROWNING), default=None)
    if spare > 0 and water is not None and week + timedelta(days=4) - water >= AGAIN_AFTER:
        return Topic.DROWNING
    return left[0] if left else None


def key_of(summer: int, topic: Topic, time: int) -> str:
    """What a notice of this topic is called, the first, second ... time in a summer."""
    return f"{prefix_of(summer)}{topic}:{time}"


def prefix_of(summer: int) -> str:
    return f"summer:{summer}:"


def topic_of(key: str | None) -> Topic | None:
    """The topic of such a key, or of one told at another time of the year; None for all else."""
    parts = (key or "").split(":")
    return next((topic for topic in Topic if len(parts) == 4 and topic == parts[2]), None)
