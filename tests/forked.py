"""The command line in a process of its own, without the second that its imports take: forked from a process that has
them already. From its first line on it is like any other; a kill -9 ends it alone.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

ROOT = Path(__file__).parent.parent


class Forked:
    """What is needed of asyncio's Process."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def returncode(self) -> int | None:
        """Minus the signal, where one ended it."""
        return self._process.exitcode

    async def wait(self) -> int:
        while (code := self.returncode) is None:
            await asyncio.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        if self._process.pid and self.returncode is None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def born(
    module: str, *words: str, env: Mapping[str, str], log: Path, folder: Path = ROOT, alone: bool = False
) -> Forked:
    """`python -m MODULE WORDS` in that folder, which writes to the end of `log`. `alone`: it knows nothing of our own
    environment."""
    known = dict(env) if alone else dict(os.environ) | env
    process = _nursery().Process(target=_live, args=(module, words, known, log, folder), daemon=True)
    process.start()
    return Forked(process)


def _nursery() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.warm"])
    return context


def _live(module: str, words: tuple[str, ...], env: dict[str, str], log: Path, folder: Path) -> None:
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.argv = [module, *words]
    sys.modules.pop(f"{module}.__main__", None)  # it is run anew
    runpy.run_module(module, run_name="__main__", alter_sys=True)
