"""A secret is stars wherever it could be printed, and cannot be copied out by accident."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import traceback
from collections.abc import Callable

import orjson
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from provserver.secret import STARS, Secret

TEXT = "Tr0ub4dor&3"


@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        format,
        lambda secret: f"{secret}",
        lambda secret: f"{secret!r}",
        lambda secret: f"{secret!s:>8}",
        "{}".format,  # what old code and logging do
        "%s".__mod__,
        ascii,
    ],
)
def test_a_secret_is_shown_as_stars(show: Callable[[Secret], str]) -> None:
    assert show(Secret(TEXT)) == STARS


def test_the_number_of_stars_says_nothing_about_the_length() -> None:
    assert len({str(Secret(text)) for text in ("", "a", "a" * 100)}) == 1


def test_alignment_does_not_open_it() -> None:
    assert f"{Secret(TEXT):>12}" == STARS.rjust(12)


@pytest.mark.parametrize("container", [list, tuple, lambda items: {"password": items[0]}])
def test_a_container_shows_stars(container: Callable[[list[Secret]], object]) -> None:
    shown = repr(container([Secret(TEXT)]))

    assert STARS in shown
    assert TEXT not in shown


def test_logging_writes_stars() -> None:
    stream = io.StringIO()
    logger = logging.getLogger("tests.secret")
    handler = logging.StreamHandler(stream)
    logger.addHandler(handler)
    try:
        logger.error("password %s, again %r", Secret(TEXT), Secret(TEXT))
    finally:
        logger.removeHandler(handler)

    assert stream.getvalue() == f"password {STARS}, again {STARS}\n"


def test_a_structured_log_writes_stars() -> None:
    stream = io.StringIO()
    logger = structlog.wrap_logger(
        structlog.PrintLogger(stream), processors=[structlog.processors.JSONRenderer(default=repr)]
    )

    logger.error("device.added", password=Secret(TEXT))

    assert json.loads(stream.getvalue()) == {"event": "device.added", "password": STARS}


def test_json_refuses_it_and_its_error_does_not_tell() -> None:
    for dumps in (json.dumps, orjson.dumps):
        with pytest.raises(TypeError) as refused:
            dumps({"password": Secret(TEXT)})
        assert TEXT not in str(refused.value)


def test_json_with_a_way_out_writes_stars() -> None:
    assert json.loads(json.dumps({"password": Secret(TEXT)}, default=str)) == {"password": STARS}
    assert orjson.loads(orjson.dumps({"password": Secret(TEXT)}, default=str)) == {"password": STARS}


def test_a_traceback_that_shows_variables_shows_stars() -> None:
    def fail(secret: Secret) -> None:
        number = int(f"{secret}")
        raise AssertionError(number)

    with pytest.raises(ValueError, match="invalid literal") as failed:
        fail(Secret(TEXT))
    told = traceback.TracebackException(failed.type, failed.value, failed.tb, capture_locals=True)
    text = "".join(told.format())

    assert f"secret = {STARS}" in text
    assert TEXT not in text


@pytest.mark.parametrize("copying", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_copied_out(copying: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError) as refused:
        copying(Secret(TEXT))

    assert TEXT not in str(refused.value)


def test_a_secret_has_no_dictionary_to_look_into() -> None:
    secret = Secret(TEXT)

    assert not hasattr(secret, "__dict__")
    with pytest.raises(TypeError):
        vars(secret)
    with pytest.raises(TypeError):
        hash(secret)


@given(st.text(), st.text())
def test_secrets_are_equal_when_their_texts_are(one: str, other: str) -> None:
    assert (Secret(one) == Secret(other)) is (one == other)
    assert Secret(one) == Secret(one)
    assert Secret(one) != one


def test_a_text_that_no_utf8_can_carry_compares_without_being_quoted() -> None:
    """A lone surrogate can come out of JSON; an error about it would carry the whole text."""
    assert Secret("a\ud800") == Secret("a\ud800")
    assert Secret("a\ud800") != Secret("a\udc00")


def test_only_reveal_gives_the_text() -> None:
    assert Secret(TEXT).reveal() == TEXT
    assert bool(Secret(TEXT))
    assert not Secret("")
