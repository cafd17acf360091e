"""A bench for the devices of one maker: views of them, their files rendered and read back, and their boot played."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hypothesis import strategies as st

from provserver.domain.boot import Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.catalogue import SPECS
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.resolve import build_view
from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.text import text_problem
from provserver.domain.vendor import Vendor
from provserver.domain.view import DeviceView
from provserver.identify import Catalogue, take_apart
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.vendors import load_vendors

CATALOGUE = Catalogue(load_vendors())
RENDERER = Renderer()
URL = "https://prov.example.net/QUJDREVGR0hJSktMTU5PUFFS/"
PBX = Endpoint(host="pbx.example.com")
LINE = Line(number=1, user_name="1001", registrar=PBX)
ILLEGAL = (
    "two\nlines",
    "carriage\rreturn",
    "nul\0",
    "next\x85line",
    "line\u2028separator",
    " front",
    "back ",
    "%NULL%",
)

TEXTS = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)
    .map(str.strip)
    .filter(lambda text: text and text_problem(text) is None)
)
USERS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters='<>"@:;,?&=\\/'),
    min_size=1,
    max_size=20,
).filter(lambda text: text_problem(text) is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """One *model* of *vendor*; *read* is how its phones read a file, name by name. *file* names the rule of its own."""

    vendor: Vendor
    mac: MacAddress
    model: str | None
    read: Callable[[str], dict[str, str]]
    file: str = "config"
    lines: tuple[Line, ...] = field(default=(LINE,))

    def view(
        self,
        values: Mapping[str, str] | None = None,
        *,
        held: tuple[str, ...] = (),
        lines: tuple[Line, ...] | None = None,
        model: str | None = None,
    ) -> DeviceView:
        """A device with *values* set and the secrets of the fields *held*."""
        return build_view(
            mac=self.mac,
            model=model or self.model,
            lines=self.lines if lines is None else lines,
            settings=values or {},
            held=held,
        )

    def render(self, view: DeviceView, secrets: Mapping[str, str] | None = None, *, file: str | None = None) -> str:
        """The file of *view*, with *secrets* put in."""
        known = {name: Secret(text) for name, text in {PROVISIONING_URL: URL, **(secrets or {})}.items()}
        return fill(RENDERER.render(self.vendor, self.vendor.file(file or self.file), view), known).decode()

    def settings(self, view: DeviceView, secrets: Mapping[str, str] | None = None) -> dict[str, str]:
        """What the phone reads in the file of *view*."""
        return self.read(self.render(view, secrets))

    def written(
        self,
        values: Mapping[str, str] | None = None,
        *,
        secrets: Mapping[str, str] | None = None,
        lines: tuple[Line, ...] | None = None,
        model: str | None = None,
    ) -> dict[str, str]:
        """What the file says with *values* and *secrets* that it does not say without them."""
        bare = self.settings(self.view(lines=lines, model=model))
        view = self.view(values, held=tuple(secrets or {}), lines=lines, model=model)
        return dict(self.settings(view, secrets).items() - bare.items())

    def supported(self) -> set[str]:
        """The settings that the maker translates."""
        return {spec.name for spec in SPECS if self.vendor.supports(spec.name)}

    def rule_of(self, file: str) -> str | None:
        """The name of the rule for a *file* (with its query) that is asked; None when the maker has none."""
        path, _, query = f"/{file}".partition("?")
        asked = take_apart(path, query)
        rule = CATALOGUE.file_rule(self.vendor.slug, asked) if asked else None
        return rule.name if rule else None

    def phone(self, firmware: str | None = None) -> SimulatedPhone:
        """The phone as `simulate` plays it."""
        play = self.vendor.simulation
        return SimulatedPhone(mac=self.mac, model=self.model or play.model, firmware=firmware or play.firmware)

    def play(self, served: Mapping[str, str], *, firmware: str | None = None) -> tuple[Booted, list[str]]:
        """Boot against the files *served*: what the phone knows then, and what it asked."""
        script = self.vendor.simulation.boot(self.phone(firmware))
        asked: list[str] = []
        fetch: Fetch = next(script)
        while True:
            asked.append(fetch.file)
            text = served.get(fetch.file)
            try:
                fetch = script.send(Reply(404) if text is None else Reply(200, text.encode()))
            except StopIteration as end:
                return end.value, asked


def catalogue_name(name: str) -> str:
    """The name of a setting as the catalogue has it: ``key.3`` → ``key.N``."""
    return ".".join("N" if part.isdigit() else part for part in name.split("."))
