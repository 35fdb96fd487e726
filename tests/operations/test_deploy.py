"""What deploy/ says, held to what the bot does. No service manager and no container engine runs here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bot.__main__ import _parser
from bot.settings import Settings
from bot.watchdog import GRACE
from tests.operations.process import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


def unit(path: Path) -> dict[str, str]:
    lines = (line.partition("=") for line in path.read_text().splitlines() if re.match(r"[A-Z]\w+=", line))
    return {name: value for name, _, value in lines}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_exists_as_its_own_user_and_holds_no_secret(path: Path) -> None:
    said = unit(path)
    assert (said["User"], said["EnvironmentFile"]) == ("xinqiao", "/etc/xinqiao/xinqiao.env")
    words = said["ExecStart"].partition(" -m bot ")[2].split()
    assert _parser().parse_args(words).command == words[0]
    name, _, _ = said["Environment"].partition("=")
    assert name.lower() in Settings.model_fields
    assert not re.search(r"^[^#]*(BOT_TOKEN|SEAL_KEY)", path.read_text(), re.MULTILINE)


def test_the_service_is_started_again_and_given_the_time_it_needs_to_end() -> None:
    said = unit(DEPLOY / "xinqiao.service")
    assert said["Restart"] == "always"
    assert float(said["TimeoutStopSec"]) > GRACE


@contextmanager
def answering(status: int) -> Iterator[int]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.handle_request, daemon=True).start()
        yield server.server_port


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_containers_health_check_says_what_the_page_says(status: int, code: int) -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    found = re.search(r"HEALTHCHECK .*?CMD (\[.*?\])\n", text, re.DOTALL)
    assert found
    _, flag, script = json.loads(found[1])
    port = Settings.model_fields["health_port"].default
    assert f":{port}/" in script
    with answering(status) as free:
        asked = [sys.executable, flag, script.replace(str(port), str(free))]
        assert subprocess.run(asked, capture_output=True, timeout=20, check=False).returncode == code


def test_the_image_holds_what_the_bot_needs_pinned_and_runs_it_as_nobody_special() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert "--require-hashes --requirement requirements.lock" in text
    copied = re.findall(r"^COPY (\S+)", text, re.MULTILINE)
    assert all((ROOT / name).exists() for name in copied)
    assert {name for name in copied if (ROOT / name).is_dir()} == {"care", "storage", "bot", "locales"}
    allowed = set(re.findall(r"^!(\S+)", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE))
    assert allowed == set(copied)
    assert text.index("USER xinqiao") < text.index("ENTRYPOINT")
    assert not re.search(r"^[^#\n]*(BOT_TOKEN|SEAL_KEY)", text, re.MULTILINE)
