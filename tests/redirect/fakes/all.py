"""Which fake stands for which service, and what an account there needs."""

from __future__ import annotations

from tests.redirect.fakes import hosting, rest, unify, xmlrpc, ztp
from tests.redirect.fakes.service import FakeService

FAKES: dict[str, type[FakeService]] = {
    "alcatel_eds": rest.EDS,
    "auerswald": xmlrpc.Auerswald,
    "counterpath_stretto": hosting.Stretto,
    "fanvil_fdps": xmlrpc.FanvilFDPS,
    "gigaset_grape": rest.GRAPE,
    "gigaset_xmlrpc": xmlrpc.GigasetXMLRPC,
    "grandstream_gaps": rest.GAPS,
    "grandstream_gdms": rest.GDMS,
    "grandstream_gdms_hosting": hosting.GDMSHosting,
    "htek_rps": xmlrpc.HtekRPS,
    "panasonic": xmlrpc.Panasonic,
    "polycom_ztp": ztp.ZTP,
    "snom_sraps": rest.SRAPS,
    "snom_xmlrpc": xmlrpc.SnomXMLRPC,
    "unify_cloud_setup": unify.CloudSetup,
    "yealink_open": rest.YealinkOpen,
    "yealink_rps": xmlrpc.YealinkRPS,
    "yealink_ymcs": rest.YMCS,
    "yealink_ymcs_hosting": hosting.YMCSHosting,
}
# A MAC of a device of each maker.
MACS = {
    "alcatel": "3c28a6",
    "auerswald": "000952",
    "counterpath": "0200aa",
    "fanvil": "0c383e",
    "gigaset": "7c2f80",
    "grandstream": "000b82",
    "htek": "001fc1",
    "panasonic": "080023",
    "polycom": "0004f2",
    "snom": "000413",
    "unify": "001ae8",
    "yealink": "805ec0",
}
