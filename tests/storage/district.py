"""Two homes, three children and those around them. Each person's chat is known by their place in `CHATS`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import insert

from care.people import Actor, Role
from storage import consents, pairings, people, tables
from storage.database import Tx
from storage.vault import new_id

NOW = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 5, 20)
FULL_NAME = "林小禾全名"
PHONE = "13800000007"
CHATS = {
    name: 7_000_000_000 + place
    for place, name in enumerate(
        ("teacher_a", "teacher_b", "lead_a", "leader_a", "coordinator", "volunteer", "newcomer", "guardian")
    )
}


@dataclass(frozen=True)
class District:
    """Ids by plain names."""

    homes: dict[str, str]
    children: dict[str, str]
    people: dict[str, str]
    roles: dict[str, str]
    pairing: str

    async def actor(self, tx: Tx, name: str) -> Actor:
        return (await people.actors(tx, [CHATS[name]], TODAY))[CHATS[name]]


async def settle(tx: Tx) -> District:
    homes = {name: await add_home(tx, f"S-{name}") for name in ("a", "b")}
    children = {
        name: await add_child(tx, name, homes[name[0]], short_name=f"小名{name}") for name in ("a1", "a2", "b1")
    }
    persons: dict[str, str] = {}
    roles: dict[str, str] = {}
    for name, role, home in (
        ("teacher_a", Role.TEACHER, "a"),
        ("teacher_b", Role.TEACHER, "b"),
        ("lead_a", Role.HOME_LEAD, "a"),
        ("leader_a", Role.LEADER, "a"),
        ("coordinator", Role.COORDINATOR, None),
        ("volunteer", Role.VOLUNTEER, None),
        ("newcomer", Role.VOLUNTEER, None),
        ("guardian", Role.GUARDIAN, None),
    ):
        cleared = {"vetted_on": TODAY, "trained_on": TODAY, "conduct_on": TODAY} if name == "volunteer" else {}
        persons[name] = await people.add_person(tx, name=f"姓名{name}", phone=PHONE, now=NOW, **cleared)
        await people.link_chat(tx, persons[name], CHATS[name], "zh_Hans_CN", NOW)
        roles[name] = await people.grant_role(tx, persons[name], role, homes[home] if home else None, TODAY)
    pairing = await pairings.pair(tx, persons["volunteer"], children["a1"], today=TODAY)
    await pairings.pair(tx, persons["newcomer"], children["a1"], today=TODAY)
    for child_id in children.values():
        await consents.give(tx, child_id=child_id, purpose="care", way="paper", text_version="1", given_on=TODAY)
    row = {"id": new_id(), "person_id": persons["guardian"], "child_id": children["a2"], "relation": "奶奶"}
    await tx.run(insert(tables.guardianships), row | {"caregiver": True})
    return District(homes, children, persons, roles, pairing)


async def add_home(tx: Tx, code: str) -> str:
    id = new_id()
    details = tx.vault.seal_json({"address": "河边路"}, f"homes.details:{id}")
    row = {"id": id, "code": code, "name": f"学校{code}", "room": "ready", "details": details, "created_at": NOW}
    await tx.run(insert(tables.homes), row)
    return id


async def add_child(tx: Tx, code: str, home_id: str, *, short_name: str, status: str = "active") -> str:
    id = new_id()
    row = {
        "id": id,
        "code": code,
        "home_id": home_id,
        "short_name": tx.vault.seal(short_name, f"children.short_name:{id}"),
        "full_name": tx.vault.seal(FULL_NAME, f"children.full_name:{id}"),
        "details": tx.vault.seal_json({"family": "跟奶奶住"}, f"children.details:{id}"),
        "status": status,
        "joined_on": TODAY,
        "created_at": NOW,
    }
    await tx.run(insert(tables.children), row)
    return id
