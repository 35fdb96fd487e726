"""The demo's district: invented people around the facts of a real half-year summary, as the rows that a load brings.

18 homes, 13 of them new this year, 203 children. Always the same, but for the dates, which follow today.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from care.people import Role
from care.roster import ChildRow, GuardianRow, HomeRow, PairingRow, Placed, Roster, StaffRow

STAR_HOME = 6
"""Number of the home of those who hold a phone: the one with 31 children."""
STAR_CHILD = "0601"
_SEED = 203
_VOLUNTEERS = 60
_NOT_YET_CLEARED = 3
_LEADERS = 5
_GRANDPARENTS = ("奶奶", "奶奶", "爷爷", "外婆", "外公")
_PARENTS = {"father": "爸爸", "mother": "妈妈"}


@cache
def script() -> Mapping[str, Any]:
    """Names, places and words, from cast.toml."""
    return tomllib.loads(files("bot.demo").joinpath("cast.toml").read_text(encoding="utf-8"))


def phone_number(number: int) -> str:
    """A number of the right shape, which the demo never dials."""
    return f"+861380000{number:04d}"


@dataclass
class _Casting:
    """Casting under way. Who holds a phone has a name and number already."""

    today: date
    random: Random = field(default_factory=lambda: Random(_SEED))
    numbers: int = 100
    held: dict[str, tuple[str, str]] = field(
        default_factory=lambda: {
            told["code"]: (told["name"], phone_number(number))
            for number, told in enumerate(script()["phones"])
            if "code" in told
        }
    )

    def __post_init__(self) -> None:
        self.taken = {name for name, _ in self.held.values()}

    def person(self, code: str) -> tuple[str, str]:
        """A name that nobody else of the staff has, and a phone number."""
        if code in self.held:
            return self.held[code]
        while (name := self.any_name("grown_up")) in self.taken:
            pass
        self.taken.add(name)
        return name, self.next_number()

    def next_number(self) -> str:
        self.numbers += 1
        return phone_number(self.numbers)

    def any_name(self, given: str, surname: str = "") -> str:
        return (surname or self.random.choice(script()["surnames"])) + self.pick(given)

    def pick(self, words: str) -> str:
        told = script()[words]
        return str(self.random.choice(told.split() if isinstance(told, str) else told))

    def ago(self, least: int, most: int) -> date:
        """A day between `least` and `most` days ago."""
        return self.today - timedelta(days=self.random.randint(least, most))


def district(today: date) -> Roster:
    casting = _Casting(today)
    children: list[ChildRow] = []
    guardians: list[GuardianRow] = []
    for number, home in enumerate(script()["homes"], 1):
        for child, its_guardians in _home_children(casting, number, home):
            children.append(child)
            guardians.extend(its_guardians)
    staff = [*_staff(casting), *_volunteers(casting)]
    return Roster(
        homes=_placed(_homes(today)),
        children=_placed(children),
        guardians=_placed(guardians),
        staff=_placed(staff),
        pairings=_placed(list(_pairings(casting, children))),
    )


def _placed(rows: Sequence[Any]) -> tuple[Placed[Any], ...]:
    return tuple(map(Placed, rows))


def _homes(today: date) -> list[HomeRow]:
    return [
        HomeRow(
            code=_home_code(number),
            name=told["name"],
            built_in=today.year if told.get("new") else today.year - 1 - number % 2,
            room=told.get("room", "ready"),
        )
        for number, told in enumerate(script()["homes"], 1)
    ]


def _home_code(number: int) -> str:
    return f"H{number:02d}"


def _home_children(
    casting: _Casting, number: int, home: Mapping[str, Any]
) -> Iterator[tuple[ChildRow, list[GuardianRow]]]:
    """The children of one home, each with its guardians. Every ninth is a sibling of the one before."""
    short_names = casting.random.sample(script()["short_names"].split(), home["children"])
    waiting: tuple[ChildRow, list[GuardianRow]] | None = None
    for place, short_name in enumerate(short_names, 1):
        code = f"{number:02d}{place:02d}"
        if waiting and place % 9 == 0:
            older, guardians = waiting
            same = {name: getattr(older, name) for name in ("family", "away", "where", "work", "since")}
            child = _child(casting, code, short_name, older.full_name[0]).model_copy(update=same)
            yield older, [guardian.model_copy(update={"children": (older.code, code)}) for guardian in guardians]
            yield child, []
            waiting = None
            continue
        if waiting:
            yield waiting
        child = _child(casting, code, short_name, casting.random.choice(script()["surnames"]))
        guardians = list(_guardians(casting, child))
        at_home = next(guardian.relation for guardian in guardians if guardian.caregiver)
        waiting = (child.model_copy(update={"family": f"跟{at_home}一起住"}), guardians)
    if waiting:
        yield waiting


def _child(casting: _Casting, code: str, short_name: str, surname: str) -> ChildRow:
    age = casting.random.randint(6, 11)
    new_home = script()["homes"][int(code[:2]) - 1].get("new", False)
    star = {"short_name": "小禾", "full_name": "林小禾", "sex": "female", "away": "both"}
    child = ChildRow(
        code=code,
        short_name=short_name,
        home=_home_code(int(code[:2])),
        full_name=casting.any_name("young", surname),
        sex=casting.random.choice(("female", "male")),
        born_on=casting.ago(age * 365 + 10, age * 365 + 350),
        class_name=script()["classes"][age - 6],
        away=casting.random.choice(("both", "both", "both", "father", "father", "mother")),
        where=casting.pick("places"),
        work=casting.pick("work"),
        since=str(casting.today.year - casting.random.randint(1, 4)),
        basis="父母外出半年以上",
        boarding=casting.random.random() < 0.2,
        health=casting.pick("health"),
        interests=casting.pick("interests"),
        joined_on=casting.ago(130, 160) if new_home else casting.ago(200, 500),
        consent=None if int(code[2:]) % 9 == 7 else casting.ago(121, 129),
    )
    return child.model_copy(update=star) if code == STAR_CHILD else child


def _guardians(casting: _Casting, child: ChildRow) -> Iterator[GuardianRow]:
    """Who is at home first: a grandparent, or the parent who stayed; then whoever is away."""
    relation = "奶奶" if child.code == STAR_CHILD else casting.random.choice(_GRANDPARENTS)
    people = [(relation, False, True)] if child.away == "both" else []
    stayed = {"father": "mother", "mother": "father"}.get(child.away)
    people += [(_PARENTS[stayed], True, True)] if stayed else []
    people += [(_PARENTS[parent], True, False) for parent in _PARENTS if child.away in (parent, "both")]
    for letter, (relation, legal_guardian, caregiver) in zip("ABC", people, strict=False):
        code = f"G{child.code}{letter}"
        surname = child.full_name[0] if relation in ("爸爸", "爷爷") else ""
        anybody = (casting.any_name("grown_up", surname), casting.next_number())
        name, number = casting.held.get(code, anybody)
        yield GuardianRow(
            code=code,
            name=name,
            phone=number,
            children=(child.code,),
            relation=relation,
            legal_guardian=legal_guardian,
            caregiver=caregiver,
        )


def _staff(casting: _Casting) -> Iterator[StaffRow]:
    homes = script()["homes"]
    for number, told in enumerate(homes, 1):
        home = _home_code(number)
        yield _person(casting, f"L{number:02d}", Role.HOME_LEAD, (home,), post="校长", full_time="part")
        yield _person(casting, f"T{number:02d}", Role.TEACHER, (home,), post="语文老师", full_time="part")
        if told["children"] >= 14:
            yield _person(casting, f"T{number + 20:02d}", Role.TEACHER, (home,), post="数学老师", full_time="part")
        if told.get("counsellor"):
            yield _person(casting, "P01", Role.COUNSELLOR, (home,), post="心理辅导老师", full_time="part")
    for number in range(1, _LEADERS + 1):
        theirs = tuple(_home_code(home) for home in range(number, len(homes) + 1, _LEADERS))
        yield _person(casting, f"B{number:02d}", Role.LEADER, theirs, unit="区教育局", post="科长")
    for number in (1, 2):
        yield _person(casting, f"C{number:02d}", Role.COORDINATOR, (), unit="电教仪器站", full_time="full")


def _volunteers(casting: _Casting) -> Iterator[StaffRow]:
    for number in range(1, _VOLUNTEERS + 1):
        code, told = f"V{number:03d}", {"unit": casting.pick("units"), "post": casting.pick("posts")}
        if number > _VOLUNTEERS - _NOT_YET_CLEARED:
            yield _person(casting, code, Role.VOLUNTEER, (), **told)
            continue
        vetted = casting.ago(150, 300)
        trained = vetted + timedelta(days=7)
        row = _person(casting, code, Role.VOLUNTEER, (), **told)
        yield row.model_copy(update={"vetted_on": vetted, "trained_on": trained, "conduct_on": trained})


def _person(casting: _Casting, code: str, role: Role, homes: tuple[str, ...], **told: str) -> StaffRow:
    name, number = casting.person(code)
    return StaffRow(code=code, name=name, phone=number, roles=(role,), homes=homes, **told)


def _pairings(casting: _Casting, children: Sequence[ChildRow]) -> Iterator[PairingRow]:
    """One child for the first volunteer of the page, three for the second, one to three for others who are cleared."""
    agreed = [child for child in children if child.consent]
    stars = [child for child in agreed if child.home == _home_code(STAR_HOME)][:4]
    others = iter(casting.random.sample([child for child in agreed if child not in stars], len(agreed) - len(stars)))
    for number in range(1, _VOLUNTEERS - _NOT_YET_CLEARED + 1):
        mine = {1: stars[:1], 2: stars[1:]}.get(number) or [next(others) for _ in range(1 + number % 3)]
        for child in mine:
            yield PairingRow(person=f"V{number:03d}", child=child.code, since=casting.ago(40, 120))
