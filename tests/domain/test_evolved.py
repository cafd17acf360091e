"""A changed copy is what `dataclasses.replace` would have made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provserver.domain.device import Tokens
from provserver.domain.evolved import evolved


def test_a_copy_differs_in_what_was_changed_only() -> None:
    tokens = Tokens(generation=1, lasting=b"l", bootstrap=b"b")

    changed = evolved(tokens, bootstrap=None, lasting_used_at=7)

    assert changed == replace(tokens, bootstrap=None, lasting_used_at=7)
    assert tokens == Tokens(generation=1, lasting=b"l", bootstrap=b"b")
    assert evolved(tokens) == tokens


def test_a_name_that_is_no_field_is_refused() -> None:
    with pytest.raises(AttributeError, match="colour"):
        evolved(Tokens(generation=1, lasting=b"l"), colour="red")
