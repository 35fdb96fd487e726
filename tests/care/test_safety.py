"""The summer's topics: which is next, and what each must say."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.catalogs import read_catalog
from care.calendar import Calendar, safety_weeks
from care.safety import Told, Topic, key_of, next_topic, season, topic_of, week_of

WEEK = timedelta(days=7)
WEEKS = safety_weeks(Calendar(), 2027)
ROOT = Path(__file__).parents[2]
SIX = (
    "不私自下水游泳",
    "不擅自与他人结伴游泳",
    "不在无家长或老师带领的情况下游泳",
    "不到不熟悉的水域游泳",
    "不到无安全设施、无救护人员的水域游泳",
    "不熟悉水性的学生不擅自下水施救",
)


def chinese(topic: Topic) -> str:
    message = read_catalog("zh_Hans_CN", ROOT).get(topic.text.msgid)
    assert message
    return str(message.string)


def plan(weeks: tuple[date, ...], told: list[Told]) -> list[Topic | None]:
    found: list[Topic | None] = []
    for week in weeks:
        topic = next_topic(weeks, week, told)
        found.append(topic)
        told = [*told, *([Told(topic, week + timedelta(days=4))] if topic else ())]
    return found


def test_water_comes_first_and_again_where_weeks_are_left() -> None:
    assert plan(WEEKS, []) == [
        Topic.DROWNING,
        Topic.STORMS,
        Topic.TRAFFIC,
        Topic.DROWNING,
        Topic.HEAT,
        Topic.FIRE,
        Topic.DROWNING,
        Topic.STRANGERS,
        Topic.FOOD,
        Topic.INTERNET,
    ]


def test_a_short_summer_tells_each_once() -> None:
    assert plan(WEEKS[:8], []) == list(Topic)


def test_what_went_out_by_hand_is_left_out() -> None:
    by_hand = [Told(Topic.STORMS, WEEKS[0]), Told(Topic.HEAT, WEEKS[0])]
    found = plan(WEEKS[:6], by_hand)
    assert Topic.STORMS not in found
    assert Topic.HEAT not in found
    assert len(set(found)) == len(found)


def test_when_all_is_told_a_week_may_be_silent() -> None:
    told = [Told(topic, WEEKS[3]) for topic in Topic]
    assert next_topic(WEEKS, WEEKS[4], told) is None
    assert next_topic(WEEKS, WEEKS[6], told) is Topic.DROWNING


def test_weeks_and_seasons() -> None:
    calendar = Calendar()
    assert week_of(calendar, WEEKS[0] - timedelta(days=1)) is None
    assert week_of(calendar, WEEKS[0] + timedelta(days=6)) == WEEKS[0]
    assert season(calendar, date(2027, 1, 20)) is None
    assert season(calendar, WEEKS[0] - timedelta(days=20)) == 2027
    assert season(calendar, WEEKS[-1] + WEEK) is None


@pytest.mark.parametrize("topic", Topic)
def test_a_key_names_its_topic(topic: Topic) -> None:
    assert topic_of(key_of(2027, topic, 2)) is topic
    assert topic_of(f"at:2027-01-20:{topic}:1") is topic


def test_other_keys_name_none() -> None:
    assert topic_of(None) is None
    assert topic_of("summer:2027:cooking:1") is None


@pytest.mark.parametrize("topic", Topic)
def test_each_says_whom_to_call_and_fits_on_a_phone(topic: Topic) -> None:
    for said in (topic.text.msgid, chinese(topic)):
        assert any(number in said for number in ("110", "120", "119"))
        assert len(said) < 1000
        assert "留守" not in said


def test_the_six_nevers_are_said_word_by_word() -> None:
    said = chinese(Topic.DROWNING)
    assert [never for never in SIX if never not in said] == []
    assert topic_numbers(Topic.DROWNING.text.msgid) == 6


def topic_numbers(said: str) -> int:
    return sum(line.startswith(f"{number}. Never") for line in said.split("\n") for number in range(1, 7))
