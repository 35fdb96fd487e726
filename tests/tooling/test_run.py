"""run.py on machines that lack something. A project of its own, which needs no packages, stands in for ours."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "run.py"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__init__.py").touch()
    (tmp_path / "bot" / "__main__.py").write_text("import sys; print(*sys.argv[1:])")
    for name in ("requirements.lock", "requirements-uv.lock"):
        (tmp_path / name).write_text("# nothing\n")
    shutil.copy(RUN, tmp_path)
    return tmp_path


def python(project: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=project, env=os.environ | env, capture_output=True, text=True, check=False)


def test_an_older_python_can_read_it() -> None:
    ast.parse(RUN.read_text(), feature_version=(3, 7))


def test_an_older_python_is_told_so_in_one_line(project: Path) -> None:
    old = "import sys, run; sys.version_info = (3, 9, 2, 'final', 0); run.main()"
    done = python(project, "-c", old, PATH="")
    assert done.returncode == 1
    assert done.stderr == "xinqiao: this needs Python 3.11 or newer, and this one is 3.9.\n"


def test_a_python_without_ensurepip_is_told_what_to_install(project: Path) -> None:
    bare = "import sys; sys.modules['ensurepip'] = None; sys.argv[1:] = ['demo']; import run; run.main()"
    done = python(project, "-c", bare)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("sudo apt install python3-venv")
    assert "Traceback" not in done.stderr


def test_it_installs_once_over_what_is_broken(project: Path) -> None:
    (project / ".venv" / "bin").mkdir(parents=True)  # left by a run that was cut short
    (project / ".venv" / "bin" / "python").symlink_to("gone")
    elsewhere = project / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "people.csv").touch()

    both = [
        subprocess.Popen([sys.executable, "run.py", "demo", "x"], cwd=project, stdout=-1, stderr=-1, text=True)
        for _ in range(2)
    ]
    told = [process.communicate(timeout=50) for process in both]
    assert [out for out, _ in told] == ["demo x\n", "demo x\n"]
    assert sum("making .venv" in err for _, err in told) == 1

    again = python(elsewhere, "../run.py", "load", "people.csv", "--dry")
    assert again.stdout == f"load {elsewhere / 'people.csv'} --dry\n"
    assert again.stderr == ""

    (project / "requirements.lock").write_text("# changed\n")
    changed = python(project, "run.py", "demo")
    assert "fetching" in changed.stderr
    assert "making" not in changed.stderr
