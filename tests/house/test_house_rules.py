"""The house rules hold, and each of them notices when it does not."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.house import rules

ROOT = Path(__file__).resolve().parents[2]
LONG_FUNCTION = "def walk() -> None:\n" + "    step()\n" * rules.FUNCTION_LINES
LONG_METHOD = "class Walker:\n    async def walk(self) -> None:\n" + "        step()\n" * rules.FUNCTION_LINES
FITTING_FUNCTION = "def walk() -> None:\n" + "    step()\n" * (rules.FUNCTION_LINES - 1)


def complaints(about: Iterable[rules.Module], *, by: Iterable[rules.Rule]) -> list[str]:
    checks = tuple(by)
    return [complaint for module in about for rule in checks for complaint in rule(module)]


def modules(folder: str) -> list[rules.Module]:
    found = sorted((ROOT / folder).rglob("*.py"))
    return [rules.Module.parse(path.relative_to(ROOT), path.read_text(encoding="utf-8")) for path in found]


def test_the_program_keeps_the_house_rules() -> None:
    program = modules("provserver")

    found = complaints(program, by=rules.CODE_RULES)

    assert len(program) > 1, "the rules have to see the program"
    assert found == []


def test_every_test_module_checks_something() -> None:
    tests = modules("tests")

    found = complaints(tests, by=rules.TEST_RULES)

    assert any(module.path.name == Path(__file__).name for module in tests), "the rules have to see the tests"
    assert found == []


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.module_is_short, "provserver/long.py", "x = 1\n" * (rules.MODULE_LINES + 1)),
        (rules.functions_are_short, "provserver/walk.py", LONG_FUNCTION),
        (rules.functions_are_short, "provserver/walk.py", LONG_METHOD),
        (rules.name_says_something, "provserver/http/utils.py", '"""Doc."""\n'),
        (rules.name_says_something, "provserver/helpers/mac.py", '"""Doc."""\n'),
        (rules.package_holds_little, "provserver/http/__init__.py", ""),
        (rules.package_holds_little, "provserver/http/__init__.py", '"""Doc."""\n\nLIMIT = 3\n'),
        (rules.package_holds_little, "provserver/http/__init__.py", '"""Doc."""\n\nclass Site: ...\n'),
        (rules.package_holds_little, "provserver/http/__init__.py", '"""Doc."""\n\ndef _hidden(): ...\n'),
        (rules.package_holds_little, "provserver/http/__init__.py", '"""Doc."""\n\ndef a(): ...\n\ndef b(): ...\n'),
        (rules.sqlite_is_in_one_module, "provserver/storage/x.py", "import aiosqlite\n"),
        (rules.sqlite_is_in_one_module, "provserver/storage/x.py", "from sqlalchemy.dialects import sqlite\n"),
        (rules.sqlite_is_in_one_module, "provserver/storage/x.py", "from sqlalchemy.dialects.sqlite import insert\n"),
        (rules.sqlite_is_in_one_module, "provserver/storage/x.py", 'insert(T).prefix_with("X", dialect="sqlite")\n'),
        (rules.tests_check_something, "tests/test_walk.py", "def test_walk() -> None:\n    walk()\n"),
    ],
)
def test_a_rule_notices_what_breaks_it(rule: rules.Rule, path: str, text: str) -> None:
    broken = rules.Module.parse(Path(path), text)

    found = list(rule(broken))

    assert len(found) == 1
    assert found[0].startswith(path)


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.module_is_short, "provserver/long.py", "x = 1\n" * rules.MODULE_LINES),
        (rules.functions_are_short, "provserver/walk.py", FITTING_FUNCTION),
        (rules.name_says_something, "provserver/domain/utilisation.py", ""),
        (rules.package_holds_little, "provserver/cli/main.py", "LIMIT = 3\n"),
        (
            rules.package_holds_little,
            "provserver/cli/__init__.py",
            '"""Doc."""\n\nimport sys\n\n__all__ = ["main"]\n\ndef main() -> None:\n    sys.exit()\n',
        ),
        (rules.sqlite_is_in_one_module, "provserver/storage/sqlite.py", "import aiosqlite\n"),
        (rules.sqlite_is_in_one_module, "provserver/storage/x.py", "from provserver.storage import sqlite\n"),
        (rules.tests_check_something, "tests/test_walk.py", "def test_walk():\n    assert walk() == 1\n"),
        (rules.tests_check_something, "tests/test_walk.py", "def test_walk():\n    with pytest.raises(Lost): walk()\n"),
        (rules.tests_check_something, "tests/cases.py", "def load_case(): ...\n"),
    ],
)
def test_a_rule_is_content_with_what_keeps_it(rule: rules.Rule, path: str, text: str) -> None:
    assert list(rule(rules.Module.parse(Path(path), text))) == []
