"""An environment of its own for each peer, in .bench/: made once, of pinned names, by uv or pip as they are set up."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import run

NODE_LEAST = 20
CACHE = Path(run.ROOT) / ".bench"
OURS = ()
PTB = ("python-telegram-bot==22.8",)
PTB_LIMITED = ("python-telegram-bot[rate-limiter]==22.8",)
GRAMMY = ("grammy@1.46.0", "@grammyjs/runner@2.0.3", "better-sqlite3@12.11.1")
AIOGRAM = ("aiogram==3.31.0", "aiosqlite==0.22.1")


def interpreter(packages: tuple[str, ...]) -> str:
    """The Python that has these packages and nothing else; without packages, our own."""
    return _made(packages, "\n".join(packages)) if packages else sys.executable


def deployed() -> str:
    """The Python of an environment as a district has it: what the lock file lists, and none of our tools."""
    lock = Path(run.ROOT) / run.PRODUCT
    return _made(("--require-hashes", "-r", str(lock)), lock.read_text())


def _made(packages: tuple[str, ...], named: str) -> str:
    folder = CACHE / hashlib.sha256(f"{sys.version}\n{named}".encode()).hexdigest()[:12]
    python, mark = folder / "bin" / "python", folder / "complete"
    if not mark.exists():
        _make(folder, python, packages)
        mark.write_text(named)
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


def command(packages: tuple[str, ...], start: tuple[str, ...]) -> list[str]:
    """What starts a bot that is made of these; a script of Node runs where its packages are."""
    if not start[0].endswith(".mjs"):
        return [interpreter(packages), *start]
    folder = _modules(packages)
    return ["node", str(shutil.copy(start[0], folder)), *start[1:]]


def node_missing() -> str:
    """Why no bot of Node can be run here; empty where one can."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "there is no node, or no npm"
    version = run.said_by(["node", "--version"]).strip()
    return "" if int(version.strip("v").partition(".")[0] or 0) >= NODE_LEAST else f"node {version} is too old"


def _modules(packages: tuple[str, ...]) -> Path:
    """A folder with these in its node_modules, made once."""
    folder = CACHE / hashlib.sha256("\n".join(("node", *packages)).encode()).hexdigest()[:12]
    mark = folder / "complete"
    if not mark.exists():
        print(f"installing {', '.join(packages)} ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_text('{"private": true}')
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--build-from-source", *packages]
        subprocess.run(npm, check=True, cwd=folder, stdin=subprocess.DEVNULL)
        mark.write_text("\n".join(packages))
    return folder


def bare() -> dict[str, str]:
    """What a peer's process inherits: no proxies, no settings of ours."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONUNBUFFERED": "1"}
