"""Notices: how they are put together from what they say, how they are sent, and the page that shows how far they are.

A rule of the programme that has something to say to many makes a notice like a coordinator does: `compose`, `add` to
the storage, `launch` when it is time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from bot.engine.message import Button, Message, Rows, Verb
from care.access import Action
from care.calendar import Calendar, after_quiet
from care.notice import LASTS, NOT_ARRIVED, READERS, TOLD, Audience, Fate, Stage
from care.people import Role
from care.phones import spaced
from care.records.fields import Media
from care.safety import Topic, prefix_of, season, topic_of
from care.text import TN, Listing, T, Text, Value, lines, pack, phrase, unpack, words
from storage import notices, nudges
from storage.database import Tx
from storage.notices import Notice
from storage.receipts import HomeTally, Receipt, Tally
from storage.records import number_of
from storage.vault import new_id

GOT_IT = T("👌 Got it")
SHORT = 60
"""How much of a notice stands on a list."""

HEADING = T("📢 <b>Notice</b> · #{number}")
EMERGENCY = T("🔴 <b>Important, please read now</b> · #{number}")
ONLY_OTHER = T("<i>This one has not been written in English.</i>")
PLEASE = T("🔔 We have not heard from you yet. Please tap “Got it” when you have seen this.")


def compose(
    said: Mapping[str, Text],
    languages: Sequence[str],
    audience: Audience,
    *,
    now: datetime,
    send_at: datetime | None = None,
    media: Media | None = None,
    emergency: bool = False,
    author_id: str | None = None,
    topic: str | None = None,
) -> Notice:
    """A notice ready to be stored. `said` by language; what stands under '' is said in every language. Who reads one
    that is missing gets what there is, marked so. No `send_at`: at once."""
    id, ours = new_id(), author_id is None
    first: dict[str, Mapping[str, Any]] = {}
    again: dict[str, Mapping[str, Any]] = {}
    for language in languages:
        text = _face(said, language, "" if ours else number_of(id), emergency=emergency)
        message = Message(0, text=text, buttons=((got_it(id),),), media=media, language=language)
        first[language] = message.body()
        again[language] = message._replace(text=T("{please}\n\n{notice}", please=PLEASE, notice=text)).body()
    return Notice(
        id,
        number_of(id),
        audience,
        {language: pack(text) for language, text in said.items()},
        first,
        again,
        created_at=now,
        send_at=send_at or now,
        author_id=author_id,
        topic=topic,
        emergency=emergency,
    )


def _face(said: Mapping[str, Text], language: str, number: str, *, emergency: bool) -> Text:
    """Without a number there is no heading: our own safety notices begin with what they are about."""
    heading = (EMERGENCY if emergency else HEADING)(number=number)
    own = said.get(language) or said.get("")
    if own and not number:
        return own
    if own:
        return T("{heading}\n\n{text}", heading=heading, text=own)
    return T("{heading}\n{mark}\n\n{text}", heading=heading, mark=ONLY_OTHER, text=next(iter(said.values())))


SAFETY = "safety"
"""The duty to acknowledge a safety notice; what it says is about 'safety:<notice>:<person>'."""


async def topic_key(tx: Tx, calendar: Calendar, topic: Topic, day: date, now: datetime) -> str:
    """The key of a notice on this topic told by hand on that day. What a rule had placed on it meanwhile is stopped."""
    summer = season(calendar, day)
    prefix = prefix_of(summer) if summer else f"at:{day.isoformat()}:"
    known = [notice for notice in await notices.of_topic(tx, prefix) if topic_of(notice.topic) is topic]
    for notice in known:
        if notice.author_id is None and notice.stage is Stage.WAITING:
            await notices.cancel(tx, notice, now)
    return f"{prefix}{topic}:{len(known) + 1}"


async def settle(tx: Tx, notice_id: str, person_id: str) -> None:
    """This person knows: nothing more is said to them about it."""
    await nudges.settle(tx, [f"{SAFETY}:{notice_id}:{person_id}"])


def got_it(notice_id: str, label: Text = GOT_IT) -> Button:
    return Button(label, f"b|got_it|{notice_id}")


async def launch(tx: Tx, notice: Notice, now: datetime, zone: tzinfo) -> int:
    """To everybody who belongs to the audience today; in the quiet hours only an emergency. How many messages."""
    local = now.astimezone(zone)
    begin = start_of(now, zone, emergency=notice.emergency)
    return await notices.fan_out(tx, notice, local.date(), now, not_before=begin, expires_at=begin + LASTS)


def start_of(now: datetime, zone: tzinfo, *, emergency: bool) -> datetime:
    """When what begins now reaches people."""
    return now if emergency else after_quiet(now.astimezone(zone))


# --- the page


def card_kind(notice_id: str) -> str:
    """The kind of the Cards that show this notice."""
    return f"notice:{notice_id}"


def page(notice: Notice, tally: Tally, language: str) -> tuple[Text, Rows]:
    text = T(
        "{heading}\n{said}\n\n{audience}\n{stage}\n{counts}",
        heading=(EMERGENCY if notice.emergency else HEADING)(number=notice.number),
        said=_short(notice, language, 300),
        audience=audience_text(notice.audience),
        stage=_stage(notice, tally),
        counts=counts(tally),
    )
    return text, tuple(_actions(notice, tally))


def fingerprint(notice: Notice, tally: Tally) -> str:
    """The same as long as the page reads the same."""
    fates = ".".join(f"{fate[:2]}{tally.fates[fate]}" for fate in Fate if tally.fates.get(fate))
    return f"{notice.stage}{notice.rounds}:{tally.acknowledged}:{fates}"[:64]


def shown_again(notice: Notice, tally: Tally, card_id: str, chat_id: int, person_id: str, language: str) -> Message:
    """The page on a Card that stands in somebody's chat already."""
    text, rows = page(notice, tally, language)
    return Message(
        chat_id, Verb.EDIT, text, rows, card_id, person_id=person_id, language=language, needs=Action.SEE_NOTICES
    )


def line(notice: Notice, tally: Tally, language: str) -> Text:
    """A notice on a list."""
    told = T("{one} · {other}", one=notice.send_at, other=_title(notice) or _short(notice, language, SHORT))
    if not tally.total:
        return T("⏰ {told}", told=told)
    return T("{told} · 👌 {count}/{total}", told=told, count=tally.answered, total=tally.total)


def audience_text(audience: Audience) -> Text:
    """To whom it goes."""
    everybody = set(audience.roles) == set(READERS)
    roles: Value = T("everybody") if everybody else phrase(role.label for role in Role if role in audience.roles)
    if not audience.homes:
        return T("👥 {roles} · all homes", roles=roles)
    return TN("👥 {roles} · {count} home", "👥 {roles} · {count} homes", len(audience.homes), roles=roles)


def _stage(notice: Notice, tally: Tally) -> Text:
    match notice.stage:
        case Stage.WAITING:
            return T("⏰ Goes out: {at}", at=notice.send_at)
        case Stage.CANCELLED:
            return T("✖ Stopped")
        case Stage.MISSED:
            return T("✖ Not sent: its time had passed when I was back")
    if not tally.queued:
        return T("✔ Sent")
    return T("✈ Sending: {done} of {total}", done=tally.messages - tally.queued, total=tally.messages)


_FATES = {
    Fate.QUEUED: T("⏳ not sent yet: {count}"),
    Fate.SENT: T("📨 sent, not acknowledged yet: {count}"),
    Fate.FAILED: T("⚠ could not be sent: {count}"),
    Fate.UNKNOWN: T("❓ not sure whether it arrived: {count}"),
    Fate.EXPIRED: T("⌛ too late to be sent: {count}"),
    Fate.CANCELLED: T("✖ not sent any more: {count}"),
    Fate.NO_CHAT: T("📵 no chat with me: {count}"),
    Fate.UNREACHABLE: T("🚫 cannot be reached (blocked or gone): {count}"),
    Fate.BY_PHONE: T("📞 told by phone: {count}"),
    Fate.AT_DOOR: T("🚪 told at the door: {count}"),
}


def counts(tally: Tally) -> Listing:
    """Below how many could not be sent stands why."""
    told = _counted(tally)
    why = [T("   {reason} ({count})", reason=reason(error), count=n) for error, n in sorted(tally.errors.items())]
    place = next((place for place, one in enumerate(told, 1) if one.msgid == _FATES[Fate.FAILED].msgid), len(told))
    return lines([*told[:place], *why, *told[place:]])


def _counted(tally: Tally) -> list[Text]:
    told = [T("👌 acknowledged: {count}", count=tally.acknowledged)] if tally.total else []
    return told + [_FATES[fate](count=tally.fates[fate]) for fate in Fate if tally.fates.get(fate)]


def reason(error: str) -> Value:
    """Why it could not be sent, as far as people can do something about it."""
    said = error.lower()
    if any(sign in said for sign in ("forbidden", "not found", "unreachable", "deactivated", "blocked")):
        return T("has blocked me, or left Telegram")
    return words(error)


def homes_text(homes: Sequence[HomeTally]) -> Listing:
    """Two lines for each: there can be many."""
    return lines(T("<b>{home}</b>\n{counts}", home=home_name(one), counts=_in_a_line(one.tally)) for one in homes)


def _in_a_line(tally: Tally) -> Value:
    whole: Value = ""
    for part in _counted(tally):
        whole = T("{one} · {other}", one=whole, other=part) if whole else part
    return whole


def home_name(home: HomeTally) -> Text:
    return words(home.home_name) if home.home_name else T("No home")


def silent_text(silent: Sequence[Receipt]) -> Listing:
    """Name, number to call, and why they have not answered."""
    return lines(
        T("{name} {phone} · {why}", name=words(one.name), phone=words(spaced(one.phone)), why=_WHY[one.fate])
        for one in silent
    )


_WHY = {
    Fate.QUEUED: T("not sent yet"),
    Fate.SENT: T("sent"),
    **dict.fromkeys(NOT_ARRIVED, T("not arrived")),
    Fate.CANCELLED: T("not sent any more"),
    Fate.NO_CHAT: T("no chat"),
    Fate.UNREACHABLE: T("cannot be reached"),
    **dict.fromkeys(TOLD, T("told by somebody")),
}


def _title(notice: Notice) -> Text | None:
    """One that the programme says by itself has a name."""
    topic = None if notice.author_id else topic_of(notice.topic)
    return T("Summer safety: {topic}", topic=topic.label) if topic else None


def _short(notice: Notice, language: str, most: int) -> Text:
    """The first of somebody's own words, in one line; what is ours stays whole."""
    said = said_in(notice, language)
    if not said.raw:
        return said
    line = " ".join(said.msgid.split())
    return words(line if len(line) <= most else line[:most].rstrip() + "…")


def said_in(notice: Notice, language: str) -> Text:
    """What it says to who reads this language."""
    found: Text = unpack(notice.words.get(language) or next(iter(notice.words.values())))
    return found


def _actions(notice: Notice, tally: Tally) -> Sequence[tuple[Button, ...]]:
    rows: list[tuple[Button, ...]] = []
    if tally.total:
        rows.append((_button(T("🏫 By home"), "homes", notice.id),))
    if notice.stage is Stage.WAITING or (tally.queued and notice.stage is Stage.SENDING):
        rows.append((_button(T("✖ Stop what has not gone"), "stop", notice.id),))
    elif tally.silent and notice.stage is not Stage.CANCELLED:
        label = TN("🔔 Ask {count} person again", "🔔 Ask {count} people again", tally.silent)
        rows.append((_button(label, "again", notice.id, str(notice.rounds + 1)),))
    return rows


def _button(label: Text, *carried: str) -> Button:
    return Button(label, "|".join(("b", "notices", *carried)))
