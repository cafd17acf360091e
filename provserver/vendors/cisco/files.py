"""The files that these phones ask for, family by family, in the order of their start."""

from __future__ import annotations

from provserver.ciphers.aes128gcm import AES128GCM, AES128GCM_BASE64URL
from provserver.ciphers.openssl import SALTED
from provserver.domain.formats import APPLICATION_XML
from provserver.domain.parameters import Confidence
from provserver.domain.vendor import AfterDeletion, FileRule
from provserver.vendors.cisco.cnf import CNF_FORMAT
from provserver.vendors.cisco.places import CNF, FLAT, SEP

_SHEET = "sheet cisco 1"
# ``--key`` (H, tried with openssl); RFC 8188 since MPP 11.2 (H), by which the maker's guides do not say how the text of
# the key becomes bytes (L). Whole files of the enterprise kind are encrypted by call managers alone.
_ENCRYPTIONS = (SALTED, AES128GCM, AES128GCM_BASE64URL)


def _flat(
    name: str,
    pattern: str,
    *,
    model_prefix: str = "",
    optional: bool = False,
    source: str = _SHEET,
    confidence: Confidence = "H",
) -> FileRule:
    return FileRule(
        name=name,
        pattern=pattern,
        template="tree.xml.j2",
        format=APPLICATION_XML,
        sections=frozenset({FLAT, "raw"}),
        configuration=True,
        optional=optional,
        model_prefix=model_prefix,
        encryptions=_ENCRYPTIONS,
        source=source,
        confidence=confidence,
    )


def _enterprise(name: str, pattern: str, *, source: str = _SHEET, confidence: Confidence = "H") -> FileRule:
    return FileRule(
        name=name,
        pattern=pattern,
        template="tree.xml.j2",
        format=APPLICATION_XML,
        sections=frozenset({SEP, "raw"}),
        configuration=True,
        # The phone replaces all it has with this file (fullConfig): without its password a line would lose it.
        after_deletion=AfterDeletion.NOT_FOUND,
        source=source,
        confidence=confidence,
    )


def _miss(name: str, pattern: str, *, source: str = _SHEET, confidence: Confidence = "H") -> FileRule:
    """A name that phones ask for at every start and do without."""
    return FileRule(name=name, pattern=pattern, optional=True, source=source, confidence=confidence)


_PROFILES = (
    # The name that our Profile_Rule gives, and what people write into theirs by hand.
    _flat("profile", "{mac}.xml", source="wazo_cisco_spa, wazo_cisco_sip and fusionpbx: $MA.xml"),
    _flat("profile-cfg", "{mac}.cfg", source="SPA and MPP guides, URL syntax: /$MA.cfg"),
    _flat("profile-query", "?mac={mac}", source="fusionpbx: ?mac=$MA; sheet cisco 2", confidence="M"),
    _flat("profile-old-mpp", "Cisco/CP-{model}-3PCC/{mac}.cfg", source="sheet cisco 1; wazo_cisco_sip"),
    # What a phone asks that nobody has told anything: no MAC in it, so that it is answered behind a token only. The
    # token says which device asks, and it gets the whole of its configuration.
    _flat("default-spa", "spa{model}.cfg", model_prefix="SPA", optional=True),
    _flat("default-pap", "init.cfg", optional=True, confidence="M"),
    _flat("default-ata", "ata{model}.cfg", model_prefix="ATA", optional=True, confidence="M"),
    _flat("default-mpp", "{model}-3PCC.xml", optional=True),
    _flat("default-spa-query", "spa{model}.cfg?mac={mac}", model_prefix="SPA", source="sheet cisco 2", confidence="M"),
    _flat("default-ata-query", "ata{model}.cfg?mac={mac}", model_prefix="ATA", source="sheet cisco 2", confidence="M"),
    _flat("default-mpp-query", "{model}-3PCC.xml?mac={mac}", source="sheet cisco 2", confidence="M"),
)
_ENTERPRISE = (
    # Lists of trust, which only a call manager can sign; without them the phone starts unsigned.
    _miss("trust list", "CTLSEP{mac}.tlv"),
    _miss("identity list", "ITLSEP{mac}.tlv"),
    _miss("common identity list", "ITLFile.tlv"),
    _enterprise("enterprise", "SEP{mac}.cnf.xml"),
    _enterprise("adapter", "ATA{mac}.cnf.xml", source="sheet cisco 1; wazo_cisco_spa ata190", confidence="M"),
    _miss("common default", "XMLDefault.cnf.xml"),
    _miss("dial plan", "dialplan.xml", source="sheet cisco 1; wazo_cisco_sip"),
    _miss("soft keys", "SoftKeys.xml", source="wazo_cisco_sip", confidence="M"),
)
_CNF = (
    _miss("image of the old ones", "OS79XX.TXT", confidence="M"),
    _miss("default of the old ones", "SIPDefault.cnf", confidence="M"),
    FileRule(
        name="cnf",
        pattern="SIP{mac}.cnf",
        template="sip.cnf.j2",
        format=CNF_FORMAT,
        sections=frozenset({CNF, "raw"}),
        configuration=True,
        after_deletion=AfterDeletion.NOT_FOUND,  # what a missing password does is not known; a miss keeps what there is
        source="sheet cisco 1; fusionpbx cisco/7940",
        confidence="M",
    ),
    _miss("list of rings", "RINGLIST.DAT", confidence="M"),
)

FILES: tuple[FileRule, ...] = (*_PROFILES, *_ENTERPRISE, *_CNF)
