"""The settings: frozen, read once, refused when unknown or unsafe. Nobody else reads the environment."""

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from matchmaker.errors import Misconfigured
from matchmaker.resources import folder

Instance = Literal["demo", "own"]
_PREFIX = "MATCHMAKER_"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Site(_Section):
    """Names shown to people."""

    name: str
    bureau: str
    locale: Literal["zh_Hans_CN", "en"]
    region: str


class Data(_Section):
    """Where things are kept."""

    folder: Path
    url: str


class Web(_Section):
    """The web server and its sessions."""

    host: str
    port: int = Field(ge=0, le=65535)
    threads: int = Field(ge=1, le=256)
    public_url: str
    trusted_proxies: int = Field(ge=0, le=5)
    https: bool
    session_idle_minutes: int = Field(ge=1)
    session_hours: int = Field(ge=1)
    sign_in_attempts: int = Field(ge=1)
    sign_in_window_minutes: int = Field(ge=1)
    upload_megabytes: int = Field(ge=1, le=200)


class Mail(_Section):
    """The SMTP server; without a host there is no mail."""

    host: str
    port: int
    user: str
    password: str
    security: Literal["none", "starttls", "tls"]
    sender: str
    timeout_seconds: float
    batch: int = Field(ge=1)


class Matching(_Section):
    """The encoder and how many proposals are kept."""

    encoder: str
    way: Literal["auto", "sentence-transformers", "direct"]
    top: int = Field(ge=1, le=200)
    floor: Literal["strong", "fair", "weak"]


class Jobs(_Section):
    """Rhythm of the background process."""

    delivery_seconds: float = Field(gt=0)
    tick_seconds: float = Field(gt=0)
    attempts: int = Field(ge=1)
    claim_minutes: int = Field(ge=1)


class FollowUp(_Section):
    """When people are asked what became of it."""

    outcome_days: int
    intent_days: tuple[int, ...]
    registration_days: int
    reminder_days: tuple[int, ...]
    link_days: int


class Retention(_Section):
    """How long things are kept."""

    upload_days: int
    contact_months: int


class Settings(BaseSettings):
    """Everything that can be set; `instance` says which of the two databases this process serves."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=_PREFIX, env_nested_delimiter="__"
    )

    instance: Instance = "demo"
    site: Site
    data: Data
    web: Web
    mail: Mail
    matching: Matching
    jobs: Jobs
    follow_up: FollowUp
    retention: Retention

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: given values, environment, secret files, the deployer's file, ours."""
        files = [folder("config") / "default.toml", *_deployer_files()]
        return (
            init_settings,
            env_settings,
            _SecretFiles(settings_cls),
            TomlConfigSettingsSource(settings_cls, files, deep_merge=True),
        )

    @property
    def demo(self) -> bool:
        """Whether this is the sample campaign."""
        return self.instance == "demo"

    @cached_property
    def home(self) -> Path:
        """The folder of this instance's database, secrets and backups."""
        return self.data.folder.expanduser().resolve() / self.instance

    @property
    def database_url(self) -> str:
        """The SQLAlchemy address of this instance's database.

        A PostgreSQL address serves the bureau's own instance only: the sample campaign never
        touches it.
        """
        if self.data.url and not self.demo:
            return self.data.url
        return f"sqlite:///{self.home / 'matchmaker.db'}"

    @property
    def public_url(self) -> str:
        """The address in links of mails, without a slash at its end."""
        return (self.web.public_url or f"http://{self.web.host}:{self.web.port}").rstrip("/")

    @cached_property
    def secret_key(self) -> str:
        """The installation's own secret, made at first use and readable by its owner only."""
        return _own_secret(self.home / "secret.key")


class _SecretFiles(PydanticBaseSettingsSource):
    """Reads MATCHMAKER_<SECTION>__<KEY>_FILE: the value is the content of that file."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, path in os.environ.items():
            if not name.startswith(_PREFIX) or not name.endswith("_FILE") or "__" not in name:
                continue
            section, key = name.removeprefix(_PREFIX).removesuffix("_FILE").lower().split("__", 1)
            found.setdefault(section, {})[key] = Path(path).read_text(encoding="utf-8").strip()
        return found


def _deployer_files() -> list[Path]:
    named = os.environ.get(f"{_PREFIX}CONFIG")
    if named and not Path(named).is_file():
        raise Misconfigured(f"MATCHMAKER_CONFIG 指向的配置文件不存在：{named}")
    return [Path(named)] if named else [Path("config/local.toml")]


def _own_secret(place: Path) -> str:
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return place.read_text(encoding="utf-8")


def load_settings(**given: Any) -> Settings:
    """Read the settings; `given` (nested dicts) wins over every other source.

    Raises Misconfigured with one sentence that names every wrong setting.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = "；".join(f"{'.'.join(map(str, e['loc']))}：{e['msg']}" for e in error.errors())
        raise Misconfigured(f"配置有误（{wrong}）。请对照 config/default.toml 修改。") from error
