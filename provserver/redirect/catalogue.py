"""Which redirection services there are: for whose devices, where, what an account needs, and what each can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from provserver.domain.parameters import Confidence
from provserver.redirect.channel import Channel
from provserver.redirect.clients.alcatel_eds import AlcatelEDS
from provserver.redirect.clients.auerswald import Auerswald
from provserver.redirect.clients.fanvil import FanvilFDPS
from provserver.redirect.clients.gdms_hosting import GDMSHosting
from provserver.redirect.clients.gigaset import GigasetXMLRPC
from provserver.redirect.clients.grandstream_gaps import GrandstreamGAPS
from provserver.redirect.clients.grandstream_gdms import GrandstreamGDMS
from provserver.redirect.clients.htek import HtekRPS
from provserver.redirect.clients.panasonic import Panasonic
from provserver.redirect.clients.polycom_ztp import PolycomZTP
from provserver.redirect.clients.snom import SnomXMLRPC
from provserver.redirect.clients.sraps import GRAPE, SRAPS
from provserver.redirect.clients.stretto import Stretto
from provserver.redirect.clients.unify import UnifyCloudSetup
from provserver.redirect.clients.yealink_open import YealinkOpen
from provserver.redirect.clients.yealink_rps import YealinkRPS
from provserver.redirect.clients.ymcs import YMCS
from provserver.redirect.clients.ymcs_hosting import YMCSHosting
from provserver.redirect.protocol import IDENTITY, Ability, Access, Client, Stamp

_WITHDRAW, _LOOK_UP, _LIST, _CHECK, _OWN_URL, _HOST = Ability  # in the order in which they are declared
_ALL = frozenset({_WITHDRAW, _LOOK_UP, _LIST, _CHECK, _OWN_URL})  # that a redirection service can have


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """
    A redirection service.

    *maker* is the slug whose devices it knows; one that is not built in is an operator's own of that name. *endpoint*
    None: it has to be named with the account. *fields* and *secrets* are what an account needs; *optional* fields may
    be left out. *suffix* stands behind the device's URL at this service. *file* is what the phone's own file is called,
    where a service that configures phones takes it whole; *takes_login*, that such a one wants the password with which
    the device logs in there. *batch* is how many devices one call takes, *per_s* how many
    calls we make in a second, which no maker documents: it is what a patient person's script would do.
    """

    slug: str
    name: str
    maker: str
    make: Callable[[Channel, Access, Stamp], Client]
    endpoint: str | None
    fields: tuple[str, ...] = ("user",)
    optional: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ("password",)
    abilities: frozenset[Ability]
    needs_serial: bool = False
    suffix: str = ""
    file: str = ""
    takes_login: bool = False
    batch: int = 1
    per_s: float = 10
    source: str
    confidence: Confidence

    def can(self, ability: Ability) -> bool:
        """Whether it can be asked for that."""
        return ability in self.abilities

    @property
    def hosts(self) -> bool:
        """Whether it configures devices itself, so that lines and passwords go there."""
        return Ability.HOST in self.abilities


SERVICES = {
    service.slug: service
    for service in (
        Service(
            slug="yealink_rps",
            name="Yealink RPS (XML-RPC)",
            maker="yealink",
            make=YealinkRPS,
            endpoint="https://api-dm.yealink.com:8443/xmlrpc",
            optional=("server_name",),
            abilities=frozenset({_WITHDRAW, _LOOK_UP, _CHECK, _OWN_URL}),
            source="sheet yealink 9a",
            confidence="H",
        ),
        Service(
            slug="yealink_open",
            name="Yealink RPS (access keys)",
            maker="yealink",
            make=YealinkOpen,
            endpoint="https://api-dm.yealink.com:8443",
            fields=("access_key",),
            secrets=("access_secret",),
            abilities=_ALL,
            source="sheet yealink 9b",
            confidence="H",
        ),
        Service(
            slug="yealink_ymcs",
            name="Yealink YMCS",
            maker="yealink",
            make=YMCS,
            endpoint="https://eu-api.ymcs.yealink.com",
            fields=("client_id",),
            secrets=("client_secret",),
            abilities=_ALL,
            batch=100,
            source="sheet yealink 9c",
            confidence="H",
        ),
        Service(
            slug="yealink_ymcs_hosting",
            name="Yealink YMCS device management",
            maker="yealink",
            make=YMCSHosting,
            endpoint="https://eu-api.ymcs.yealink.com",
            fields=("client_id",),
            secrets=("client_secret",),
            abilities=frozenset({_WITHDRAW, _LOOK_UP, _LIST, _CHECK, _HOST}),
            source="sheet yealink 9c, three public clients",
            confidence="M",
        ),
        Service(
            slug="snom_sraps",
            name="Snom SRAPS",
            maker="snom",
            make=SRAPS,
            endpoint="https://api.sraps.snom.com/api/v1/",
            fields=("key_id",),
            secrets=("key",),
            abilities=_ALL,
            source="sheet snom 9",
            confidence="H",
        ),
        Service(
            slug="snom_xmlrpc",
            name="Snom redirection (XML-RPC)",
            maker="snom",
            make=SnomXMLRPC,
            endpoint="https://secure-provisioning.snom.com:8083/xmlrpc/",
            abilities=frozenset({_WITHDRAW, _LOOK_UP, _CHECK, _OWN_URL}),
            source="sheet snom 9",
            confidence="H",
        ),
        Service(
            slug="gigaset_grape",
            name="Gigaset GRAPE",
            maker="gigaset",
            make=GRAPE,
            endpoint="https://api.grape.gigaset.net/api/v1/",
            fields=("key_id",),
            secrets=("key",),
            abilities=_ALL,
            suffix="%MACD.xml",
            source="sheet gigaset 9",
            confidence="H",
        ),
        Service(
            slug="gigaset_xmlrpc",
            name="Gigaset redirection (XML-RPC)",
            maker="gigaset",
            make=GigasetXMLRPC,
            endpoint="https://prov.gigaset.net/apxml/rpc.do",
            optional=("profile",),
            abilities=frozenset({_WITHDRAW, _LOOK_UP, _CHECK, _OWN_URL}),
            suffix="%MACD.xml",
            source="sheet gigaset 9",
            confidence="H",
        ),
        Service(
            slug="fanvil_fdps",
            name="Fanvil FDPS",
            maker="fanvil",
            make=FanvilFDPS,
            endpoint="https://fdps.fanvil.com/xmlrpc.php",
            abilities=frozenset({_WITHDRAW, _CHECK, _OWN_URL}),
            suffix="$mac.cfg",
            source="sheet fanvil 9",
            confidence="H",
        ),
        Service(
            slug="polycom_ztp",
            name="Polycom ZTP",
            maker="polycom",
            make=PolycomZTP,
            endpoint="https://ztpconsole.polycom.com/inboundservlet/GenericServlet",
            fields=("user", "profile"),
            abilities=frozenset({_WITHDRAW}),
            source="sheet polycom 9",
            confidence="M",
        ),
        Service(
            slug="grandstream_gdms",
            name="Grandstream GDMS",
            maker="grandstream",
            make=GrandstreamGDMS,
            endpoint="https://www.gdms.cloud",
            fields=("user", "client_id", "site_id"),
            secrets=("password", "client_secret"),
            abilities=frozenset({_CHECK}),
            needs_serial=True,
            source="sheet grandstream 9",
            confidence="M",
        ),
        Service(
            slug="grandstream_gdms_hosting",
            name="Grandstream GDMS configuration",
            maker="grandstream",
            make=GDMSHosting,
            endpoint="https://www.gdms.cloud",
            fields=("user", "client_id", "site_id"),
            secrets=("password", "client_secret"),
            abilities=frozenset({_CHECK, _OWN_URL, _HOST}),
            needs_serial=True,
            file="cfg{mac}.xml",
            source="sheet grandstream 9, one public client",
            confidence="M",
        ),
        Service(
            slug="grandstream_gaps",
            name="Grandstream GAPS",
            maker="grandstream",
            make=GrandstreamGAPS,
            endpoint="https://fm.grandstream.com/api/provision",
            fields=("cid",),
            secrets=("key",),
            abilities=frozenset({_WITHDRAW, _CHECK}),
            source="sheet grandstream 9",
            confidence="M",
        ),
        Service(
            slug="counterpath_stretto",
            name="CounterPath Stretto",
            maker="counterpath",
            make=Stretto,
            endpoint=None,
            fields=("user", "group", "profile"),
            abilities=frozenset({_WITHDRAW, _LOOK_UP, _LIST, _CHECK, _HOST}),
            takes_login=True,
            source="one public client",
            confidence="L",
        ),
        Service(
            slug="auerswald",
            name="Auerswald redirection",
            maker="auerswald",
            make=Auerswald,
            endpoint="https://provisioning.auerswald.de/xmlrpc/",
            abilities=frozenset({_WITHDRAW, _LOOK_UP, _CHECK, _OWN_URL}),
            source="one public client",
            confidence="M",
        ),
        Service(
            slug="panasonic",
            name="Panasonic redirection",
            maker="panasonic",
            make=Panasonic,
            endpoint="https://provisioning.e-connecting.net/redirect/xmlrpc",
            abilities=frozenset({_WITHDRAW, _LOOK_UP, _CHECK, _OWN_URL}),
            suffix="Config{MAC}.cfg",
            source="sheet panasonic 9",
            confidence="H",
        ),
        Service(
            slug="htek_rps",
            name="Htek RPS",
            maker="htek",
            make=HtekRPS,
            endpoint="https://rps.htek.com/index.php/xmlrpc",
            fields=("user", "server_name"),
            abilities=frozenset({_WITHDRAW, _LOOK_UP, _CHECK}),
            source="sheet htek 9",
            confidence="M",
        ),
        Service(
            slug="alcatel_eds",
            name="ALE EDS",
            maker="alcatel",
            make=AlcatelEDS,
            endpoint="https://api.eds.al-enterprise.com/api",
            abilities=frozenset({_WITHDRAW, _LOOK_UP, _LIST, _CHECK, _OWN_URL}),
            source="sheet alcatel-lucent A 9",
            confidence="M",
        ),
        Service(
            slug="unify_cloud_setup",
            name="Unify cloud-setup",
            maker="unify",
            make=UnifyCloudSetup,
            endpoint="https://cloud-setup.com/api/devices",
            fields=(),
            secrets=(IDENTITY,),
            abilities=frozenset({_WITHDRAW, _LOOK_UP, _CHECK, _OWN_URL}),
            source="the maker's wiki",
            confidence="M",
        ),
    )
}
