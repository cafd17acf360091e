"""Fanvil, as one value."""

from __future__ import annotations

from collections.abc import Mapping

from provserver.domain.parameters import write_entries
from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, FileRule, NotifyEvents, Vendor
from provserver.domain.view import DeviceView
from provserver.vendors.fanvil.boot import SIMULATION
from provserver.vendors.fanvil.checks import check, is_read, raw_entry
from provserver.vendors.fanvil.dialects import steps
from provserver.vendors.fanvil.files import AGENTS, FILES
from provserver.vendors.fanvil.models import MODELS, is_legacy
from provserver.vendors.fanvil.parameters import PARAMETERS
from provserver.vendors.fanvil.phonebook import PHONEBOOK
from provserver.vendors.fanvil.proofs import BOOTSTRAP, LOGIN


def _variables(view: DeviceView, rule: FileRule) -> Mapping[str, object]:
    """The elements in the dialect that the device reads; raw ones of the other are left out."""
    entries = write_entries(PARAMETERS, view, sections=rule.sections, raw=raw_entry)
    found = steps(entry for entry in entries if is_read(entry, view))
    return {"legacy": is_legacy(view.model), "steps": found, "entries": ()}


def _after_deletion(view: DeviceView, _user_agent: str) -> AfterDeletion:
    return AfterDeletion.NOT_FOUND if is_legacy(view.model) else AfterDeletion.OMIT


VENDOR = Vendor(
    slug="fanvil",
    name="Fanvil / Linkvil",
    # 0c383e: IEEE and captures (H). 00a859: the newer IEEE list and tancredi (M). e0e656: IEEE, Nethesis, which sells
    # these phones under its name (H). tancredi alone also has 00a85a (L): left out.
    ouis=frozenset({"0c383e", "00a859", "e0e656"}),
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason=(
            "newer phones are sent partial files in practice, so what a file does not mention stays (M), and a blank "
            "element would clear it; of older ones that is not known (L), so they get no file at all and keep theirs"
        ),
        source="sheet fanvil 6; wazo_fanvil",
        confidence="M",
        unproven=True,
    ),
    after_deletion_for=_after_deletion,
    notify=NotifyEvents(
        resync="check-sync",  # NotifyReboot = 0, which our files say, keeps it from restarting the phone
        reboot=None,  # the same event, with notify_reboots
        source="sheet fanvil 10; wazo_fanvil common.py",
        confidence="M",
    ),
    simulation=SIMULATION,
    variables=_variables,
    raw=raw_entry,
    check=check,
    login=LOGIN,
    bootstrap=BOOTSTRAP,
    phonebook=PHONEBOOK,
    sources=(
        "Fanvil VoIP Auto Provision Standard 2012; manuals i23, C56, Cortelco C58, PLANET VIP; FDPS user guide",
        "wazo-platform/wazo-provd-plugins 2321a3f, plugins/wazo_fanvil (facts only)",
        "nethesis/tancredi 5a8de9b, data/templates/fanvil-*.tmpl, fanvil.macros, data/scopes (facts only)",
        "fusionpbx c7a00dc, resources/templates/provision/fanvil (facts only); nethesis/falconieri (FDPS)",
    ),
)
