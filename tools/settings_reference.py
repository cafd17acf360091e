"""
Write what can be said of the settings by themselves: ``python -m tools.settings_reference``.

It makes docs/settings.md, the reference, and config/provserver.toml, an example with every setting at its default.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from provserver.settings import ENVIRONMENT_PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "settings.md"
EXAMPLE = ROOT / "config" / "provserver.toml"
# What is written where the default is nothing.
_INSTEAD = {
    ("data", "keys"): "/etc/provserver/keys",
    ("tls", "maker_authorities"): "/etc/provserver/makers",
    ("legacy", "until"): "2027-12-31",
    ("vendors", "folder"): "/etc/provserver/vendors",
    ("redirect", "url"): "https://prov.example.net",
    ("redirect", "authorities"): "/etc/provserver/outside.pem",
    ("monitor", "detectors"): "/etc/provserver/detectors.toml",
    ("outbound", "authorities"): "/etc/provserver/outside.pem",
    ("alerts", "webhook_secret"): "/etc/provserver/webhook.secret",
    ("mail", "password"): "/etc/provserver/mail.password",
    ("whereabouts", "asn"): "/var/lib/networks/asn.mmdb",
    ("whereabouts", "country"): "/var/lib/networks/country.mmdb",
    ("crowdsec", "password"): "/etc/provserver/crowdsec.password",
}
_SIGNS = {Ge: "≥", Gt: ">", Le: "≤", Lt: "<"}

_PAGE_HEAD = f"""# Settings

Every command takes `--config FILE`, a TOML file such as [config/provserver.toml](../config/provserver.toml); the
environment variable `{ENVIRONMENT_PREFIX}CONFIG` names it as well. An unknown name in it is an error. Each setting can
be overridden by a variable of its own, `{ENVIRONMENT_PREFIX}<SECTION>__<FIELD>`, as in
`{ENVIRONMENT_PREFIX}PHONE__PORT=8088`.

Made by `python -m tools.settings_reference` from `provserver/settings.py`; a test compares.
"""
_EXAMPLE_HEAD = """# Every setting, at its default. Take the mark off what you change; an unknown name is an error.
# Made by `python -m tools.settings_reference` from provserver/settings.py; docs/settings.md says the same as a table.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One setting: *default* as TOML has it, or None where there is none; *limits* in words."""

    section: str
    name: str
    default: str | None
    limits: str
    meaning: str


def rows() -> Iterator[Row]:
    """All settings, in the order in which they are declared."""
    for section, model in sections():
        for name, field in model.model_fields.items():
            yield Row(
                section=section,
                name=name,
                default=_toml(field.get_default()),
                limits=_limits(field),
                meaning=field.description or "",
            )


def sections() -> Iterator[tuple[str, type[BaseModel]]]:
    """The sections by name."""
    for section, field in Settings.model_fields.items():
        yield section, type(field.get_default())


def page() -> str:
    """The reference as Markdown."""
    parts = [_PAGE_HEAD]
    for section, model in sections():
        parts.append(
            f"## [{section}]\n\n{model.__doc__}\n\n| setting | default | limits | meaning |\n|---|---|---|---|\n"
        )
        parts += [
            f"| `{row.name}` | {f'`{row.default}`' if row.default else ''} | {row.limits} | {_cell(row.meaning)} |\n"
            for row in rows()
            if row.section == section
        ]
        parts.append("\n")
    return "\n".join(parts[:1]) + "\n" + "".join(parts[1:]).rstrip("\n") + "\n"


def example() -> str:
    """The example file."""
    parts = [_EXAMPLE_HEAD]
    for section, model in sections():
        parts.append(f"\n[{section}]  # {str(model.__doc__).splitlines()[0]}\n")
        for row in rows():
            if row.section == section:
                value = row.default or _toml(_INSTEAD[section, row.name])
                parts.append(f"# {row.name} = {value}  # {row.meaning}\n")
    return "".join(parts)


def _toml(value: Any) -> str | None:  # noqa: ANN401 - defaults are of any type that TOML has
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value}"
        case tuple():
            return json.dumps([str(item) for item in value])
        case _:
            return json.dumps(str(value))


def _limits(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{word}`" for word in get_args(field.annotation))
    found = []
    for limit in field.metadata:
        for kind, sign in _SIGNS.items():
            if isinstance(limit, kind):
                found.append(f"{sign} {getattr(limit, kind.__name__.lower())}")
    return ", ".join(found)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write both files."""
    PAGE.parent.mkdir(exist_ok=True)
    EXAMPLE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    EXAMPLE.write_text(example(), encoding="utf-8")


if __name__ == "__main__":
    main()
