"""What the catalogs make of the real conversations: nothing is left in another language, no two choices read alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.app import LOCALES, registry
from bot.engine.flow import Flow
from bot.engine.i18n import LANGUAGES, Languages
from care.people import Role
from care.text import Text

REGISTRY = registry()
FLOWS = list(REGISTRY.flows.values())
MENU_MOST = 256
"""Telegram refuses a longer description of a command."""


@pytest.fixture
def languages() -> Languages:
    return Languages(LOCALES, ZoneInfo("Asia/Shanghai"), lambda: datetime(2026, 11, 24, 6, 5, tzinfo=UTC))


def groups(flow: Flow) -> Iterator[list[Text]]:
    """Texts that stand side by side: the labels on the review card, the choices of one question."""
    yield [ask.label for ask in flow.asks]
    for ask in flow.asks:
        yield [*(choice.label for choice in flow.options(ask)), *filter(None, [ask.skip])]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_no_sentence_of_a_conversation_is_missing(flow: Flow, language: str, languages: Languages) -> None:
    answers = {ask.field: "A" for ask in flow.asks}
    for text in flow.texts():
        languages.render(text(**{"count": 3} | answers), language)
    assert languages.missing == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_what_stands_side_by_side_reads_differently(flow: Flow, language: str, languages: Languages) -> None:
    for group in groups(flow):
        shown = [languages.render(text, language) for text in group]
        assert len(set(shown)) == len(shown), shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_roles_and_conversations_are_told_apart(language: str, languages: Languages) -> None:
    for group in ([role.label for role in Role], [flow.title for flow in FLOWS]):
        shown = [languages.render(text, language) for text in group]
        assert len(set(shown)) == len(shown), shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_fits_telegram(language: str, languages: Languages) -> None:
    told = [command.about for command in REGISTRY.commands.values() if command.about] + [flow.title for flow in FLOWS]
    assert all(0 < len(languages.render(about, language)) <= MENU_MOST for about in told)
    assert languages.missing == {}
