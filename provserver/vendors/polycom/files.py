"""Which files these phones ask for and send, in the order of their start."""

from __future__ import annotations

from provserver.domain.formats import XML
from provserver.domain.parameters import Confidence
from provserver.domain.vendor import FileRule, UploadRule

USER_FILE = "-user.cfg"  # after the MAC; the names are ours, the master file tells them to the phone
SITE_FILE = "-site.cfg"
FIRMWARE_FILE = "sip.ld"

_GUIDE = "SIP 3.1 and UC Software 4.1 to 5.x administrator's guides, provisioning"
_WAZO = "Wazo common.py: paths of captured requests"


def _expected_miss(name: str, pattern: str, source: str = _GUIDE, confidence: Confidence = "H") -> FileRule:
    """A name that these phones ask for at every start and do without."""
    return FileRule(name=name, pattern=pattern, optional=True, source=source, confidence=confidence)


FILES: tuple[FileRule, ...] = (
    FileRule(
        name="master",
        pattern="{mac}.cfg",
        template="master.cfg.j2",
        format=XML,
        sections=frozenset({"master"}),
        configuration=True,
        source=_GUIDE,
        confidence="H",
    ),
    # Asked only after a 404 for the phone's own master file; without either it starts with what it has.
    _expected_miss("common master", "000000000000.cfg"),
    FileRule(
        name="user",
        pattern="{mac}" + USER_FILE,
        template="config.cfg.j2",
        format=XML,
        # All credentials, and every device.* parameter: device.set then stands in one file only.
        sections=frozenset({"line", "key", "device", "secret", "raw"}),
        configuration=True,
        source="named in CONFIG_FILES; Wazo names it so",
        confidence="H",
    ),
    FileRule(
        name="site",
        pattern="{mac}" + SITE_FILE,
        template="config.cfg.j2",
        format=XML,
        sections=frozenset({"system"}),
        configuration=True,
        source="named in CONFIG_FILES",
        confidence="H",
    ),
    # Firmware: a 404 keeps the one that runs (guides). APP_FILE_PATH leads elsewhere when firmware_url is set.
    _expected_miss("firmware of the part number", "{part}." + FIRMWARE_FILE),
    _expected_miss("firmware", FIRMWARE_FILE),
    _expected_miss("overrides of the phone's menu", "{mac}-phone.cfg"),
    _expected_miss("overrides of the phone's web page", "{mac}-web.cfg"),
    _expected_miss("licence", "{mac}-license.cfg"),
    _expected_miss("common licence", "000000000000-license.cfg"),
    _expected_miss("directory", "{mac}-directory.xml"),
    _expected_miss("seed of the directory", "000000000000-directory.xml"),
)

UPLOADS: tuple[UploadRule, ...] = (
    # The overrides hold whatever was typed at the phone or its web page, passwords too.
    UploadRule(
        name="overrides of the phone's menu",
        pattern="{mac}-phone.cfg",
        may_hold_credentials=True,
        returned=True,
        content_type=XML.content_type,
        source=_GUIDE,
        confidence="H",
    ),
    UploadRule(
        name="overrides of the phone's web page",
        pattern="{mac}-web.cfg",
        may_hold_credentials=True,
        returned=True,
        content_type=XML.content_type,
        source=_GUIDE,
        confidence="H",
    ),
    UploadRule(
        name="directory",
        pattern="{mac}-directory.xml",
        returned=True,
        content_type=XML.content_type,
        source=_GUIDE,
        confidence="H",
    ),
    UploadRule(
        name="call list", pattern="{mac}-calls.xml", content_type=XML.content_type, source=_GUIDE, confidence="H"
    ),
    UploadRule(name="log", pattern="{mac}-app.log", content_type="text/plain", source=_WAZO, confidence="H"),
    UploadRule(name="boot log", pattern="{mac}-boot.log", content_type="text/plain", source=_WAZO, confidence="H"),
    UploadRule(
        name="log on demand",
        pattern="{mac}-now-{part}.log",
        content_type="text/plain",
        source="UC Software administrator's guide, uploading logs by hand",
        confidence="M",
    ),
)
