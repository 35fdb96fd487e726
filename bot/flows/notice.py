"""/notice: a coordinator tells many something: in each language, to whom, when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from bot.engine.flow import Ask, Choice, Flow
from bot.engine.notices import audience_text, card_kind, compose, launch, page, start_of, topic_key
from bot.engine.offers import homes_for
from bot.engine.scene import Scene
from care.access import Action
from care.notice import READERS, Audience, Notice
from care.people import Role
from care.refusal import Refusal
from care.text import TN, T, Text, Value, lines, words
from storage import audience, calendar, children, notices, receipts

HOURS = (time(8), time(19))
SOON = timedelta(minutes=5)
NOBODY = T("⚠ Nobody is in this group at the moment. Please choose others.")
NOT_FOR_FAMILIES = T(
    "⚠ Families never read “{word}” from us. Please say it another way, such as “your child” or “the children”."
)


async def _readers(_: Scene, __: Mapping[str, Any]) -> Sequence[Choice]:
    return [Choice(role.value, role.label) for role in READERS]


async def _moments(scene: Scene, _: Mapping[str, Any]) -> Sequence[Choice]:
    """The next mornings and evenings."""
    local = scene.local.replace(tzinfo=None)
    days = [scene.today + timedelta(days=days) for days in range(3)]
    ahead = [at for day in days for hour in HOURS if (at := datetime.combine(day, hour)) > local + SOON]
    return [Choice(f"{at:%Y-%m-%dT%H:%M}", _moment(at, scene)) for at in ahead[:4]]


def _moment(at: datetime, scene: Scene) -> Text:
    names = {0: T("today"), 1: T("tomorrow")}
    day: Value = names.get((at.date() - scene.today).days, at.date())
    return T("{day} {clock}", day=day, clock=f"{at:%H:%M}")


async def _audience(scene: Scene, roles: Sequence[str], homes: Sequence[str]) -> Audience:
    """All homes ticked are all homes, those to come and those who belong to none included."""
    known = {home.id for home in await children.homes(scene.tx, scene.actor, Action.SEND_NOTICE)}
    return Audience(tuple(role for role in READERS if role in roles), () if known <= set(homes) else tuple(homes))


async def remark(scene: Scene, answers: Mapping[str, Any]) -> Text:
    """How many people, of them how many who cannot be reached; when; and what is missing."""
    meant = await _audience(scene, answers.get("roles", ()), answers.get("homes", ()))
    counted = await audience.headcount(scene.tx, meant, scene.today)
    if not counted.total:
        return NOBODY
    told: list[Value] = [audience_text(meant), _how_many(counted), _when(scene, answers)]
    if not answers.get("other"):
        told.append(_missing(scene, counted))
    if word := _unsaid(scene, meant, answers):
        told.append(NOT_FOR_FAMILIES(word=words(word)))
    return T("{told}", told=lines(told))


def _how_many(counted: audience.Headcount) -> Text:
    told = TN("It goes to {count} person.", "It goes to {count} people.", counted.total)
    if counted.no_chat:
        told = T("{told} {count} of them have no chat with me.", told=told, count=counted.no_chat)
    if counted.unreachable:
        told = T("{told} {count} of them blocked me or left.", told=told, count=counted.unreachable)
    return told


def _when(scene: Scene, answers: Mapping[str, Any]) -> Text:
    at = datetime.fromisoformat(answers["at"]) if answers.get("at") else scene.now
    begin = start_of(max(at, scene.now), scene.zone, emergency=bool(answers.get("emergency")))
    if begin <= scene.now:
        return T("⏰ It goes out as soon as you send it.")
    if begin > at:
        return T("⏰ At night nobody is disturbed: it goes out {at}.", at=begin)
    return T("⏰ It goes out {at}.", at=begin)


def _missing(scene: Scene, counted: audience.Headcount) -> Text:
    own = _languages(scene)[0]
    other = sum(n for language, n in counted.readers.items() if (language or scene.languages.names[0]) != own)
    return TN(
        "⚠ There is no Chinese text. {count} person who reads Chinese gets the English one, marked so.",
        "⚠ There is no Chinese text. {count} people who read Chinese get the English one, marked so.",
        other,
    )


def _unsaid(scene: Scene, meant: Audience, answers: Mapping[str, Any]) -> str | None:
    """A word in it that families do not read."""
    if Role.GUARDIAN not in meant.roles:
        return None
    said = f"{answers.get('text', '')}\n{answers.get('other') or ''}".casefold()
    return next((word for word in scene.languages.words.unsaid if word in said), None)


def _languages(scene: Scene) -> list[str]:
    """The coordinator's own first."""
    names = scene.languages.names
    own = scene.actor.language if scene.actor.language in names else names[0]
    return [own, *(name for name in names if name != own)]


async def finish(scene: Scene, record: Notice) -> None:
    meant = await _audience(scene, record.roles, record.homes)
    if word := _unsaid(scene, meant, {"text": record.text, "other": record.other}):
        raise Refusal(NOT_FOR_FAMILIES(word=words(word)), reason="not for families")
    if not (await audience.headcount(scene.tx, meant, scene.today)).total:
        raise Refusal(NOBODY, reason="nobody there")
    said = dict(zip(_languages(scene), (words(text) for text in (record.text, record.other) if text), strict=False))
    notice = compose(
        said,
        scene.languages.names,
        meant,
        now=scene.now,
        send_at=record.at if record.at and record.at > scene.now else None,
        media=record.media[-1] if record.media else None,
        emergency=record.emergency,
        author_id=scene.actor.person_id,
        topic=await _topic(scene, record),
    )
    await notices.add(scene.tx, notice)
    scene.note(Action.SEND_NOTICE, "notice", notice.id)
    if notice.send_at <= scene.now:
        await launch(scene.tx, notice, scene.now, scene.zone)
        scene.effects.fanned_out = True
    await _show(scene, notice.id)


async def _topic(scene: Scene, record: Notice) -> str | None:
    if record.topic is None:
        return None
    day = record.at.astimezone(scene.zone).date() if record.at else scene.today
    return await topic_key(scene.tx, await calendar.load(scene.tx), record.topic, max(day, scene.today), scene.now)


async def _show(scene: Scene, notice_id: str) -> None:
    """The card that moves on as it goes."""
    notice = await notices.one(scene.tx, notice_id)
    assert notice
    tally = (await receipts.tallies(scene.tx, [notice_id]))[notice_id]
    text, rows = page(notice, tally, scene.actor.language)
    scene.say(text, rows, card=scene.fresh_card(card_kind(notice_id)))


FLOW = Flow(
    "notice",
    version=1,
    needs=Action.SEND_NOTICE,
    title=T("Send a notice"),
    record=Notice,
    done=T("✅ It is on its way."),
    finish=finish,
    remark=remark,
    confirm=T("📢 Send it"),
    asks=(
        Ask("text", T("English text"), T("What shall the notice say? Please write it in English, short and warm.")),
        Ask(
            "other",
            T("Chinese text"),
            T("And in Chinese? Whoever reads Chinese gets this text."),
            skip=T("No Chinese text"),
        ),
        Ask("roles", T("To"), T("Who shall get it?"), _readers, everyone=T("Everybody")),
        Ask(
            "homes",
            T("Homes"),
            T("Of which children's homes?"),
            homes_for(Action.SEND_NOTICE),
            everyone=T("All {count} homes"),
        ),
        Ask(
            "at",
            T("When"),
            T("When shall it go out? Tap, or type a day and an hour, like “tomorrow 8:00”."),
            _moments,
            skip=T("Right now"),
        ),
        Ask(
            "media",
            T("Picture, voice"),
            T("Send one picture or voice note that goes with it."),
            optional=True,
            single=True,
        ),
        Ask("emergency", T("Emergency"), T("Is it an emergency? Then it goes out at night too."), optional=True),
        Ask(
            "topic",
            T("Summer topic"),
            T("Is it one of the summer’s safety topics? Then I do not send mine."),
            optional=True,
        ),
    ),
)
