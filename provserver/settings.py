"""
All settings, one frozen model per concern, each with its unit, default and reason.

They come from a TOML file and from the environment (``PROVSERVER_<SECTION>__<FIELD>``), which wins. Nothing else reads
the environment. `load` gives a `Settings` or raises ConfigurationError with one clear line.
"""

from __future__ import annotations

import tomllib
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from provserver.domain.authorization import ALGORITHMS
from provserver.errors import ConfigurationError
from provserver.outlet_settings import (
    AlertSettings,
    CrowdSecSettings,
    MailSettings,
    OutboundSettings,
    SyslogSettings,
    WhereaboutsSettings,
)
from provserver.setting_fields import Network, Networks, Paths, Port, Section, Words, base_url

ENVIRONMENT_PREFIX = "PROVSERVER_"
_WIDEST_IPV4, _WIDEST_IPV6 = 8, 32  # 10.0.0.0/8, and what one provider gets


class DataSettings(Section):
    """Where everything is kept."""

    directory: Path = Field(Path("data"), description="databases, uploads and the lock file")
    keys: Path | None = Field(None, description="key files; default: `keys` in the data directory")

    @property
    def key_directory(self) -> Path:
        """Where the key files are. In production: another volume than the data, with another backup rule."""
        return self.keys or self.directory / "keys"


class PhoneSettings(Section):
    """The listener that phones reach."""

    plain: bool = Field(default=True, description="answer plain HTTP here; false: only the listeners with TLS do")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: Port = Field(8080, description="port to listen on; 0 lets the system choose")
    url: str = Field(
        "http://127.0.0.1:8080", description="how phones reach this listener; goes into their configuration"
    )
    trusted_proxies: Networks = Field((), description="networks whose X-Forwarded-For is believed; nobody else's is")
    proxy_protocol: Networks = Field(
        (), description="networks whose connections must begin with a PROXY header (1 or 2); nobody else's may"
    )
    certificate_headers: bool = Field(
        default=False,
        description="trusted proxies say in X-SSL-… which certificate a phone has shown, and which TLS it speaks",
    )
    idle_s: float = Field(10, gt=0, description="limit for sending the request head, and for idling between requests")
    slow_s: float = Field(10, gt=0, description="how long a phone may send an upload, or take an answer, too slowly")
    least_rate: int = Field(1024, ge=1, description="bytes a second below which that is too slow")
    refusal_ms: float = Field(
        5, ge=0, le=1000, description="every refusal is sent this long after the request came in, whatever its reason"
    )

    @field_validator("url")
    @classmethod
    def _isbase_url(cls, url: str) -> str:
        return base_url(url)


class ConnectionSettings(Section):
    """How many connections phones may have, on all listeners together."""

    total: int = Field(8192, ge=16, le=1_000_000, description="all of them; each takes a file descriptor")
    per_address: int = Field(512, ge=1, description="of one address; an office behind one needs two a phone")
    per_network: int = Field(1024, ge=1, description="of one IPv6 /64, in which every address is free")
    known_share: float = Field(
        0.25, ge=0, le=0.9, description="part of the total that is kept for addresses where phones have shown proofs"
    )


class TLSSettings(Section):
    """The listener for phones that know TLS 1.2 or 1.3; it is on once certificates are named."""

    certificates: Paths = Field(
        (), description="PEM files, the server's own certificate first: one with an ECDSA key, one with RSA, or both"
    )
    keys: Paths = Field((), description="their key files in the same order; empty: the keys are in the same files")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: Port = Field(8443, description="port to listen on; 0 lets the system choose")
    maker_authorities: Path | None = Field(
        None, description="folder with a file `<maker>.pem` each: the authorities that sign this maker's phones"
    )
    expired_makers: Words = Field(
        (), description="makers whose phones are believed though their certificates have expired"
    )
    unasked_names: Words = Field(
        (), description="host names under which no certificate is asked for; `-`: if the phone sends no name"
    )
    handshake_s: float = Field(5, gt=0, le=60, description="limit from the connection to the end of the handshake")
    warn_days: float = Field(14, ge=0, description="readiness warns so long before a certificate of ours expires")

    @field_validator("unasked_names")
    @classmethod
    def _lower(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.lower().rstrip(".") for name in names)

    @model_validator(mode="after")
    def _keys_fit(self) -> Self:
        if self.keys and len(self.keys) != len(self.certificates):
            msg = "keys must name one file for each of certificates, or none"
            raise ValueError(msg)
        return self


class LegacySettings(Section):
    """The listener for phones that know no better than TLS 1.0 or 1.1. Weak: who listens on the wire may win."""

    enabled: bool = Field(default=False, description="whether it is on; it uses the certificates of [tls]")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: Port = Field(8444, description="port to listen on; 0 lets the system choose")
    makers: Words = Field((), description="makers whose phones are served here; their tenants must accept it as well")
    until: date | None = Field(None, description="last day on which it is offered; needed, and then over")


class TFTPSettings(Section):
    """Reading by TFTP, for phones that know nothing better; see docs/decisions/0017. Others on the wire read along."""

    enabled: bool = Field(default=False, description="whether it is on")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: Port = Field(69, description="UDP port to listen on; 0 lets the system choose")
    networks: Networks = Field((), description="networks of phones, locked against others; nobody else is answered")
    makers: Words = Field((), description="makers whose phones are served here")

    @field_validator("networks")
    @classmethod
    def _are_somewhere(cls, networks: tuple[Network, ...]) -> tuple[Network, ...]:
        for network in networks:
            if network.prefixlen < (_WIDEST_IPV4 if network.version == 4 else _WIDEST_IPV6):  # noqa: PLR2004 - IP version 4
                msg = f"{network} is too wide to be locked"
                raise ValueError(msg)
        return networks


class OpsSettings(Section):
    """The listener of the operator's own network: metrics, health, readiness."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: Port = Field(9464, description="port to listen on; 0 lets the system choose")


class ReleaseSettings(Section):
    """When credentials may leave. A tenant can be stricter."""

    window_days: float = Field(7, gt=0, le=90, description="how long an armed device may fetch without a token")
    settling_minutes: float = Field(
        15, ge=0, le=1440, description="how long after its first delivery the same network may go on booting it"
    )
    staging: Networks = Field(
        (),
        description="networks in which devices are loaded before they are shipped: a delivery there is not the first",
    )


class LoginSettings(Section):
    """HTTP authentication, by which a device shows that it is the one; see docs/decisions/0013."""

    ask: bool = Field(
        default=False, description="ask everybody who comes without a token for a login; a right one is a proof"
    )
    realm: str = Field("provisioning", pattern=r"^[A-Za-z0-9 ._@-]{1,64}$", description="what phones show as the realm")
    algorithms: Words = Field(
        ("SHA-256", "MD5"), description="of Digest, best first; `MD5` alone for phones that trip over the other"
    )
    nonce_s: float = Field(300, ge=10, le=3600, description="how long a phone may go on using what it was asked with")
    previous_days: float = Field(
        7, ge=0, le=90, description="how long a login password that was replaced is accepted beside the new one"
    )

    @field_validator("algorithms")
    @classmethod
    def _is_known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not names or len(set(names)) != len(names) or not set(names) <= ALGORITHMS.keys():
            msg = f"must be one or more of {', '.join(ALGORITHMS)}, each once"
            raise ValueError(msg)
        return names


class RedirectSettings(Section):
    """Makers' redirection services, which tell phones out of the box where they belong; see docs/redirection.md."""

    url: str | None = Field(None, description="how phones sent by their makers reach us; default: `phone.url`")
    authorities: Path | None = Field(
        None, description="PEM file of authorities that are believed beside the system's own, for a proxy in between"
    )
    calls: int = Field(32, ge=1, le=200, description="calls to one account's service at the same time")
    connect_s: float = Field(10, gt=0, le=60, description="limit for connecting to a service")
    call_s: float = Field(30, gt=0, le=120, description="limit for a whole call")
    reply_bytes: int = Field(8_388_608, ge=65_536, description="largest answer that is read; lists are pages of this")
    poll_s: float = Field(2, gt=0, le=60, description="how often it is looked for something to send")
    lease_s: float = Field(
        900, ge=10, description="after so long, what a process that died was about to send is anybody's again"
    )
    reconcile_hours: float = Field(24, gt=0, description="how often makers' lists are compared with ours")
    claims_a_day: int = Field(
        50, ge=1, description="a tenant who enters more MACs of others in a day has no more of his sent"
    )

    @field_validator("url")
    @classmethod
    def _isbase_url(cls, url: str | None) -> str | None:
        return None if url is None else base_url(url)


class RetentionSettings(Section):
    """How long things are kept."""

    credential_days: float = Field(
        15, gt=0, le=3650, description="credentials are deleted so long after first delivery"
    )
    interval_s: float = Field(300, gt=0, le=3600, description="how often deletion runs; bounds how late it can be")
    request_log_days: float = Field(30, gt=0, description="request log with full addresses (CNIL: 6-12 months at most)")
    upload_days: float = Field(30, gt=0, description="uploads that hold no credentials; others go with those")
    event_days: float = Field(180, gt=0, description="events shown to resellers")


class UploadSettings(Section):
    """What phones may leave with us."""

    device_bytes: int = Field(8_388_608, gt=0, description="all uploads of one device together")
    device_files: int = Field(32, gt=0, description="files of one device")


class AssetSettings(Section):
    """Firmware, ring tones, backgrounds and languages that phones fetch from us."""

    file_bytes: int = Field(536_870_912, gt=0, description="largest file")
    tenant_bytes: int = Field(1_073_741_824, gt=0, description="all files of one tenant together")
    total_bytes: int = Field(21_474_836_480, gt=0, description="all files together")


class VaultSettings(Section):
    """Key-encryption keys."""

    rotate_days: float = Field(7, ge=0, description="a new key-encryption key so often; 0: only by `key rotate`")
    destroy_days: float = Field(
        3, ge=0, description="a retired key is destroyed after so long; backups of the keystore die with it"
    )


class VendorSettings(Section):
    """Makers and models without a release, see docs/adding-a-vendor.md."""

    folder: Path | None = Field(
        None, description="folder of makers that are added or changed; who can write there decides what phones get"
    )


class CacheSettings(Section):
    """Bounded memory. Nothing in it is plaintext."""

    memory_bytes: int = Field(
        100_663_296, ge=0, description="device records with sealed credentials, and rendered files"
    )
    poll_ms: float = Field(200, gt=0, description="how soon changes made by another process are seen")


class MonitorSettings(Section):
    """What is done about attacks; see docs/monitor.md."""

    simulate: bool = Field(default=False, description="decide and write everything down, and carry nothing out")
    simulated: Words = Field((), description="detectors whose decisions are not carried out; docs/detectors.md")
    allow: Networks = Field(
        (ip_network("127.0.0.0/8"), ip_network("::1/128")),
        description="networks that nothing is decided about: own offices, benches, probes, proxies on this machine",
    )
    canaries: Words = Field((), description="MACs and URL tokens that no real phone has: who asks for one is shut out")
    canary_accounts: Words = Field((), description="SIP user names that no phone has; `monitor sip-log` looks for them")
    detectors: Path | None = Field(None, description="TOML file with other numbers for detectors, a table for each")
    queue_events: int = Field(50_000, ge=100, description="requests that may wait to be looked at; more are dropped")
    source_per_s: float = Field(50, gt=0, description="requests a second of one address whose windows are believed")
    source_burst: int = Field(4_000, ge=1, description="so many at once: an office of 500 phones asks as often")
    device_per_minute: float = Field(60, gt=0, description="requests a minute for one MAC whose windows are believed")
    device_burst: int = Field(120, ge=1, description="so many at once: some phones ask for 30 files when they boot")
    proven_per_minute: float = Field(
        120, gt=0, description="requests a minute of one device that are served, with a proof"
    )
    proven_burst: int = Field(600, ge=1, description="so many at once: firmware fetched in pieces, a boot loop")


class LogSettings(Section):
    """What is said on standard output."""

    format: Literal["auto", "json", "console"] = Field("auto", description="auto: console on a terminal, else json")
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level that is written")
    queue_rows: int = Field(100_000, gt=0, description="request log rows that may wait; more are dropped and counted")
    flush_ms: float = Field(600, gt=0, le=1000, description="how often waiting rows are written; a crash loses no more")


class Settings(BaseSettings):
    """All sections together."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__", toml_file=None
    )

    data: DataSettings = DataSettings()
    phone: PhoneSettings = PhoneSettings()
    connections: ConnectionSettings = ConnectionSettings()
    tls: TLSSettings = TLSSettings()
    legacy: LegacySettings = LegacySettings()
    tftp: TFTPSettings = TFTPSettings()
    ops: OpsSettings = OpsSettings()
    release: ReleaseSettings = ReleaseSettings()
    login: LoginSettings = LoginSettings()
    redirect: RedirectSettings = RedirectSettings()
    retention: RetentionSettings = RetentionSettings()
    uploads: UploadSettings = UploadSettings()
    assets: AssetSettings = AssetSettings()
    vault: VaultSettings = VaultSettings()
    vendors: VendorSettings = VendorSettings()
    cache: CacheSettings = CacheSettings()
    monitor: MonitorSettings = MonitorSettings()
    alerts: AlertSettings = AlertSettings()
    mail: MailSettings = MailSettings()
    syslog: SyslogSettings = SyslogSettings()
    crowdsec: CrowdSecSettings = CrowdSecSettings()
    whereabouts: WhereaboutsSettings = WhereaboutsSettings()
    outbound: OutboundSettings = OutboundSettings()
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
