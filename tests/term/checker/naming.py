"""What a line names, in the terms of what is owed: children, homes, months, notices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from tests.term.checker.days import day_of, month_of
from tests.term.checker.district import District
from tests.term.checker.facts import Row
from tests.term.checker.owed import Key, Told
from tests.term.checker.owed_notices import topic_words
from tests.term.checker.reading import Heard, Line, codes, days, local, month, more
from tests.term.checker.sayings import (
    ABOVE,
    ASK,
    ASK_HOME,
    BEFORE,
    CALLS,
    CAME_IN,
    EMERGENCY,
    HELP,
    ITEMS,
    LIST,
    NO_REPORT,
    NOT_ASKED,
    NOTICE,
    ONE_KIND,
    OVER,
    OVERDUE,
    QUIET_HOME,
    REMINDER,
    REPORT,
    SAFETY_1,
    SAFETY_3,
    SILENCE,
    SINCE,
    SOON,
    TALK,
    TEACHER,
    TERM_CHILDREN,
    TERM_PLANS,
    TODAY,
    TOPIC,
    TOPICS,
    UNDONE,
    VOLUNTEER,
)

_BETWEEN = re.compile(r"(?:,|、|，|和|\band\b|另外\d+个孩子|\d+ more child(?:ren)?|\s)*")


@dataclass
class Naming:
    """`problems` gathers what names nobody that the reader knows."""

    district: District
    problems: list[str]

    def told(self, heard: Iterable[Heard]) -> Iterator[Told]:
        for one in heard:
            for line in one.lines if not one.edit else ():
                keys = self._keys(one, line)
                count = more(self._listed(line)) if line.kind in (TEACHER, ABOVE, TALK, SILENCE) else 0
                for place, key in enumerate(keys):
                    yield Told(one, line, key, count if place == 0 else 0)
                if not keys:
                    yield Told(one, line, ())

    def _listed(self, line: Line) -> str:
        return line.body if line.kind in (TEACHER, ABOVE) else line.body.removeprefix("• ")

    def _keys(self, heard: Heard, line: Line) -> list[Key]:
        places, at = line.places, heard.at
        today = day_of(at)
        match line.kind:
            case _ if line.kind in (ASK, REMINDER):
                return [(child, today) for child in self._own_children(heard, places["children"])]
            case _ if line.kind == LIST:
                return [(int(places["count"]), day) for day in days(places["day"], at)]
            case _ if line.kind == NOT_ASKED:
                return [(day,) for day in days(places["day"], at)]
            case _ if line.kind in (TEACHER, ABOVE):
                return self._with_day(line.body.partition("\n")[2], places["day"], heard)
            case _ if line.kind in (VOLUNTEER, SOON, OVER):
                return self._with_day(places["children"], places["day"], heard)
            case _ if line.kind == HELP:
                who = self._volunteer(heard, places["volunteer"])
                return [(*key, who) for key in self._with_day(places["children"], places["day"], heard)]
            case _ if line.kind == TALK:
                return [(child, month_of(today)) for child in self._pupils(heard, line)]
            case _ if line.kind == SILENCE:
                return [(child, int(places["days"])) for child in self._by_code(places["children"])]
            case _ if line.kind == QUIET_HOME:
                return [(home, day) for home in self._homes(places["home"]) for day in days(places["day"], at)]
            case _ if line.kind in (ITEMS, REPORT, OVERDUE, ASK_HOME):
                return [(home, month(places["month"], at)) for home in self._homes(places["home"])]
            case _ if line.kind in (NO_REPORT, CAME_IN):
                count = len(self._homes(places["homes"])) + more(places["homes"])
                return [(count, month(places["month"], at))]
        return self._other_keys(heard, line, today)

    def _other_keys(self, heard: Heard, line: Line, today: date) -> list[Key]:
        places, at = line.places, heard.at
        if line.kind in (NOTICE, EMERGENCY):
            return [(places["number"],)]
        if line.kind in (TERM_CHILDREN, TERM_PLANS):
            return [(home,) for home in self._homes(places["home"])]
        if line.kind == ONE_KIND:
            return [(home, month_of(today)) for home in self._homes(places["home"])]
        if line.kind in (TOPIC, SAFETY_1, SAFETY_3, CALLS):
            return [(id,) for id in self._notices(heard, line)]
        if line.kind == UNDONE:
            return [(places["number"], day) for day in days(places["day"], at)]
        if line.kind in (BEFORE, TODAY, SINCE):
            due = [today] if line.kind == TODAY else [*days(places["day"], at)]
            number = re.search(r"[(（]#(\w+)[)）]$", places["what"])
            return [(number[1] if number else places["what"], day) for day in due]
        return []

    # --- children

    def _by_code(self, text: str) -> list[str]:
        return [self.district.by_code[code] for code in codes(text) if code in self.district.by_code]

    def _with_day(self, text: str, named: str, heard: Heard) -> list[Key]:
        (day,) = days(named, heard.at)
        return [(child, day) for child in self._by_code(text)]

    def _own_children(self, heard: Heard, text: str) -> list[str]:
        """A family's own, by their short names."""
        children = self.district.facts["children"]
        mine = [
            row.id
            for row in children
            if heard.person in {one.person_id for one in self.district.guardians(row.id, heard.at)}
        ]
        return self._by_name(heard, text, mine)

    def _pupils(self, heard: Heard, line: Line) -> list[str]:
        """Of the reader's homes, or of theirs in whose place it is said."""
        who = {heard.person, *(self.district.named_away(line.instead, heard.at) if line.instead else ())}
        homes = {row.home_id for row in self.district.facts["roles"] if row.person_id in who}
        among = [row.id for row in self.district.facts["children"] if row.home_id in homes]
        return self._by_name(heard, line.places["children"], among)

    def _by_name(self, heard: Heard, text: str, among: list[str]) -> list[str]:
        found, rest = [], text
        for child in sorted(among, key=lambda one: -len(self.district.facts.names[one])):
            name = self.district.facts.names[child]
            if name in rest:
                found.append(child)
                rest = rest.replace(name, " ", 1)
        if not _BETWEEN.fullmatch(rest):
            who, when = self.district.who(heard.person), local(heard.at)
            self.problems.append(f"names somebody who is not the reader's: {text!r} to {who} at {when}")
        return found

    # --- others

    def _homes(self, text: str) -> list[str]:
        """By name, the longest first, since one may stand within another."""
        found, rest = [], text
        for home in sorted(self.district.facts["homes"], key=lambda row: -len(row.name)):
            if home.name in rest:
                found.append(home.id)
                rest = rest.replace(home.name, " ")
        return found

    def _volunteer(self, heard: Heard, name: str) -> str:
        """Who is meant: the one of that name; the first, where several have it."""
        named = [id for id, known in self.district.facts.people_names.items() if known == name]
        return next((id for id in named if "volunteer" in self._ever(id)), "")

    def _ever(self, person: str) -> set[str]:
        return {row.role for row in self.district.facts["roles"] if row.person_id == person}

    def _notices(self, heard: Heard, line: Line) -> list[str]:
        """Which one is meant: by its words, or by its topic; of several, the last that was out."""
        rows = [row for row in self.district.facts["notices"] if row.send_at <= heard.at]
        if line.kind == CALLS:
            topic = line.places["topic"].rstrip("…")
            fits = [row for row in rows if topic in topic_words(row.topic or "") or self._said(row, topic)]
        else:
            body = " ".join(line.body.split())
            fits = [row for row in rows if row.topic and _topic_in(row.topic, line.body)]
            fits += [row for row in rows if self._words_in(row.id, body)]
        return [max(fits, key=lambda row: row.send_at).id] if fits else []

    def _said(self, row: Row, topic: str) -> bool:
        words = self.district.facts.words.get(row.id, ())
        return any(" ".join(part.split()).startswith(topic) for part in words)

    def _words_in(self, notice: str, body: str) -> bool:
        words = (" ".join(part.split()) for part in self.district.facts.words.get(notice, ()))
        return any(len(part) > 5 and part in body for part in words)


def _topic_in(topic: str, body: str) -> bool:
    """It begins with the topic, below what asks again."""
    parts = topic.split(":")
    saying = TOPICS.get(parts[2]) if len(parts) == 4 else None
    return saying is not None and bool({saying.zh, saying.en} & {*body.splitlines()[:3]})
