"""What Linphone declares: one XML file by a generated id, which the client asks for once at every start."""

from __future__ import annotations

import re

from provserver.domain.bootstrap import BootstrapWay, ScannedCode, Way
from provserver.domain.formats import APPLICATION_XML
from provserver.domain.identity import AuthScheme, HTTPLogin
from provserver.domain.vendor import (
    AfterDeletion,
    AfterDeletionRule,
    AgentPattern,
    FileRule,
    Model,
    NotifyEvents,
    Simulation,
    Vendor,
)
from provserver.domain.view import DeviceView
from provserver.vendors.linphone.boot import VERSION, boot, user_agent
from provserver.vendors.linphone.parameters import PARAMETERS
from provserver.vendors.linphone.places import place_raw

_TRIED = "tests/e2e with Debian's linphone-cli 5.1.65"

AGENTS = (
    # A core that nobody has named yet says "Unknown" (first start of linphonec, T): that is no maker's name, so those
    # requests are known by their path alone. The device's own name stands in parentheses and may hold more of them.
    AgentPattern(
        words=("linphone", "linphonec", "linphoneandroid", "linphoneios", "linphoneiphone"),
        pattern=re.compile(
            r"^(?P<model>Linphone(?:c|Android|iOS|IPhone|[ -]Desktop)?)/(?P<fw>\d[\w.+-]*)?(?= |$)", re.ASCII
        ),
        source=f"{_TRIED} (Linphonec); public SIP captures, same header in HTTP: liblinphone remote_provisioning.c",
        confidence="H",
    ),
)

FILES = (
    FileRule(
        name="config",
        pattern="{mac}.xml",  # the name is ours: Linphone asks for whatever URL it was given
        template="config.xml.j2",
        format=APPLICATION_XML,
        sections=frozenset({"line", "system", "raw"}),
        configuration=True,
        source=f"liblinphone xml2lpc.c; {_TRIED}",
        confidence="T",
    ),
)

# As many accounts as one likes, and no keys to program.
MODELS = tuple(
    Model(name=name, keys=0, softkeys=0, modules=0, source="the client's own first word of User-Agent", confidence="H")
    for name in ("Linphone", "Linphonec", "Linphone Desktop", "LinphoneAndroid", "LinphoneiOS", "LinphoneIPhone")
)

AFTER_DELETION = AfterDeletionRule(
    answer=AfterDeletion.NOT_FOUND,
    reason=(
        "liblinphone 5.4.0 and later removes every auth_info section before it applies an answer 200, so a file without"
        " the password takes it away; any version goes on registering with what it has after any other answer. A client"
        " that says it is built on 5.1 to 5.3 keeps what a file does not mention and gets one, without any password"
    ),
    source=f"liblinphone remote_provisioning.c, commit d6cedeb18 (5.4.0); {_TRIED}",
    confidence="T",
)

# linphonec's own version is its library's; apps name the library's beside their own.
_LIBRARY = re.compile(r"^Linphonec/(\d+)\.(\d+)(?=[. ]|$)|\bLinphoneSDK/(\d+)\.(\d+)(?=[. ]|$)", re.ASCII)
_KEEPING = {(5, 1), (5, 2), (5, 3)}  # 5.1 was tried, 5.4 is the first that removes


def _after_deletion(view: DeviceView, user_agent: str) -> AfterDeletion:
    """
    What is safe for the version that *user_agent* names; that a client says it is older harms nobody but itself.

    Credentials are counted over the lines that have some: those of one line that is left would overwrite another's.
    """
    found = _LIBRARY.search(user_agent)
    if found is None or any(line.password is not None for line in view.lines):
        return AfterDeletion.NOT_FOUND
    version = tuple(int(number) for number in found.groups() if number is not None)
    return AfterDeletion.OMIT if version in _KEEPING else AfterDeletion.NOT_FOUND


def _check(view: DeviceView) -> None:
    """Refuse raw parameters that have no place in the file."""
    for name in view.raw:
        place_raw(name, "")


VENDOR = Vendor(
    slug="linphone",
    name="Linphone",
    ouis=frozenset(),
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AFTER_DELETION,
    after_deletion_for=_after_deletion,
    # NOTIFY check-sync is answered 200 and changes nothing; only a restart asks again.
    notify=NotifyEvents(resync=None, reboot=None, source="linphone-cli 5.1.65, NOTIFY out of dialog", confidence="T"),
    simulation=Simulation(model="Linphonec", firmware=VERSION, user_agent=user_agent, boot=boot),
    raw=place_raw,
    check=_check,
    generated_ids=True,
    # It answers with what stands in the URL it was given: https://user:password@… (T). It knows no Basic (T).
    login=HTTPLogin(
        schemes=frozenset({AuthScheme.DIGEST}), source="linphone-cli 5.1.65; sheet linphone 7", confidence="T"
    ),
    bootstrap=(
        BootstrapWay(
            way=Way.HAND,
            text="Scan {url} as a QR code, or enter it under Remote provisioning; linphonec: config-uri in [misc].",
            source="sheet linphone 2; liblinphone remote_provisioning.c",
            confidence="H",
        ),
    ),
    scanned=ScannedCode(file="config", source="sheet linphone 1: the plain URL as text", confidence="H"),
    sources=(
        "https://gitlab.linphone.org/BC/public/liblinphone (tags 5.1.65, 5.4.0)",
        "https://wiki.linphone.org/xwiki/wiki/public/view/Lib/Features/Remote%20Provisioning/",
    ),
)
