"""docs/operations.md names every event, reason and audit action that the program has, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from provserver.release import Reason

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "operations.md"
LEVELS = frozenset({"debug", "info", "warning", "error", "critical", "exception"})
RECORDERS = frozenset({"record", "_record", "change", "AuditEntry"})  # what writes an audit entry, given its action
NAME = re.compile(r"[a-z_]+\.[a-z_]+")


def listed(heading: str) -> list[str]:
    """The first cells of the table under *heading*, without their backticks."""
    text = DOCUMENT.read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, flags=re.MULTILINE)


def levels_listed() -> dict[str, set[str]]:
    text = DOCUMENT.read_text(encoding="utf-8").partition("\n## What the log says\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| ([a-z, ]+) \|", text, flags=re.MULTILINE)
    return {event: set(levels.split(", ")) for event, levels in rows}


def program() -> Iterator[ast.Module]:
    for path in sorted((ROOT / "provserver").rglob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"), str(path))


def constants(tree: ast.AST) -> dict[str, str]:
    """Names ending in EVENT that a module gives to a text."""
    return {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.endswith("EVENT") and NAME.fullmatch(node.value.value)
    }


def spoken(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(event, level) of every call that logs. Raises ValueError for an event that is not a constant."""
    known = constants(tree)
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
            continue
        match node.args:
            case []:  # the error of a future has the name of a level
                continue
            case [ast.Constant(value=str(event)), *_] if NAME.fullmatch(event):
                yield event, node.func.attr
            case [ast.Name(id=name), *_] if name in known:
                yield known[name], node.func.attr
            case _:
                msg = f"line {node.lineno}: an event has a constant name"
                raise ValueError(msg)


def recorded(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", None)) in RECORDERS:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and NAME.fullmatch(str(argument.value)):
                    yield str(argument.value)


def test_every_event_of_the_program_is_explained_and_no_other() -> None:
    events = {event for tree in program() for event, _ in spoken(tree)}
    events |= {event for tree in program() for event in constants(tree).values()}

    explained = listed("What the log says")

    assert sorted(explained) == sorted(events)


def test_an_event_is_explained_with_the_level_it_has() -> None:
    levels: dict[str, set[str]] = {}
    for tree in program():
        for event, level in spoken(tree):
            levels.setdefault(event, set()).add(level)

    explained = levels_listed()

    assert {event: explained.get(event) for event in levels} == levels


def test_every_reason_is_explained() -> None:
    """The listener adds some of its own, for answers that are no refusal."""
    assert {reason.value for reason in Reason} - set(listed("Why a request was refused")) == set()


def test_every_audit_action_is_explained_and_no_other() -> None:
    actions = {action for tree in program() for action in recorded(tree)}

    assert sorted(listed("What the audit trail says")) == sorted(actions)


@pytest.mark.parametrize("text", ["log.info(f'device.{what}')", "log.error('Device served')", "log.warning(NAME)"])
def test_an_event_without_a_constant_name_is_noticed(text: str) -> None:
    with pytest.raises(ValueError, match="constant name"):
        list(spoken(ast.parse(text)))


def test_events_are_found_as_texts_and_as_constants() -> None:
    text = "GONE_EVENT = 'device.gone'\nlog.info('device.served', mac=1)\nlog.error(GONE_EVENT)\n"

    assert list(spoken(ast.parse(text))) == [("device.served", "info"), ("device.gone", "error")]
