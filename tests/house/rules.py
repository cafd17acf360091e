"""
The house rules that no linter expresses: each takes one parsed module and names what breaks it.

They read the syntax tree, so comments and strings cannot confuse them.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

MODULE_LINES = 400  # past this, a module answers two questions
FUNCTION_LINES = 60  # what fits on a screen
# A name that says nothing about the question a module answers; whatever is in it belongs somewhere else.
EMPTY_NAMES = frozenset({"common", "data", "helper", "helpers", "info", "manager", "misc", "util", "utils"})
CHECKS = frozenset({"raises", "warns"})  # of pytest; beside `assert` itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One file: its path within the repository, its text and its syntax tree."""

    path: Path
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: Path, text: str) -> Self:
        """Read *text*, which stands (or would stand) at *path*."""
        return cls(path=path, text=text, tree=ast.parse(text, str(path)))


Rule = Callable[[Module], Iterator[str]]


def module_is_short(module: Module) -> Iterator[str]:
    """No module is longer than MODULE_LINES."""
    lines = len(module.text.splitlines())
    if lines > MODULE_LINES:
        yield f"{module.path}: {lines} lines, more than {MODULE_LINES}"


def functions_are_short(module: Module) -> Iterator[str]:
    """
    No function is longer than FUNCTION_LINES, from its `def` to its last line, docstring included.

    Migrations are lists of what changes, written by a tool and read from top to bottom once.
    """
    if "migrations" in module.path.parts:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{module.path}:{node.lineno}: {node.name} has {lines} lines, more than {FUNCTION_LINES}"


def name_says_something(module: Module) -> Iterator[str]:
    """No module or package is called after nothing."""
    for part in module.path.with_suffix("").parts:
        if part in EMPTY_NAMES:
            yield f"{module.path}: {part!r} says nothing about what is in it"


def package_holds_little(module: Module) -> Iterator[str]:
    """An `__init__.py` holds its docstring, imports, dunder names and at most one function, a public one."""
    if module.path.name != "__init__.py":
        return
    if ast.get_docstring(module.tree) is None:
        yield f"{module.path}: a package without a docstring"
    functions = 0
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            functions += 1
            if functions > 1:
                yield f"{module.path}:{node.lineno}: {node.name} is a second public function"
        elif not _may_stand_in_package(node):
            yield f"{module.path}:{node.lineno}: belongs in a module of its own"


def sqlite_is_in_one_module(module: Module) -> Iterator[str]:
    """Nothing but `storage.sqlite` knows SQLite's driver or its dialect; migrations are what they were."""
    if module.path.parts[:2] != ("provserver", "storage") or module.path.name == "sqlite.py":
        return
    if "migrations" in module.path.parts:
        return
    for node in ast.walk(module.tree):
        if _knows_sqlite(node):
            yield f"{module.path}:{node.lineno}: what only SQLite knows belongs into storage/sqlite.py"  # type: ignore[attr-defined]


def tests_check_something(module: Module) -> Iterator[str]:
    """A test module asserts at least once."""
    if module.path.name.startswith("test_") and not any(map(_is_check, ast.walk(module.tree))):
        yield f"{module.path}: tests without a single assertion"


def _knows_sqlite(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return any(name.name in ("aiosqlite", "sqlite3") for name in names)
        case ast.ImportFrom(module=source, names=names):
            of_dialect = source == "sqlalchemy.dialects" and any(name.name == "sqlite" for name in names)
            return (
                of_dialect
                or (source or "").partition(".")[0] in ("aiosqlite", "sqlite3")
                or (source == "sqlalchemy.dialects.sqlite")
            )
        case ast.keyword(arg="dialect", value=ast.Constant(value="sqlite")):
            return True
        case _:
            return False


def _may_stand_in_package(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name.startswith("__") and name.endswith("__")
        case _:
            return False


def _is_check(node: ast.AST) -> bool:
    match node:
        case ast.Assert():
            return True
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
            return name in CHECKS
        case _:
            return False


CODE_RULES: tuple[Rule, ...] = (
    module_is_short,
    functions_are_short,
    name_says_something,
    package_holds_little,
    sqlite_is_in_one_module,
)
TEST_RULES: tuple[Rule, ...] = (tests_check_something,)
