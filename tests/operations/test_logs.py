"""T59: a bot at work at the finest level, and at its worst: nothing private in what it writes."""

from __future__ import annotations

import io
import logging
import re
import warnings
from pathlib import Path

import structlog

from bot.logs import masked
from bot.telegram.bot import connect
from tests.faults.seen import private
from tests.operations.conftest import Command
from tests.stage import KEY, TOKEN, Stage

MOTHER, TEACHER = 730001, 730002
WORDS = "小禾说想妈妈了, his phone is 13912345678, ID 110101200001011234"
SECRET = TOKEN.partition(":")[2]


def leaks(told: str, stage: Stage) -> list[str]:
    secrets = private(stage.world) | {TOKEN, SECRET, KEY, WORDS, "13912345678", "110101200001011234"}
    return [secret for secret in secrets if secret in told]


async def misfortunes(stage: Stage) -> None:
    """Words typed everywhere, an update nobody can read, a chat that is blocked, a server that fails."""
    mother, teacher = stage.chat(MOTHER), stage.chat(TEACHER)
    await teacher.say("/talk")
    await teacher.say(WORDS)
    await mother.say("/visit")
    await mother.say(WORDS)
    stage.world.contact(MOTHER)
    stage.world.raw({"message": {"text": WORDS, "chat": WORDS}})
    await stage.settle()
    stage.world.block(TEACHER)
    await teacher.say(WORDS)


async def test_at_debug_no_words_names_phones_or_token_are_written(log: io.StringIO, district: Stage) -> None:
    logging.getLogger("bot").warning("it listens")
    await misfortunes(district)
    told = log.getvalue()
    assert "it listens" in told
    assert "could not be read" in told
    assert leaks(told, district) == []


async def test_at_debug_of_every_library_neither(district: Stage) -> None:
    """Whatever the libraries say, even without our filters, holds no private thing; the token is always taken out."""
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        await misfortunes(district)
        logging.getLogger("anybody").error("at https://api.telegram.org/bot%s/getMe", TOKEN)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert "/bot***/getMe" in stream.getvalue()
    assert leaks(stream.getvalue(), district) == []


def test_an_error_is_told_by_kind_and_place_never_by_its_text(log: io.StringIO) -> None:
    ours = logging.getLogger("bot.telegram"), structlog.get_logger("bot.gateway")
    for logger in (*ours, logging.getLogger("asyncio")):
        try:
            raise LookupError(WORDS)
        except LookupError:
            logger.exception("something broke")
    lines = log.getvalue().splitlines()
    assert len(lines) == 3
    for line in lines:
        assert "LookupError at tests/operations/test_logs.py:" in line
        assert "妈妈" not in line
        assert "139" not in re.sub(r"timestamp='[^']*'", "", line)


def test_values_that_are_no_ids_or_states_give_way(log: io.StringIO) -> None:
    private = {"name": "Li Mama", "note": "想妈妈", "tel": "13912345678"}
    structlog.get_logger("bot.x").warning("kept", update=42, state="queued", **private)
    line = log.getvalue()
    assert "update=42" in line
    assert "state='queued'" in line
    assert not re.search(r"Li Mama|想妈妈|139", line)


def test_libraries_are_heard_from_warning_on_and_in_one_line(log: io.StringIO) -> None:
    logging.getLogger("telegram.Bot").info("parameters: %s", WORDS)
    logging.getLogger("aiosqlite").debug("executing %s", WORDS)
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task %s>", WORDS)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(WORDS, stacklevel=1)
    told = log.getvalue().splitlines()
    assert len(told) == 2
    assert "never retrieved" in told[0]
    assert "妈妈" not in told[1]


def test_numbers_and_chinese_are_masked() -> None:
    assert masked(WORDS) == "…, his phone is …, ID …"
    assert masked("update 1234567890123456 took 13 s") == "update 1234567890123456 took 13 s"


async def test_no_repr_shows_the_token(district: Stage) -> None:
    app = district.app
    async with connect(TOKEN, district.settings.bot_api_url) as channel:
        shown = [repr(one) for one in (app, app.channel, channel, channel.api, district.settings, app.intake)]
    assert [text for text in shown if SECRET in text or KEY in text] == []


def test_an_error_nobody_expected_is_one_line_without_its_text(tmp_path: Path, command: Command) -> None:
    (tmp_path / "taken").write_text("")
    code, told = command("bot", DATA_DIR=str(tmp_path / "taken"))
    assert code == 1
    assert "Traceback" not in told
    assert "FileExistsError at" in told
    assert len(told.strip().splitlines()) == 1
