"""What AudioCodes phones ask for, and how they introduce themselves."""

from __future__ import annotations

import re

from provserver.domain.vendor import AgentPattern, FileRule, Model
from provserver.vendors.audiocodes.notation import AUDIOCODES
from provserver.vendors.audiocodes.parameters import ACCESS

# How many lines and keys they have is in no source found, so nothing is refused.
MODELS: tuple[Model, ...] = tuple(
    Model(name=name, source="400HD administrator's manuals 2.0 to 3.5, titles", confidence="H")
    for name in ("310HD", "320HD", "405", "405HD", "420HD", "425HD", "430HD", "440HD", "445HD", "450HD", "C450HD")
)

_MODEL = r"(?P<model>[A-Z]?\d{3}(?:HD)?)G?"  # the G of 440HDG says what its network port can do

AGENTS: tuple[AgentPattern, ...] = (
    # AUDC-IPPhone/2.2.8.61 (440HDG-Rev0; 00908F602AAC), AUDC-IPPhone/2.0.0_build_15 (420HD; 00908F3BBCBA)
    AgentPattern(
        words=("audc",),
        pattern=re.compile(
            rf"^AUDC-IPPhone/(?P<fw>\w+(?:\.\w+)+) \({_MODEL}(?:-Rev\w+)?; (?P<mac>[0-9A-F]{{12}})\)\Z", re.ASCII
        ),
        source="sheet audiocodes 2; a second public server",
        confidence="H",
    ),
    # AUDC/3.4.6.604 AUDC-IPPhone-C450HD_UC_3.4.6.604/1, AUDC-IPPhone-445HD_UC_3.4.8/1.0
    AgentPattern(
        words=("audc",),
        pattern=re.compile(
            rf"^(?:AUDC/[\w.]+ )?AUDC-IPPhone-{_MODEL}_UC_(?P<fw>\d+(?:\.\d+)+)/\d+(?:\.\d+)*\Z", re.ASCII
        ),
        source="SySS, Zero Touch Pwn (capture of a C450HD); public tests of other servers",
        confidence="H",
    ),
)

FILES: tuple[FileRule, ...] = (
    FileRule(
        name="config",
        pattern="{mac}.cfg",  # lower case in the manual, upper case from a C450HD
        template="config.cfg.j2",
        format=AUDIOCODES,
        sections=frozenset({"line", "system", ACCESS, "raw"}),
        configuration=True,
        source="sheet audiocodes 1",
        confidence="H",
    ),
    FileRule(name="encrypted", pattern="{mac}.cfx", optional=True, source="sheet audiocodes 8", confidence="L"),
    # Asked where DHCP named no firmware; firmware_url says where to get it.
    *(
        FileRule(
            name=f"firmware-{model.name}",
            pattern=f"{model.name}.img",
            optional=True,
            source="sheet audiocodes 1",
            confidence="H",
        )
        for model in MODELS
    ),
)
