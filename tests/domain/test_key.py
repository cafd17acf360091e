"""A key is written the way it was meant, and read back the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.key import Key, KeyKind
from provserver.domain.text import text_problem
from provserver.errors import InvalidValue

WORDS = st.text(max_size=20).filter(lambda text: text_problem(text) is None)
VALUES = WORDS.filter(lambda text: " " not in text and text != "-")
NEEDY = {
    KeyKind.BLF,
    KeyKind.SPEED_DIAL,
    KeyKind.INTERCOM,
    KeyKind.DTMF,
    KeyKind.PARK,
    KeyKind.PICKUP,
    KeyKind.URL,
    KeyKind.XML,
    KeyKind.PREFIX,
    KeyKind.BLF_LIST,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("none", Key(kind=KeyKind.NONE)),
        ("line@2", Key(kind=KeyKind.LINE, line=2)),
        ("blf 1002", Key(kind=KeyKind.BLF, value="1002")),
        ("BLF@3 1002 Front desk", Key(kind=KeyKind.BLF, value="1002", label="Front desk", line=3)),
        ("  speed_dial   0800123   Support  ", Key(kind=KeyKind.SPEED_DIAL, value="0800123", label="Support")),
        ("dnd - Do not disturb", Key(kind=KeyKind.DND, label="Do not disturb")),
        ("url https://example.com/a?b=c Door", Key(kind=KeyKind.URL, value="https://example.com/a?b=c", label="Door")),
    ],
)
def test_the_notation_is_read(text: str, expected: Key) -> None:
    assert Key.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", "blf", "blf -", "blf - Front", "lamp 1002", "line@0", "line@x", "line@-1", "line@1.5", "dnd - a\nb",
             "blf 10\x0002", "line@" + "9" * 5000]
)  # fmt: skip
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Key.parse(text)

    assert refused.value.field == "key"


@pytest.mark.parametrize("kind", KeyKind)
def test_only_some_kinds_need_a_value(kind: KeyKind) -> None:
    if kind in NEEDY:
        with pytest.raises(InvalidValue, match="needs a value"):
            Key(kind=kind)
    else:
        assert Key.parse(kind.value) == Key(kind=kind)


@given(st.sampled_from(KeyKind), VALUES, WORDS, st.integers(1, 99))
def test_what_is_written_is_read_back(kind: KeyKind, value: str, label: str, line: int) -> None:
    if kind in NEEDY and not value:
        return
    key = Key(kind=kind, value=value, label=label, line=line)

    assert Key.parse(str(key)) == key


@given(st.text(max_size=40))
def test_any_text_is_a_key_or_refused(text: str) -> None:
    try:
        key = Key.parse(text)
    except InvalidValue:
        return
    assert Key.parse(str(key)) == key
