"""Alcatel-Lucent Enterprise, as one value."""

from __future__ import annotations

from provserver.domain.parameters import Entry, Written
from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.domain.view import DeviceView
from provserver.vendors.alcatel.accounts import MYRIAD_LINE_ROWS
from provserver.vendors.alcatel.boot import boot, user_agent
from provserver.vendors.alcatel.files import AGENTS, FILES
from provserver.vendors.alcatel.models import MODELS, is_known, is_touch
from provserver.vendors.alcatel.proofs import BOOTSTRAP, LOGIN
from provserver.vendors.alcatel.system import MYRIAD_SYSTEM_ROWS
from provserver.vendors.alcatel.touch import TOUCH_ROWS


def _after_deletion(view: DeviceView, _user_agent: str) -> AfterDeletion:
    """Only a phone that is known to keep what it is not told gets a file without its password."""
    keeps = is_known(view.model) and not is_touch(view.model)
    return AfterDeletion.OMIT if keeps else AfterDeletion.NOT_FOUND


def _raw_entry(name: str, value: Written) -> Entry:
    """``raw.sip/option_timer`` is a parameter of an IP Touch, in its section; names without one are a Myriad's."""
    section, slash, parameter = name.partition("/")
    return Entry(parameter, value, section) if slash else Entry(name, value)


VENDOR = Vendor(
    slug="alcatel",
    name="Alcatel-Lucent Enterprise",
    ouis=frozenset({"3c28a6", "00809f", "487a55"}),  # sheet alcatel-lucent A 3 (H); its switches have more
    agents=AGENTS,
    files=FILES,
    parameters=(*MYRIAD_LINE_ROWS, *MYRIAD_SYSTEM_ROWS, *TOUCH_ROWS),
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.NOT_FOUND,
        reason=(
            "an IP Touch puts what a file does not mention back to its default (M), so it gets none; a Myriad or Halo "
            "is taken to keep it, since blank values are what resets them (L)"
        ),
        source="sheet alcatel-lucent A 6, B; wazo wazo_alcatel",
        confidence="L",
        unproven=True,
    ),
    after_deletion_for=_after_deletion,
    notify=NotifyEvents(
        resync="check-sync",  # an IP Touch knows none: it is restarted by telnet
        reboot=None,
        source="sheet alcatel-lucent A 10; wazo wazo_alcatel v2_13_02",
        confidence="L",
    ),
    simulation=Simulation(model="M5", firmware="2.13.02.1604", user_agent=user_agent, boot=boot),
    raw=_raw_entry,
    login=LOGIN,
    bootstrap=BOOTSTRAP,
    sources=(
        "ALE M3-M5-M7-M8 DeskPhones administrator guide (pages of scans)",
        "wazo-platform/wazo-provd-plugins 2321a3f, plugins/wazo_alcatel v2_13_02, v2_01_10, v2_01_20 (facts only)",
    ),
)
