"""An environment of its own for each peer, in .bench/: made once, of pinned names, by uv or pip as they are set up."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import run

CACHE = Path(run.ROOT) / ".bench"
OURS = ()
PTB = ("python-telegram-bot==22.8",)
PTB_LIMITED = ("python-telegram-bot[rate-limiter]==22.8",)
AIOGRAM = ("aiogram==3.31.0", "aiosqlite==0.22.1")


def interpreter(packages: tuple[str, ...]) -> str:
    """The Python that has these packages and nothing else; without packages, our own."""
    if not packages:
        return sys.executable
    folder = CACHE / hashlib.sha256("\n".join((sys.version, *packages)).encode()).hexdigest()[:12]
    python, mark = folder / "bin" / "python", folder / "complete"
    if not mark.exists():
        _make(folder, python, packages)
        mark.write_text("\n".join(packages))
    return str(python)


def _make(folder: Path, python: Path, packages: tuple[str, ...]) -> None:
    print(f"installing {', '.join(packages)} ...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    env = run.environment()
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    uv = [run.UV, "pip", "install", "--quiet", "--python", str(python), *packages]
    if not Path(run.UV).exists() or subprocess.call(uv, env=env | run.as_uv_settings(env)):
        pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *packages]
        subprocess.run(pip, check=True, env=env)
    subprocess.call([str(python), "-m", "compileall", "-qq", str(folder)], stdout=subprocess.DEVNULL)


def bare() -> dict[str, str]:
    """What a peer's process inherits: no proxies, no settings of ours."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONUNBUFFERED": "1"}
