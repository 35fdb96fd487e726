"""Settings, from the environment or from .env."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_zones = cache(available_timezones)  # it looks at every file of the system's


class Settings(BaseSettings):
    """What a deployment sets. Every name here stands in docs/operating.md."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    bot_token: SecretStr = SecretStr("")
    """From BotFather; one district, one token."""
    bot_api_url: str = "https://api.telegram.org"
    """Another Bot API server: Telegram's own local one, or the demo's."""
    database_url: str = ""
    """sqlite:///path or postgresql://...; empty: xinqiao.db in DATA_DIR."""
    data_dir: Path = Path("data")
    time_zone: str = "Asia/Shanghai"
    demo_port: int = Field(8090, ge=0, le=65535)
    health_port: int = Field(8089, ge=0, le=65535)
    """Of /healthz and /metrics on 127.0.0.1; 0: none."""
    watchdog_seconds: float = Field(120.0, ge=0)
    """Without a sign of life from polling, after which the process ends. A poll may take 60. 0: never."""
    pace: float = Field(1.0, ge=0)
    """How many times faster than Telegram allows messages are sent: 1 for Telegram, 0 for a server without limits."""
    seal_key: SecretStr = SecretStr("")
    """The key that seals names and words, '<id>:<base64>', newest first, separated by commas. `run.py key` makes one.
    """

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in _zones():
            raise ValueError("there is no such time zone; one reads like Asia/Shanghai")
        return name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'xinqiao.db'}"
