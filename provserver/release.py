"""
May this request receive what it asks for? Proofs × policy → `Released` or `Withheld`, with the reason.

Pure: it sees a device, a tenant, what the request proved and the time, and decides. Everything that is not explicitly
released is withheld (fail closed).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hmac import compare_digest

from provserver.domain.device import Device, ReleasePolicy, Tenant, Tokens
from provserver.domain.identity import PeerIdentity

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# One office: what a provider routes to one line. /24 and /56 are the usual smallest assignments seen from outside.
_IPV4_PREFIX, _IPV6_PREFIX = 24, 56


class Proof(StrEnum):
    """What shows that the one who asks is the device."""

    LASTING_TOKEN = "lasting_token"  # noqa: S105 - a word, not a token
    PREVIOUS_TOKEN = "previous_token"  # noqa: S105
    BOOTSTRAP_TOKEN = "bootstrap_token"  # noqa: S105
    LOGIN = "login"
    CERTIFICATE = "certificate"  # of its maker's own authority, naming this very device
    WINDOW = "window"  # none, but the device is armed


class Login(StrEnum):
    """What became of the HTTP login in a request."""

    RIGHT = "right"
    WRONG = "wrong"
    STALE = "stale"  # made for a nonce that has run out, or used before: whoever knows the password tries again


class Reason(StrEnum):
    """Why nothing leaves; for the log and the metrics, never for the one who asked."""

    UNKNOWN_DEVICE = "unknown_device"
    LOCKED = "locked"
    WRONG_TOKEN = "wrong_token"  # noqa: S105 - a word, not a token
    WRONG_LOGIN = "wrong_login"
    STALE_LOGIN = "stale_login"
    WRONG_CERTIFICATE = "wrong_certificate"  # beyond doubt that of another device
    DUPLICATE_KEY = "duplicate_key"  # another device has shown the same key
    LEGACY = "legacy"  # old TLS, which its maker or its tenant was not allowed
    TFTP = "tftp"  # which its maker was not allowed, or with a token, which nobody is
    STRICT = "strict"
    RESTRAINED = "restrained"  # a window would have let it, but somebody attacks from there, or aims at such devices
    AGENT_DIFFERS = "agent_differs"  # a window would have let it, but its User-Agent says that it is another phone
    TOO_OFTEN = "too_often"  # with a proof, and more often than any phone asks
    NOT_ARMED = "not_armed"
    WINDOW_OVER = "window_over"
    PROVISIONED = "provisioned"
    SETTLING = "settling"  # as MOVED, while the device is being installed: an office with two lines does that
    MOVED = "moved"  # a proof that others may have seen, from another network than the first delivery went to
    HOSTILE_PATH = "hostile_path"
    NO_RULE = "no_rule"
    NO_TEMPLATE = "no_template"
    DELETED = "deleted"
    NO_UPLOAD = "no_upload"
    NO_ASSET = "no_asset"
    UNPROVEN = "unproven"  # personal data, which the window alone does not release


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The device's artefacts may go to the one who asks."""

    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Nothing goes."""

    reason: Reason


class Homes:
    """
    Where devices are at home: in the network of their first delivery.

    *staging* are networks in which devices are loaded before they are shipped: nobody's home, and no move for anybody.
    *roaming* are the makers of softphones, which people carry about. *system* says in which autonomous system an
    address is; empty: nobody knows.
    """

    def __init__(
        self,
        *,
        staging: Iterable[Network] = (),
        roaming: Collection[str] = (),
        system: Callable[[str], str] = lambda _address: "",
    ) -> None:
        self._networks = tuple(staging)
        self._roaming = frozenset(roaming)
        self._system = system
        self._holds = lru_cache(maxsize=1024)(self._is_within)

    def is_staging(self, address: str) -> bool:
        """Whether *address* is in such a network; what is no address is not."""
        return bool(self._networks) and self._holds(address)

    def of(self, device: Device, address: str) -> str | None:
        """The network in which *device* should be, coming from *address*; None: it may be anywhere."""
        if device.vendor in self._roaming or self.is_staging(address):
            return None
        return device.provisioned_prefix

    def is_away(self, device: Device, address: str, *, fixed: bool) -> bool:
        """
        Whether *device*, coming from *address*, is neither in the network of its first delivery nor at its provider.

        An address that changes every night stays in its provider's system; where devices are *fixed*, that is not
        enough. Fails closed: two systems that nobody knows are not the same.
        """
        home = self.of(device, address)
        if home is None or home == network_prefix(address):
            return False
        system = "" if fixed else self._system(address)
        return not system or self._system(home.partition("/")[0]) != system

    def _is_within(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        if ip.version == 6 and ip.ipv4_mapped is not None:  # noqa: PLR2004 - IP version 6
            ip = ip.ipv4_mapped
        return any(ip in network for network in self._networks)


ANYWHERE = Homes()


def decide(
    device: Device | None,
    tenant: Tenant | None,
    *,
    token: bytes | None,
    address: str,
    now_ms: int,
    settling_ms: int,
    certificate: PeerIdentity | None = None,
    legacy_makers: Collection[str] | None = None,
    tftp_makers: Collection[str] | None = None,
    login: Login | None = None,
    restrained: bool = False,
    agent_differs: bool = False,
    homes: Homes = ANYWHERE,
) -> Released | Withheld:
    """
    Decide for one request.

    *token* is the fingerprint of the token in its path (None: no token there), *address* where it came from,
    *now_ms* steady time, *settling_ms* how long after the first delivery the same network may still
    boot without a token. *certificate* is the device that the client's certificate names beyond doubt. *legacy_makers*
    are the makers whose devices may come over old TLS, if the request did (None: it did not); *tftp_makers* are those
    for TFTP. *login* is what became of the HTTP login (None: there was none). *restrained*: windows are not believed,
    proofs are. *homes* says in which network the device should be.
    A token, a certificate or a login that does not fit withholds even where the window would have released: nobody
    mistypes a token, and no device shows another's certificate. A token or a certificate that fits outranks a login.
    """
    if device is None or tenant is None:
        return Withheld(reason=Reason.UNKNOWN_DEVICE)
    proof = _token_proof(device.tokens, token) if token is not None else None
    objection = _objection(device, tenant, certificate=certificate, legacy_makers=legacy_makers)
    if tftp_makers is not None and (token is not None or device.vendor not in tftp_makers):
        objection = Reason.TFTP  # a token is for URLs; one that has been in a TFTP packet has been read by others
    if token is not None and proof is None:
        objection = Reason.WRONG_TOKEN
    if objection is not None:
        return Withheld(reason=objection)
    proof = proof or _other_proof(certificate, login)
    if proof is not None:
        away = certificate is None and homes.is_away(device, address, fixed=tenant.fixed_networks)
        return _by_proof(device, tenant, proof, away=away, settling=_is_settling(device, now_ms, settling_ms))
    if login is not None:
        return Withheld(reason=Reason.STALE_LOGIN if login is Login.STALE else Reason.WRONG_LOGIN)
    decision = _by_window(device, tenant, address=address, now_ms=now_ms, settling_ms=settling_ms)
    if isinstance(decision, Released) and (restrained or agent_differs):
        return Withheld(reason=Reason.RESTRAINED if restrained else Reason.AGENT_DIFFERS)
    return decision


@lru_cache(maxsize=4096)  # an office boots its phones from one address
def network_prefix(address: str) -> str:
    """The network of *address*, as one office is seen from outside; the text itself if it is no address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 6 and ip.ipv4_mapped is not None:  # noqa: PLR2004 - IP version 6
        ip = ip.ipv4_mapped
    bits = _IPV4_PREFIX if ip.version == 4 else _IPV6_PREFIX  # noqa: PLR2004 - IP version 4
    return str(ipaddress.ip_network((ip, bits), strict=False))


def _token_proof(tokens: Tokens, token: bytes) -> Proof | None:
    # Every comparison is made, each in constant time: how long it takes says nothing about how near a guess was.
    lasting = compare_digest(tokens.lasting, token)
    previous = compare_digest(tokens.previous or b"", token) and tokens.previous is not None
    bootstrap = compare_digest(tokens.bootstrap or b"", token) and tokens.bootstrap is not None
    if lasting:
        return Proof.LASTING_TOKEN
    if previous:
        return Proof.PREVIOUS_TOKEN
    return Proof.BOOTSTRAP_TOKEN if bootstrap else None


def _other_proof(certificate: PeerIdentity | None, login: Login | None) -> Proof | None:
    """What shows it without a token; whether the certificate is this device's has been asked before."""
    if certificate is not None:
        return Proof.CERTIFICATE
    return Proof.LOGIN if login is Login.RIGHT else None


def _by_proof(device: Device, tenant: Tenant, proof: Proof, *, away: bool, settling: bool) -> Released | Withheld:
    """
    What *proof* releases, the device being *away* from home or not.

    Fails closed, and only for what others may have seen: the bootstrap URL went through mails and redirection services,
    and a login is a person's password; a device that has used its lasting URL needs neither. The lasting URL only the
    phone has been given, and phones move and get new addresses every night; a tenant may say that its own do not.
    """
    seen_by_others = proof is Proof.BOOTSTRAP_TOKEN or (
        proof is Proof.LOGIN and device.tokens.lasting_used_at is not None
    )
    if not away or not (seen_by_others or tenant.fixed_networks):
        return Released(proof=proof)
    return Withheld(reason=Reason.SETTLING if settling else Reason.MOVED)


def _is_settling(device: Device, now_ms: int, settling_ms: int) -> bool:
    return device.provisioned_at is not None and now_ms - device.provisioned_at <= settling_ms


def _objection(
    device: Device, tenant: Tenant, *, certificate: PeerIdentity | None, legacy_makers: Collection[str] | None
) -> Reason | None:
    """What withholds everything, whatever else was shown."""
    if certificate is not None and (certificate.maker != device.vendor or certificate.mac != device.mac):
        return Reason.WRONG_CERTIFICATE
    if device.locked_at is not None:
        return Reason.LOCKED
    if legacy_makers is not None and not (tenant.legacy_tls and device.vendor in legacy_makers):
        return Reason.LEGACY
    return None


def _by_window(device: Device, tenant: Tenant, *, address: str, now_ms: int, settling_ms: int) -> Released | Withheld:
    if tenant.policy is not ReleasePolicy.WINDOW:
        return Withheld(reason=Reason.STRICT)
    if device.armed_until is None:
        return Withheld(reason=Reason.NOT_ARMED)
    if device.provisioned_at is not None:
        at_home = device.provisioned_prefix == network_prefix(address)
        settling = at_home and _is_settling(device, now_ms, settling_ms)
        return Released(proof=Proof.WINDOW) if settling else Withheld(reason=Reason.PROVISIONED)
    if now_ms > device.armed_until:
        return Withheld(reason=Reason.WINDOW_OVER)
    return Released(proof=Proof.WINDOW)
