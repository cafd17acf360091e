"""What Yealink phones ask for, what they send, and how they introduce themselves."""

from __future__ import annotations

import re

from provserver.domain.formats import KEY_VALUE
from provserver.domain.vendor import AgentPattern, FileRule, UploadRule
from provserver.vendors.yealink.access import ACCESS

_SHEET = "sheet yealink 1"
_MAC = r"(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}|[0-9a-fA-F]{12}"  # T5x write no colons when they fetch a phone book

AGENTS: tuple[AgentPattern, ...] = (
    # Yealink SIP-T54W 96.86.0.70 80:5e:c0:…, Yealink SIP VP-T49G …, Yealink W60B …; without MAC if that is switched off
    AgentPattern(
        words=("yealink",),
        pattern=re.compile(
            r"^[yY]ealink\s+(?:SIP(?:\s*VP)?-)?(?P<model>[A-Z0-9_]+)\s+(?P<fw>\d+(?:\.\d+)+)"
            rf"(?:\s+(?P<mac>{_MAC}))?\Z"
        ),
        source="sheet yealink 2",
        confidence="H",
    ),
    # Yealink-T46G 28.71.0.81 28.1.0.128.0.0.0: the second number is the hardware's
    AgentPattern(
        words=("yealink",),
        pattern=re.compile(r"^[yY]ealink-(?P<model>\w+)\s+(?P<fw>\d+(?:\.\d+)+)\s+\d+(?:\.\d+)+\Z"),
        source="sheet yealink 2",
        confidence="H",
    ),
    # VP530P 23.70.0.40 00:15:65:…
    AgentPattern(
        words=("vp530", "vp530p", "w52p"),
        pattern=re.compile(rf"^(?P<model>VP530P?|W52P)\s+(?P<fw>\d+(?:\.\d+)+)\s+(?P<mac>{_MAC})\Z"),
        source="sheet yealink 2",
        confidence="H",
    ),
)

FILES: tuple[FileRule, ...] = (
    FileRule(name="boot", pattern="{mac}.boot", template="boot.j2", format=KEY_VALUE, source=_SHEET, confidence="H"),
    # A boot file for all would have to name files of one model, and a phone that finds none goes on without.
    FileRule(name="common_boot", pattern="y{number}.boot", optional=True, source=_SHEET, confidence="H"),
    FileRule(
        name="config",
        pattern="{mac}.cfg",
        template="config.j2",
        format=KEY_VALUE,
        sections=frozenset({"line", "key", "system", ACCESS, "raw"}),
        configuration=True,
        source=_SHEET,
        confidence="H",
    ),
    # For all phones of a model, asked before the phone's own file: nothing in it is one device's own. The number is
    # not a closed list; the model comes from the User-Agent.
    FileRule(
        name="common",
        pattern="y{number}.cfg",
        template="config.j2",
        format=KEY_VALUE,
        sections=frozenset({"system"}),
        configuration=True,
        optional=True,
        source=_SHEET,
        confidence="H",
    ),
    # Wrapped keys of encrypted files, asked when aes_key_in_file is on. We send no file in a cipher whose mode and
    # padding nobody has published; HTTPS and the token protect it (sheet yealink 8, H).
    *(
        FileRule(name=name, pattern=pattern, optional=True, source="sheet yealink 8", confidence="H")
        for name, pattern in (
            ("key", "{mac}.enc"),
            ("key_security", "{mac}_Security.enc"),
            ("common_key", "y{number}.enc"),
            ("common_key_security", "y{number}_Security.enc"),
        )
    ),
)

UPLOADS: tuple[UploadRule, ...] = (
    # What the user changed on the phone, which can be the account of a line with its password.
    UploadRule(
        name="local",
        pattern="{mac}-local.cfg",
        may_hold_credentials=True,
        returned=True,
        content_type="text/plain; charset=utf-8",
        source=_SHEET,
        confidence="H",
    ),
    UploadRule(
        name="contacts",
        pattern="{mac}-contact.xml",
        returned=True,
        content_type="text/xml; charset=utf-8",
        source=_SHEET,
        confidence="H",
    ),
    UploadRule(
        name="calls",
        pattern="{mac}-calllog.xml",
        content_type="text/xml; charset=utf-8",
        source=_SHEET,
        confidence="H",
    ),
    # That logs are sent is H, these two names are L. At its highest level a log may quote the configuration.
    UploadRule(
        name="boot_log",
        pattern="{mac}-boot.log",
        may_hold_credentials=True,
        content_type="text/plain; charset=utf-8",
        source=_SHEET,
        confidence="L",
    ),
    UploadRule(
        name="system_log",
        pattern="{mac}-sys.log",
        may_hold_credentials=True,
        content_type="text/plain; charset=utf-8",
        source=_SHEET,
        confidence="L",
    ),
)
