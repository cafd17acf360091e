"""
What a maker has to keep, alone and among all others, and whether its templates render.

The same is demanded of built-in makers, of those by tests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from provserver.domain.boot import SimulatedPhone
from provserver.domain.catalogue import SPECS
from provserver.domain.examples import example_view
from provserver.domain.mac import MacAddress
from provserver.domain.vendor import FileRule, Vendor, model_key
from provserver.domain.view import DeviceView
from provserver.errors import TemplateBroken, UnfitValue
from provserver.identify import Catalogue, take_apart
from provserver.local.document import Document
from provserver.local.problem import Wrong
from provserver.render import Renderer

_EXAMPLE = 0x2A2B3C  # of the half of a MAC that the maker counts
_EXAMPLES = {"mac": "0a0b0c2a2b3c", "model": "A1", "number": "007", "part": "1-2"}


def check_alone(vendor: Vendor, document: Document) -> None:
    """Raise Wrong, with a place in *document*, for what contradicts itself within one maker."""
    patterns = Counter(rule.pattern.lower() for rule in vendor.files)
    by_name = {rule.name: rule for rule in vendor.files}
    for number, table in enumerate(document.file):
        rule = by_name[table.name]
        if patterns[rule.pattern.lower()] > 1:
            raise Wrong(("file", number, "pattern"), f"{rule.pattern!r} is the name of another file as well")
    written = frozenset[str]().union(*(rule.sections for rule in vendor.files))
    rows = vendor.parameters[len(vendor.parameters) - len(document.parameter) :]  # the document's are the last
    for number, row in enumerate(rows):
        if row.section not in written:
            raise Wrong(("parameter", number), f"no file has the section {row.section!r}")
    if vendor.ouis & vendor.guest_ouis:
        raise Wrong(("guest_ouis",), f"{min(vendor.ouis & vendor.guest_ouis)} is one of the maker's own blocks")


def check_between(vendor: Vendor, document: Document, catalogue: Catalogue) -> None:
    """Raise Wrong, with a place in *document*, for what cannot be told from other makers, or not be asked for."""
    for number, table in enumerate(document.file):
        pattern = vendor.file(table.name).pattern
        if not _is_reachable(pattern, vendor, catalogue):
            raise Wrong(("file", number, "pattern"), f"{pattern!r} is a name that no phone's request can have")
    names = {rule.pattern.lower() for rules in (vendor.files, vendor.uploads) for rule in rules}
    for other in catalogue.vendors.values():
        if other.slug == vendor.slug:
            continue
        theirs = {rule.pattern.lower() for rules in (other.files, other.uploads) for rule in rules}
        blocks = (vendor.ouis | vendor.guest_ouis) & (other.ouis | other.guest_ouis)
        if blocks and names & theirs:
            raise Wrong(
                ("ouis",),
                f"{min(blocks)} is a block of {other.slug} too, whose phones also ask for {min(names & theirs)}",
            )
    play = vendor.simulation
    if vendor.model(play.model) is None:
        raise Wrong(("simulation", "model"), f"{play.model!r} is not one of the models")
    mac = MacAddress(f"{min(vendor.ouis)}{_EXAMPLE:06x}") if vendor.ouis else MacAddress("020000000001")
    agent = catalogue.read_agent(play.user_agent(SimulatedPhone(mac=mac, model=play.model, firmware=play.firmware)))
    if agent is None or agent.vendor != vendor.slug:
        whose = "no maker's" if agent is None else f"{agent.vendor}'s"
        raise Wrong(("simulation", "user_agent"), f"is read as {whose}")
    if agent.model is not None and model_key(agent.model) != model_key(play.model):
        raise Wrong(("simulation", "user_agent"), f"is read as that of the model {agent.model!r}")


def _is_reachable(pattern: str, vendor: Vendor, catalogue: Catalogue) -> bool:
    """Whether a phone that asks for such a file can get it."""
    path, _, query = f"/{pattern.format_map(_EXAMPLES)}".partition("?")
    asked = take_apart(path, query)
    return asked is not None and catalogue.file_rule(vendor.slug, asked) is not None


def template_problems(
    vendor: Vendor, renderer: Renderer, templates: Mapping[str, str]
) -> Iterator[tuple[str, int, str]]:
    """
    What is wrong with the operator's *templates* of *vendor*, by name: file, line and what it is.

    Each file that one of them takes part in is rendered for devices of every model with nothing, with an example of
    every setting, and with their passwords deleted.
    """
    used: set[str] = set()
    for rule in vendor.files:
        if rule.template is None:
            continue
        used.add(f"{vendor.slug}/{rule.template}")
        try:
            names = renderer.names_of(vendor, rule)
            used |= names
            if names & templates.keys():
                for view in _examples(vendor):
                    _try(renderer, vendor, rule, view)
        except TemplateBroken as error:
            yield error.template, error.line, error.problem
            used.add(error.template)
    for name in sorted(templates.keys() - used):
        yield name, 0, "no file uses this template"


def _try(renderer: Renderer, vendor: Vendor, rule: FileRule, view: DeviceView) -> None:
    try:
        renderer.render(vendor, rule, view)
    except UnfitValue:  # of an example that this maker's files cannot carry; the template is in order
        return


def _examples(vendor: Vendor) -> Iterator[DeviceView]:
    settings = [spec.name for spec in SPECS if vendor.supports(spec.name)]
    models: Sequence[str | None] = (None, *(model.name for model in vendor.models))
    for model in models:
        yield example_view(model, ())
        yield example_view(model, settings)
        yield example_view(model, settings, held=False)
    yield DeviceView(mac=example_view(None, ()).mac)
