"""What the bot can do: every Flow, Command, Rule, Duty and Job, found in their folders, checked together at start."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from bot.engine.command import Command
from bot.engine.duty import Duty, Rule
from bot.engine.flow import Flow, lint
from bot.engine.job import Job
from care.access import Action, may
from care.people import Actor
from care.text import Text


class Unsound(Exception):
    """A declaration is wrong; the message lists every fault."""


@dataclass(frozen=True)
class Registry:
    flows: dict[str, Flow]
    commands: dict[str, Command]
    rules: tuple[Rule, ...]
    order: tuple[str, ...] = ()
    duties: tuple[Duty, ...] = ()
    jobs: tuple[Job, ...] = ()

    def menu(self, actor: Actor) -> tuple[tuple[str, Text], ...]:
        """The commands that stand in this person's menu."""
        return tuple(
            (name, about) for name, about, needs in self._entries() if may(actor, needs) or needs is Action.START
        )

    def _entries(self) -> Iterator[tuple[str, Text, Action]]:
        entries = {flow.name: (flow.title, flow.needs) for flow in self.flows.values() if flow.menu}
        entries |= {command.name: (command.about, command.needs) for command in self.commands.values() if command.about}
        for name in sorted(entries, key=lambda name: self.order.index(name) if name in self.order else len(self.order)):
            yield name, *entries[name]

    def texts(self) -> Iterator[Text]:
        for flow in self.flows.values():
            yield from flow.texts()
        yield from (command.about for command in self.commands.values() if command.about)
        yield from (duty.title for duty in self.duties)


ORDER = (
    "check_in",
    "visit",
    "talk",
    "activity",
    "due",
    "today",
    "report",
    "overview",
    "recent",
    "child",
    "concern",
    "concerns",
    "calls",
    "notice",
    "people",
    "invite",
    "pair",
    "mine",
    "notices",
    "calendar",
    "away",
    "language",
    "help",
    "cancel",
    "start",
)
"""Of the menu and of the doors: the most used first."""


def gather(packages: Iterable[ModuleType]) -> Registry:
    """Imports every module below the packages and takes what it declares: FLOW, COMMAND, RULE, DUTY, JOB.

    Raises Unsound."""
    modules = [
        import_module(f"{package.__name__}.{found.name}")
        for package in packages
        for found in pkgutil.iter_modules(package.__path__)
    ]
    return check(
        [module.FLOW for module in modules if hasattr(module, "FLOW")],
        [module.COMMAND for module in modules if hasattr(module, "COMMAND")],
        [module.RULE for module in modules if hasattr(module, "RULE")],
        [module.DUTY for module in modules if hasattr(module, "DUTY")],
        [module.JOB for module in modules if hasattr(module, "JOB")],
    )


def check(
    flows: Sequence[Flow],
    commands: Sequence[Command],
    rules: Sequence[Rule],
    duties: Sequence[Duty] = (),
    jobs: Sequence[Job] = (),
) -> Registry:
    faults = [fault for flow in flows for fault in lint(flow)]
    names = [*(flow.name for flow in flows), *(command.name for command in commands)]
    faults += [f"/{name} is declared twice" for name in sorted({name for name in names if names.count(name) > 1})]
    if faults:
        raise Unsound("\n".join(faults))
    return Registry(
        {flow.name: flow for flow in flows},
        {command.name: command for command in commands},
        tuple(rules),
        ORDER,
        tuple(duties),
        tuple(jobs),
    )
