"""Every test that the documents name as a proof exists, and every link between documents leads somewhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROOFS = [ROOT / "SECURITY.md", ROOT / "docs" / "retention.md", ROOT / "docs" / "threat-model.md"]
OUT_OF_HERE = ("http://", "https://", "mailto:", "#")


def documents() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def known_tests() -> set[str]:
    return {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def links(text: str) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(OUT_OF_HERE):
            yield target.partition("#")[0]


@pytest.mark.parametrize("document", PROOFS, ids=lambda path: path.name)
def test_every_proof_that_is_named_exists(document: Path) -> None:
    named = set(re.findall(r"`(test_\w+)`", document.read_text(encoding="utf-8")))

    assert named, "a document of proofs names some"
    assert named - known_tests() == set()


def test_every_row_of_the_threat_model_names_its_test() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.endswith("| test |")]

    assert len(rows) > 30
    assert [row for row in rows if not re.search(r"\| `test_\w+`[^|]*\|$", row)] == []


def test_every_link_leads_somewhere() -> None:
    dead = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents()
        for target in links(document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]

    assert dead == []
