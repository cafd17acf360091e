"""What data cannot say about voice: the list of codecs and the NAT policy, each a small structure of sections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from provserver.domain.parameters import At, Entry
from provserver.domain.view import DeviceView
from provserver.vendors.linphone import places

NAT_POLICY = "provserver"  # the name by which accounts refer to the policy; any will do, if it is the same everywhere


class _Codec(NamedTuple):
    """A codec as liblinphone names it. *fmtp* is its own default; written, because a stale one would stay beside."""

    mime: str
    rate: int
    channels: int = 1
    fmtp: str = ""


# As linphonec 5.1.65 writes its own list (T). iLBC comes as a plugin; what a client does not know it skips (T).
_CODECS: dict[str, tuple[_Codec, ...]] = {
    "opus": (_Codec("opus", 48_000, 2, "useinbandfec=1"),),
    "g722": (_Codec("G722", 8_000),),  # RFC 3551 4.5.2: sampled at 16 kHz, but always called 8000
    "pcma": (_Codec("PCMA", 8_000),),
    "pcmu": (_Codec("PCMU", 8_000),),
    "g729": (_Codec("G729", 8_000, 1, "annexb=yes"),),
    "g726": (_Codec("G726-32", 8_000),),
    "ilbc": (_Codec("iLBC", 8_000, 1, "mode=30"),),
    "speex": (_Codec("speex", 16_000, 1, "vbr=on"), _Codec("speex", 8_000, 1, "vbr=on")),
}


def write_codecs(wanted: tuple[str, ...], _at: At) -> Iterator[Entry]:
    """
    Write the codecs in order of preference, and an end after them.

    The client reads sections until one has no ``mime``, lets a later one overrule an earlier one of the same codec, and
    then mixes its own defaults into the list unless told not to (codecs_config_read in linphonecore.c, T). What it
    has stored from former lists would come back in all three ways.
    """
    chosen = [codec for name in wanted for codec in _CODECS[name]]
    for number, codec in enumerate(chosen):
        place = f"audio_codec_{number}"
        yield Entry("mime", codec.mime, place)
        yield Entry("rate", str(codec.rate), place)
        yield Entry("channels", str(codec.channels), place)
        yield Entry("recv_fmtp", codec.fmtp, place)
        yield Entry("enabled", "1", place)
    yield Entry("mime", "", f"audio_codec_{len(chosen)}")
    yield Entry("add_missing_audio_codecs", "0", "misc")


def write_nat_policy(view: DeviceView, _at: At) -> Iterator[Entry]:
    """
    Write one policy for the core and all accounts, when anybody has said something about NAT.

    It takes the place of the policy that the client makes for itself at its first start (``nat_policy_0``, T).
    """
    server, ice = view.settings.get("stun_server"), view.settings.get("ice")
    if server is None and ice is None:
        return
    protocols = [name for name, on in (("stun", server), ("ice", ice)) if on]
    yield Entry("ref", NAT_POLICY, "nat_policy_0")
    yield Entry("stun_server", str(server or ""), "nat_policy_0")
    yield Entry("protocols", ",".join(protocols), "nat_policy_0")
    yield Entry("nat_policy_ref", NAT_POLICY, "net")


def refer_to_nat_policy(_value: object, at: At) -> Iterator[Entry]:
    """Let the line's account use the policy."""
    yield Entry("nat_policy_ref", NAT_POLICY, places.account(at))
