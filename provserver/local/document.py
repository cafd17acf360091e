"""What may stand in a `maker.toml`: `Document`. Types and names only; what they mean is checked where it is used."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from provserver.domain.parameters import Confidence

Count = Annotated[int, Field(ge=0, lt=10_000)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Answer = Literal["omit", "not_found"]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Fact(_Table):
    """Something about phones; without its own *source* and *confidence* those of the whole file hold."""

    source: Text | None = None
    confidence: Confidence | None = None


class AgentTable(Fact):
    """A form of User-Agent: text with ``{model}``, ``{fw}``, ``{mac}``, ``{serial}``, and ``{rest}`` at its end."""

    form: Text


class ModelTable(Fact):
    """See `domain.vendor.Model`."""

    name: Text
    lines: Count | None = None
    keys: Count | None = None
    softkeys: Count | None = None
    modules: Count | None = None
    module_keys: Count | None = None
    number: str | None = None


class FileTable(Fact):
    """See `domain.vendor.FileRule`. Of a file that a built-in maker has, what is not named stays as it is."""

    name: Text
    pattern: Text | None = None
    template: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*\.j2$")] | None = None
    format: Literal["xml", "key_value", "quoted"] | None = None
    content_type: Text | None = None
    line_end: Literal["lf", "crlf"] | None = None
    sections: list[Text] | None = None
    configuration: bool | None = None
    optional: bool | None = None
    model_prefix: str | None = None
    after_deletion: Answer | None = None


class ParameterTable(Fact):
    """One row of the parameter table, see `local.rows`."""

    setting: Text
    name: Text
    part: str | None = None
    values: dict[str, str] | None = None
    default: str | None = None
    join: str = ","
    each_line: bool = False
    section: Text | None = None
    place: str = ""


class AfterDeletionTable(Fact):
    """See `domain.vendor.AfterDeletionRule`."""

    answer: Answer
    reason: Text
    unproven: bool = True


class NotifyTable(Fact):
    """See `domain.vendor.NotifyEvents`."""

    resync: Text | None = None
    reboot: Text | None = None


class LoginTable(Fact):
    """See `domain.identity.HTTPLogin`."""

    schemes: Annotated[list[Literal["digest", "basic"]], Field(min_length=1)]


class BootstrapTable(Fact):
    """See `domain.bootstrap.BootstrapWay`."""

    way: Literal["dhcp", "pnp", "redirect", "hand"]
    text: Text
    dhcp_option: Annotated[int, Field(ge=1, le=254)] | None = None
    dhcp_suboption: Annotated[int, Field(ge=1, le=254)] | None = None
    dhcp_classes: tuple[Text, ...] = ()


class SimulationTable(_Table):
    """How `simulate` plays such a phone: *boot* are the files that it asks for, in their order."""

    model: Text
    firmware: Text
    user_agent: Text
    boot: Annotated[list[Text], Field(min_length=1, max_length=32)]


class Document(Fact):
    """A whole `maker.toml`. A new maker needs nearly all of it, a built-in one only what is to be different."""

    name: Text | None = None
    ouis: list[str] = []
    guest_ouis: list[str] = []
    agent: list[AgentTable] = []
    model: list[ModelTable] = []
    file: list[FileTable] = []
    parameter: list[ParameterTable] = []
    after_deletion: AfterDeletionTable | None = None
    notify: NotifyTable | None = None
    login: LoginTable | None = None
    bootstrap: list[BootstrapTable] = []
    simulation: SimulationTable | None = None
