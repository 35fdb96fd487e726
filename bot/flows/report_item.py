"""An information item of the monthly report, written by hand; or one that is there, in other words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.engine import reporting
from bot.engine.flow import Ask, Choice, Flow
from bot.engine.reporting import read_place, writable
from bot.engine.scene import Scene
from care.access import Action
from care.calendar import Period
from care.monthly_report import InfoItem
from care.records.fields import Media, MediaKind
from care.refusal import Refusal
from care.report_forms import ItemWords
from care.text import T, words
from storage import info_items

TITLE_LENGTH = 20


async def _places(scene: Scene, _: Mapping[str, Any]) -> Sequence[Choice]:
    """The reports that can be added to, and the items in them."""
    found = list(await reporting.places(scene, Action.WRITE_REPORT))
    for report in tuple(found):
        home_id, period = read_place(report.value)
        found += [Choice(item.id, item.title) for item in await info_items.of(scene.tx, home_id, period)]
    return found


async def finish(scene: Scene, record: ItemWords) -> None:
    if "." in record.place:
        home_id, period = read_place(record.place)
        await _add(scene, home_id, period, record)
    else:
        found = await info_items.one(scene.tx, record.place)
        if found is None:
            raise Refusal(reason="no such item")
        old, home_id, period = found
        await _rewrite(scene, home_id, period, record, old)
    await reporting.show(scene, home_id, period)


async def _add(scene: Scene, home_id: str, period: Period, record: ItemWords) -> None:
    filed = await writable(scene, Action.WRITE_REPORT, home_id, period)
    photo = _photo(record)
    item = InfoItem(
        title=words(record.title or _first_words(record.paragraph)),
        day=record.on or scene.today,
        paragraph=words(record.paragraph),
        author=scene.actor.name,
        photo=photo,
        caption=photo.caption if photo else "",
    )
    await info_items.add(scene.tx, home_id, period, item, author_id=scene.actor.person_id, now=scene.now)
    await reporting.keep(scene, filed)


async def _rewrite(scene: Scene, home_id: str, period: Period, record: ItemWords, old: InfoItem) -> None:
    filed = await writable(scene, Action.WRITE_REPORT, home_id, period)
    photo = _photo(record) or old.photo
    told = {
        "title": words(record.title) if record.title else old.title,
        "day": record.on or old.day,
        "paragraph": words(record.paragraph),
        "photo": photo,
        "caption": photo.caption if photo else "",
    }
    await info_items.change(scene.tx, old.model_copy(update=told))
    await reporting.keep(scene, filed)


def _photo(record: ItemWords) -> Media | None:
    return next((one for one in record.media if one.kind is MediaKind.PHOTO), None)


def _first_words(paragraph: str) -> str:
    line = paragraph.splitlines()[0]
    return line if len(line) <= TITLE_LENGTH else line[:TITLE_LENGTH] + "…"


FLOW = Flow(
    "report_item",
    version=1,
    needs=Action.WRITE_REPORT,
    title=T("Write an information item"),
    record=ItemWords,
    done=T("Written."),
    finish=finish,
    menu=False,
    given="place",
    asks=(
        Ask("place", T("Report"), T("For which report?"), _places, nobody=reporting.NOTHING_OPEN),
        Ask("title", T("Title"), T("What is its title?"), skip=T("Go on without")),
        Ask(
            "paragraph",
            T("Text"),
            T("What happened? A few sentences, please, and no child's name. A photo can come with it."),
            catch=True,
        ),
        Ask("on", T("Day"), T("Which day was it?"), optional=True),
        Ask("media", T("Photo"), T("Send a photo; what you write below it becomes its caption."), optional=True),
    ),
)
