"""What must hold of every file that is committed."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock")

# Put together from pieces: this file is searched too.
HOSTS = ["py" + "pi.org", "python" + "hosted", "registry." + "npmjs", "deb." + "debian", "py" + "pi.tuna"]
PATHS = ["/" + "work/", "/" + "root/", "/tmp/" + "bash_jobs", "." + "library", "farm" + "-"]


def committed() -> dict[str, str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = (ROOT / name for name in listed.split("\0") if name)
    return {
        str(file.relative_to(ROOT)): file.read_text(errors="replace")
        for file in files
        if file.suffix not in {".png", ".jpg", ".ogg"} and file.is_file()
    }


@pytest.mark.parametrize("forbidden", HOSTS + PATHS)
def test_no_file_names_an_index_or_a_place_on_this_machine(forbidden: str) -> None:
    assert [name for name, text in committed().items() if forbidden in text] == []


def requirements(lock: str) -> dict[str, str]:
    """Name and version, then all that is said of it."""
    text = "\n".join(line for line in (ROOT / lock).read_text().splitlines() if not line.lstrip().startswith("#"))
    entries = re.split(r"\n(?=\S)", text.strip())
    return {entry.split()[0]: entry for entry in entries}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_names_and_hashes_only(lock: str) -> None:
    entries = requirements(lock)
    assert entries
    for name, entry in entries.items():
        assert re.fullmatch(r"[a-z0-9-]+==[\w.]+", name)
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), name
        assert not re.search(r"://|--(extra-)?index|--find-links", entry), name


def test_tools_and_product_agree_on_versions() -> None:
    assert requirements("requirements.lock").keys() <= requirements("requirements-dev.lock").keys()


@pytest.mark.parametrize("lock", LOCKS)
def test_what_is_asked_for_is_what_is_locked(lock: str) -> None:
    asked = re.findall(r"^([\w-]+)(?:\[.*\])?==(\S+)", (ROOT / lock.replace(".lock", ".in")).read_text(), re.MULTILINE)
    assert asked
    assert {f"{name}=={version}" for name, version in asked} <= requirements(lock).keys()


def test_every_module_of_the_bot_has_its_place_in_the_layers() -> None:
    """import-linter checks what it is told of. A new module in bot/ is added to the layers in pyproject.toml."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    placed = set(re.findall(r"bot\.(\w+)", " ".join(contracts[0]["layers"])))
    found = {path.stem for path in (ROOT / "bot").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert found - {"__init__"} <= placed
