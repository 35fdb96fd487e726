"""Homes and children, never more of them than the actor's roles reach. Refused and unknown look the same."""

from __future__ import annotations

from dataclasses import dataclass

from care.access import Action
from care.children import Child, Home
from care.people import Actor
from storage.database import Tx


@dataclass(frozen=True, slots=True)
class Guardian:
    person_id: str
    name: str
    relation: str
    phone: str = ""
    legal_guardian: bool = False
    caregiver: bool = False
    has_chat: bool = False


async def children(tx: Tx, actor: Actor, action: Action) -> list[Child]:
    """The active children in reach, in the order of their homes' codes and their own; short names only."""
    raise NotImplementedError


async def child(tx: Tx, actor: Actor, action: Action, child_id: str) -> Child:
    """The whole page: full name and details. Refusal for one out of reach as for one that is not."""
    raise NotImplementedError


async def of_home(tx: Tx, actor: Actor, action: Action, home_id: str) -> list[Child]:
    raise NotImplementedError


async def find_code(tx: Tx, actor: Actor, action: Action, code: str) -> Child | None:
    raise NotImplementedError


async def homes(tx: Tx, actor: Actor, action: Action) -> list[Home]:
    raise NotImplementedError


async def guardians(tx: Tx, actor: Actor, action: Action, child_id: str) -> list[Guardian]:
    """Caregivers first. Refusal when the child is out of reach."""
    raise NotImplementedError
