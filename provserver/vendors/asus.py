"""ASUS: routers and DSL gateways, known and given nothing."""

from __future__ import annotations

from provserver.domain.unserved import unserved

# IEEE (H): ASUSTek. Mainboards and notebooks carry them as well.
OUIS = frozenset(
    {
        "000c6e", "000ea6", "00112f", "0011d8", "0013d4", "0015f2", "001731", "0018f3", "001a92", "001bfc",
        "001d60", "001e8c", "001fc6", "002215", "002354", "00248c", "002618", "00e018", "04421a", "049226",
        "04d4c4", "04d9f5", "08606e", "086266", "0c9d92", "107b44", "10bf48", "10c37b", "14dae9", "14dda9",
        "1831bf", "1c872c", "1cb72c", "20cf30", "244bfe", "2c4d54", "2c56dc", "2cfda1", "305a3a", "3085a9",
        "3497f6", "382c4a", "38d547", "3c7c3f", "40167e", "40b076", "485b39", "4cedfb", "50465d", "50ebf6",
        "5404a6", "54a050", "581122", "6045cb", "60a44c", "704d7b", "708bcd", "74d02b", "7824af", "7c10c9",
        "88d7f6", "90e6ba", "9c5c8e", "a036bc", "a85e45", "ac220b", "ac9e17", "b06ebf", "bcaec5", "bcee7b",
        "c86000", "c87f54", "d017c2", "d45d64", "d850e6", "e03f49", "e0cb4e", "f02f74", "f07959", "f46d04",
        "f832e4", "fc3497", "fcc233",
    }
)  # fmt: skip

VENDOR = unserved(
    slug="asus",
    name="ASUS",
    ouis=OUIS,
    models=("RT-AC88U", "DSL-AC68U"),
    refuses="routers of ASUS have no SIP service; TR-069 is their only way in, and this server does not speak it",
    source="sheet asus 4 and 5: asuswrt, the part that is public",
    confidence="M",
    sources=("asuswrt: defaults.c, the TR-069 data model, udhcpc (facts only)",),
)
