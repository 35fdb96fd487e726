"""What people type, understood: the phrase files, the word lists beside the programme's own, and any text."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.people import Labelled, Role
from care.records.activity import ActivityKind, Partner
from care.records.contact_entry import Company, How, Mood
from care.records.fields import Level, PartOfDay
from care.records.talk import Reason, Topic
from care.words import Words, normalise
from tests.care.conftest import LOCALES
from tests.care.phrases import rows

KINDS: dict[str, type[Labelled]] = {
    "how": How,
    "mood": Mood,
    "company": Company,
    "level": Level,
    "reason": Reason,
    "topic": Topic,
    "activity_kind": ActivityKind,
    "part_of_day": PartOfDay,
    "partner": Partner,
    "role": Role,
}
OPTIONS = {kind: {member.value: [member.label.msgid] for member in members} for kind, members in KINDS.items()}
CHILDREN = {"c1": ["小禾 S3-017"], "c2": ["小红 S3-018"], "c3": ["大禾 S3-002"]}


def number_or_none(told: str) -> int | None:
    return None if told == "-" else int(told)


@pytest.mark.parametrize(("typed", "expected"), rows("numbers.tsv"))
def test_number(words: Words, typed: str, expected: str) -> None:
    assert words.number(typed) == number_or_none(expected)


@pytest.mark.parametrize(("typed", "expected"), rows("minutes.tsv"))
def test_minutes(words: Words, typed: str, expected: str) -> None:
    assert words.minutes(typed) == number_or_none(expected)


@pytest.mark.parametrize(("typed", "expected"), rows("answers.tsv"))
def test_yes_or_no(words: Words, typed: str, expected: str) -> None:
    assert words.yes_or_no(typed) is {"yes": True, "no": False, "-": None}[expected]


@pytest.mark.parametrize(("typed", "expected"), rows("controls.tsv"))
def test_control(words: Words, typed: str, expected: str) -> None:
    assert (words.control(typed) or "-") == expected


@pytest.mark.parametrize(("typed", "expected"), rows("well.tsv"))
def test_well(words: Words, typed: str, expected: str) -> None:
    assert words.well(typed) is (expected == "yes")


@pytest.mark.parametrize(("typed", "expected"), rows("harm.tsv"))
def test_harm(words: Words, typed: str, expected: str) -> None:
    assert words.harm(typed) == (set() if expected == "-" else {expected})


@pytest.mark.parametrize(("kind", "typed", "expected"), rows("choices.tsv"))
def test_choice(words: Words, kind: str, typed: str, expected: str) -> None:
    assert (words.choice(kind, typed, OPTIONS[kind]) or "-") == expected


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_choice_of_the_programme_has_words(kind: str, language: str) -> None:
    table = tomllib.loads((LOCALES / language / "words.toml").read_text("utf-8"))["choices"][kind]
    assert set(table) == set(KINDS[kind])
    assert all(table.values())


@pytest.mark.parametrize("kind", KINDS)
def test_a_label_or_its_number_is_always_understood(words: Words, kind: str) -> None:
    for place, (value, labels) in enumerate(OPTIONS[kind].items(), 1):
        assert words.choice(kind, labels[0], OPTIONS[kind]) == value
        assert words.choice(kind, labels[0].upper(), OPTIONS[kind]) == value
        assert words.choice(kind, str(place), OPTIONS[kind]) == value


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("小禾", "c1"),
        ("S3-018", "c2"),
        ("s3-002", "c3"),
        ("红", None),
        ("小", None),
        ("禾", None),
        ("大", "c3"),
        ("2", "c2"),
        ("小明", None),
        ("", None),
        ("。", None),
    ],
)
def test_choices_of_the_moment_have_labels_only(words: Words, typed: str, expected: str | None) -> None:
    assert words.choice("", typed, CHILDREN) == expected


def test_everyone(words: Words) -> None:
    for typed in ("全部", "都来了", "everyone", "All."):
        assert words.choice("everyone", typed, {"all": ()}) == "all"
    assert words.choice("everyone", "小禾", {"all": ()}) is None


def test_what_is_not_offered_is_not_chosen(words: Words) -> None:
    assert words.choice("how", "打电话", {"video": ["video call"], "letter": ["letter"]}) is None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("　ＯＫ　", "ok"),
        ("６．１", "6.1"),
        ("昨天！！", "昨天"),
        ("a\n\tb", "a b"),
        ("\u200b昨\u2060天\u202e", "昨天"),
        ("٣ ༣", "3 3"),
        ("50%", "50%"),
        ("。。。", ""),
        ("3\ufe0f\u20e3", "3"),
    ],
)
def test_normalise(typed: str, expected: str) -> None:
    assert normalise(typed) == expected


@given(typed=st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_has_an_answer(words: Words, typed: str) -> None:
    words.yes_or_no(typed), words.control(typed), words.well(typed), words.harm(typed)
    for number in (words.number(typed), words.minutes(typed)):
        assert number is None or number >= 0
    assert words.choice("how", typed, OPTIONS["how"]) in {None, *How}
    assert normalise(normalise(typed)) == normalise(typed)


@pytest.mark.parametrize("piece", ["1", "一", "十", "好", "1小时", "家访", " ", "a ", "\u202e", "<b>", "and ", "有"])
def test_long_text_is_none_of_these(words: Words, piece: str) -> None:
    typed = piece * 10_000
    assert (words.number(typed), words.minutes(typed), words.yes_or_no(typed), words.control(typed)) == (None,) * 4
    assert not words.well(typed)
    assert words.choice("how", typed, OPTIONS["how"]) is None


@given(number=st.integers(0, 99_999))
@settings(max_examples=200, deadline=None)
def test_every_number_in_characters_reads_back(words: Words, number: int) -> None:
    assert words.number(in_characters(number)) == number


def in_characters(number: int) -> str:
    """As a school book writes it: a zero stands for places left out between two others."""
    digits = "零一二三四五六七八九"
    written, gap = "", False
    for place, unit in ((10_000, "万"), (1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        gap = gap or (digit == 0 and bool(written))
        if digit:
            written, gap = written + ("零" if gap else "") + digits[digit] + unit, False
    return written or digits[0]


def test_one_word_cannot_mean_two_things() -> None:
    with pytest.raises(ValueError, match="stands for"):
        Words.from_tables([{"controls": {"back": ["zurück"]}}, {"controls": {"skip": ["Zurück"]}}])
    with pytest.raises(ValueError, match="stands for"):
        Words.from_tables([{"days": {"relative": {"0": ["heute"], "1": ["heute"]}}}])


def test_words_do_not_steer_and_answer_at_once(words: Words) -> None:
    """A word that steers is taken before any answer: it must not be one."""
    steering = set(words.controls)
    assert not steering & set(words.answers)
    assert not any(steering & set(meanings) for meanings in words.choices.values())


def test_empty_tables_understand_nothing() -> None:
    words = Words.from_tables({})
    assert words.number("3") == 3
    assert (words.number("三"), words.yes_or_no("yes"), words.control("back")) == (None, None, None)
