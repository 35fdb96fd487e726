"""What a record tells in public: no child's name of ours, and nothing of what was said in confidence."""

from __future__ import annotations

import json
from datetime import date

from care.monthly_report import ActivityLine, InfoItem, MonthlyReport, Section, Supplement, activity_line, item_of
from care.records.activity import Activity, ActivityKind, Partner
from care.records.contact_entry import ContactEntry, How, Mood
from care.records.fields import Media, MediaKind
from care.records.talk import Reason, Talk, Topic
from care.text import words

DAY = date(2026, 6, 3)
PHOTO = Media(kind=MediaKind.PHOTO, file_id="photo", caption="包粽子")
VOICE = Media(kind=MediaKind.VOICE, file_id="voice")
SECRET = "夜里睡不着，想妈妈"


def item(record: Activity | ContactEntry | Talk) -> InfoItem:
    return item_of(record, author="林小雨", record_id="r1", home="近郊小学")


def test_an_activity_brings_its_words_and_its_first_photo() -> None:
    made = item(
        Activity(
            on=DAY,
            home="h",
            what=ActivityKind.FESTIVAL,
            name="浓情端午",
            head_count=31,
            partners=(Partner.WOMENS_FEDERATION,),
            outcome="孩子们学会了包粽子。",
            media=(VOICE, PHOTO),
        )
    )
    assert (made.title, made.day, made.photo, made.caption) == (words("浓情端午"), DAY, PHOTO, "包粽子")
    assert "孩子们学会了包粽子。" in made.model_dump_json()


def test_a_talk_tells_with_how_many_and_about_what_and_no_more() -> None:
    talk = Talk(
        on=DAY,
        children=("child-a", "child-b"),
        reason=Reason.ASKED_FOR,
        topics=(Topic.MOOD,),
        said=SECRET,
        thinks=SECRET,
        agreed=SECRET,
        outcome=SECRET,
        concern_note=SECRET,
        media=(PHOTO,),
    )
    stored = json.dumps(item(talk).model_dump(mode="json"), ensure_ascii=False)
    assert SECRET not in stored
    assert "child-a" not in stored
    assert item(talk).photo is None


def test_a_contact_tells_how_but_not_about_whom_nor_what() -> None:
    contact = ContactEntry(on=DAY, child="child-a", how=How.FAMILY_VISIT, mood=Mood.LOW, note=SECRET, life=SECRET)
    stored = json.dumps(item(contact).model_dump(mode="json"), ensure_ascii=False)
    assert SECRET not in stored
    assert "child-a" not in stored


def test_a_report_is_the_same_after_it_was_stored() -> None:
    line = activity_line(Activity(on=DAY, home="h", what=ActivityKind.HEALTH, head_count=8))
    assert isinstance(line, ActivityLine)
    report = MonthlyReport(
        home_id="h",
        home_name="近郊小学",
        period_key="2026-06",
        activities=(line,),
        items=(InfoItem(title=words("一"), day=DAY, paragraph=words("二"), photo=PHOTO),),
        sections={Section.PROGRESS: "图书角建好了"},
        supplement=Supplement(activities=(line,), talks=2),
    )
    assert MonthlyReport.model_validate_json(report.model_dump_json()) == report
    assert report.items_missing == 1
    assert Section.ACTIVITIES not in report.empty
    assert Section.PROGRESS not in report.empty
