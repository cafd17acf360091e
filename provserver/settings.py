"""
All settings, one frozen model per concern, each with its unit, default and reason.

They come from a TOML file and from the environment (``PROVSERVER_<SECTION>__<FIELD>``), which wins. Nothing else reads
the environment. `load` gives a `Settings` or raises ConfigurationError with one clear line.
"""

from __future__ import annotations

import tomllib
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from provserver.errors import ConfigurationError

ENVIRONMENT_PREFIX = "PROVSERVER_"
Port = Annotated[int, Field(ge=0, le=65_535)]
Network = IPv4Network | IPv6Network


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataSettings(_Section):
    """Where everything is kept."""

    directory: Path = Field(Path("data"), description="databases, uploads and the lock file")
    keys: Path | None = Field(None, description="key files; default: `keys` in the data directory")

    @property
    def key_directory(self) -> Path:
        """Where the key files are. In production: another volume than the data, with another backup rule."""
        return self.keys or self.directory / "keys"


class PhoneSettings(_Section):
    """The listener that phones reach."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: Port = Field(8080, description="port to listen on; 0 lets the system choose")
    url: str = Field(
        "http://127.0.0.1:8080", description="how phones reach this listener; goes into their configuration"
    )
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = Field(  # NoDecode: words in the environment, not JSON
        (), description="networks whose X-Forwarded-For is believed; nobody else's is"
    )
    idle_s: float = Field(10, gt=0, description="limit for sending the request head, and for idling between requests")
    body_s: float = Field(30, gt=0, description="limit for receiving an upload")
    write_s: float = Field(30, gt=0, description="limit for taking an answer; bounds the memory a slow reader can hold")
    refusal_ms: float = Field(
        5, ge=0, le=1000, description="every refusal is sent this long after the request came in, whatever its reason"
    )

    @field_validator("url")
    @classmethod
    def _is_base_url(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")) or "?" in url or " " in url:
            msg = "must be an http or https URL"
            raise ValueError(msg)
        return url.rstrip("/")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if isinstance(value, str):
            value = [part for part in value.replace(",", " ").split() if part]
        return [ip_network(part) for part in value] if isinstance(value, list | tuple) else value


class OpsSettings(_Section):
    """The listener of the operator's own network: metrics, health, readiness."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: Port = Field(9464, description="port to listen on; 0 lets the system choose")


class ReleaseSettings(_Section):
    """When credentials may leave. A tenant can be stricter."""

    window_days: float = Field(7, gt=0, le=90, description="how long an armed device may fetch without a token")
    settling_minutes: float = Field(
        15, ge=0, le=1440, description="how long after its first delivery the same network may go on booting it"
    )


class RetentionSettings(_Section):
    """How long things are kept."""

    credential_days: float = Field(
        15, gt=0, le=3650, description="credentials are deleted so long after first delivery"
    )
    interval_s: float = Field(300, gt=0, le=3600, description="how often deletion runs; bounds how late it can be")
    request_log_days: float = Field(30, gt=0, description="request log with full addresses (CNIL: 6-12 months at most)")
    upload_days: float = Field(30, gt=0, description="uploads that hold no credentials; others go with those")
    event_days: float = Field(180, gt=0, description="events shown to resellers")


class UploadSettings(_Section):
    """What phones may leave with us."""

    device_bytes: int = Field(8_388_608, gt=0, description="all uploads of one device together")
    device_files: int = Field(32, gt=0, description="files of one device")


class VaultSettings(_Section):
    """Key-encryption keys."""

    rotate_days: float = Field(7, ge=0, description="a new key-encryption key so often; 0: only by `key rotate`")
    destroy_days: float = Field(
        3, ge=0, description="a retired key is destroyed after so long; backups of the keystore die with it"
    )


class CacheSettings(_Section):
    """Bounded memory. Nothing in it is plaintext."""

    memory_bytes: int = Field(
        100_663_296, ge=0, description="device records with sealed credentials, and rendered files"
    )
    poll_ms: float = Field(200, gt=0, description="how soon changes made by another process are seen")


class LogSettings(_Section):
    """What is said on standard output."""

    format: Literal["auto", "json", "console"] = Field("auto", description="auto: console on a terminal, else json")
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level that is written")
    queue_rows: int = Field(100_000, gt=0, description="request log rows that may wait; more are dropped and counted")
    flush_ms: float = Field(800, gt=0, le=1000, description="how often waiting rows are written; a crash loses no more")


class Settings(BaseSettings):
    """All sections together."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__", toml_file=None
    )

    data: DataSettings = DataSettings()
    phone: PhoneSettings = PhoneSettings()
    ops: OpsSettings = OpsSettings()
    release: ReleaseSettings = ReleaseSettings()
    retention: RetentionSettings = RetentionSettings()
    uploads: UploadSettings = UploadSettings()
    vault: VaultSettings = VaultSettings()
    cache: CacheSettings = CacheSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(  # noqa: D102 - hook of the base class
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings  # a .env file would be one more place for keys to lie about
        file = init_settings.init_kwargs.pop("file", None)  # type: ignore[attr-defined]
        toml = (TomlConfigSettingsSource(settings_cls, toml_file=file),) if file else ()
        return (init_settings, env_settings, *toml)


def load(file: Path | None) -> Settings:
    """
    Read settings from *file* (None: defaults) and the environment.

    Raises ConfigurationError, one line, naming the file or the fields.
    """
    if file is not None:
        _check_readable(file)
    try:
        return Settings(file=file)  # type: ignore[call-arg]
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors())
        msg = f"configuration{f' {file}' if file else ''}: {problems}"
        raise ConfigurationError(msg) from None  # the cause quotes inputs
    except SettingsError as error:  # a whole section in one variable, which is read as JSON
        msg = f"configuration: {error}"
        raise ConfigurationError(msg) from None  # the cause quotes inputs


def _check_readable(file: Path) -> None:
    try:
        tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"configuration {file}: {error.strerror or error}"
        raise ConfigurationError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"configuration {file}: {error}"
        raise ConfigurationError(msg) from error
