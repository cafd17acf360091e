"""What a file cannot carry is named without being quoted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.text import MAX_VALUE_CHARS, check_text, text_problem
from provserver.errors import InvalidValue


@pytest.mark.parametrize(
    "text",
    ["", "Anna", "Café Zürich", "日本語", "🙂", "a  b", "&<>\"'", "100%", "%NUL%", "a=b;c#d", "x" * MAX_VALUE_CHARS],
)
def test_ordinary_text_passes_as_it_is(text: str) -> None:
    assert text_problem(text) is None
    assert check_text("label", text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a\nb",
        "a\rb",
        "a\tb",
        "a\x00b",
        "a\x1bb",
        "a\x7fb",
        "a\x85b",
        "a\u2028b",
        "a\u2029b",
        "a\ud800b",
        "\ufeffa",
        "a\ufffeb",
        "a\uffffb",
        " Anna",
        "Anna ",
        "\u00a0Anna",
        "Anna\u3000",
        "%NULL%",
        "%null%",
        "%EMPTY%",
        "x" * (MAX_VALUE_CHARS + 1),
    ],
)
def test_what_would_break_a_file_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_text("label", text)

    assert refused.value.field == "label"
    assert text not in str(refused.value)


@given(st.text(alphabet=st.characters(), max_size=20))
def test_what_passes_is_one_line(text: str) -> None:
    if text_problem(text) is None:
        assert text.splitlines() in ([text], [])
        assert text == text.strip()
