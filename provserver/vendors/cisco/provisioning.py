"""Where the phone asks next and when, its firmware, and whom it trusts: `PROVISIONING_ROWS`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.ciphers.aes128gcm import AES128GCM, AES128GCM_BASE64URL
from provserver.domain.parameters import DEVICE, At, Entry, Parameter
from provserver.domain.slot import SecretSlot
from provserver.domain.vendor import CONFIG_KEY
from provserver.domain.view import DeviceView
from provserver.vendors.cisco.models import Family, family_of
from provserver.vendors.cisco.rows import YES_NO, flat, row

_GPP = "SPA and MPP provisioning guides, general purpose parameters"
_DAY_MINUTES = 1440
_USER = "O"  # of the registers GPP_A to GPP_P
_KEY = "SA"  # of those that no page shows; every family knows them after --key
_FURTHER_RULES = ("Profile_Rule_B", "Profile_Rule_C", "Profile_Rule_D")


def _write_rule(view: DeviceView, _at: At) -> Iterator[Entry]:
    """
    Write the rule by which the phone asks us again, at its own URL.

    Its options name registers that hold the values, because the rule's grammar has no quoting for all characters.
    Further rules are emptied: what another server left in them would be asked as well, and would win.
    """
    options = [f"--key ${_KEY}"] if CONFIG_KEY in view.settings and not _is_by_body(view) else []
    if "provisioning_user" in view.settings:
        # Kept when the password is gone: the phone still has it in its register.
        options.append(f"--uid ${_USER} --pwd ${_password_register(view)}")
    before = f"[{' '.join(options)}] " if options else ""
    yield Entry("Profile_Rule", view.provisioning_url.framed(before=before, after=f"{view.mac}.xml"), "flat")
    for name in _FURTHER_RULES:
        yield flat(name, "")
    yield flat("Provision_Enable", "Yes")
    yield flat("Resync_From_SIP", "Yes")


def _password_register(view: DeviceView) -> str:
    """``SD`` is shown on no page, but SPA guides know SA to SD after ``--key`` only (H); ``P`` works everywhere."""
    return "SD" if family_of(view.model) is Family.MPP else "P"


def _is_by_body(view: DeviceView) -> bool:
    """Whether the body of the answer is encrypted (RFC 8188), and not the file in it."""
    return view.settings.get("config_encryption") in (AES128GCM.name, AES128GCM_BASE64URL.name)


def _write_key(key: SecretSlot, at: At) -> Iterator[Entry]:
    """Write the key again with every file: the phone has it already, and goes on with it."""
    yield flat("IKM_HTTP_Encrypt_Content" if _is_by_body(at.view) else f"GPP_{_KEY}", key)


def _write_password(password: SecretSlot, at: At) -> Iterator[Entry]:
    yield flat(f"GPP_{_password_register(at.view)}", password)


def _write_minutes(minutes: int, _at: At) -> Iterator[Entry]:
    yield flat("Resync_Periodic", minutes * 60)


def _write_time(start: str, at: At) -> Iterator[Entry]:
    """Once a day from this time on, at a random moment until the other time."""
    yield flat("Resync_At__HHmm_", start.replace(":", ""))
    end = at.view.settings.get("resync_until")
    if isinstance(end, str):
        minutes = (_minutes(end) - _minutes(start)) % _DAY_MINUTES
        yield flat("Resync_At_Random_Delay", minutes * 60)


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _write_firmware(url: str, _at: At) -> Iterator[Entry]:
    yield flat("Upgrade_Enable", "Yes")
    yield flat("Upgrade_Rule", url)


def _write_options(options: tuple[int, ...], _at: At) -> Iterator[Entry]:
    yield flat("DHCP_Option_To_Use", ",".join(str(option) for option in options))


def _write_nothing(_value: object, _at: At) -> Iterator[Entry]:
    """Write nothing: the setting shows in another row."""
    return iter(())


PROVISIONING_ROWS: tuple[Parameter, ...] = (
    row(DEVICE, _write_rule, source="sheet cisco 1, 5, 7"),
    row("provisioning_user", f"GPP_{_USER}", source=_GPP),
    row("provisioning_password", _write_password, source=_GPP),
    row("config_key", _write_key, source=f"sheet cisco 8; {_GPP}; MPP guides, RFC 8188-based HTTP content encryption"),
    # Says that the setting is supported; it shows in the key's place, and in the file as a whole.
    row("config_encryption", _write_nothing, source="sheet cisco 8"),
    row("resync_at_boot", "Resync_On_Reset", YES_NO),
    row("resync_minutes", _write_minutes),
    row("resync_from", _write_time, source="sheet cisco 5; fusionpbx cisco/spa122, 8861: Resync_At_Random_Delay"),
    row("resync_until", _write_nothing, source="as resync_from"),
    row("firmware_url", _write_firmware),
    row("discovery_dhcp_options", _write_options, source="sheet cisco 11; fusionpbx cisco/spa514g, 8861"),
    row("trusted_ca_url", "Custom_CA_Rule", source="sheet cisco 5; fusionpbx cisco/8861", confidence="M"),
    # Says that the setting is supported; it keeps accounts on that have no line.
    row("keep_user_changes", _write_nothing, source="as line.number"),
)
