"""The text formats that makers share: how a value is written in XML and in ``key = value`` files."""

from __future__ import annotations

from provserver.domain.artefact import TextFormat
from provserver.domain.slot import SecretSlot
from provserver.domain.text import is_plain, text_problem
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue

LINE_TEXTS = ("user_name", "label", "display_name", "auth_name", "voicemail")  # the free texts of a line
_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})


def escape_xml(value: str) -> str:
    """
    Escape *value* for XML text and attributes alike (XML 1.0, 2.4): the five characters, in every position.

    Raises ValueError, without quoting it, for a value that XML 1.0 cannot carry or would change on the way.
    """
    if is_plain(value):
        return value
    _check(value)
    return value.translate(_XML)


def escape_key_value(value: str) -> str:
    """
    Check *value* for a ``key = value`` line. There is no escaping in such a file, so what would break it is refused.

    Raises ValueError without quoting it.
    """
    if is_plain(value):
        return value
    _check(value)
    return value


def check_fits(view: DeviceView, text_format: TextFormat) -> None:
    """Raise InvalidValue naming the first setting or line field of *view* that *text_format* cannot carry."""
    settings = (*view.settings.items(), *((f"raw.{name}", value) for name, value in view.raw.items()))
    lines = ((name, getattr(line, name)) for line in view.lines for name in LINE_TEXTS)
    for name, value in (*settings, *lines):
        if isinstance(value, SecretSlot):
            continue  # what will stand there is not known yet
        try:
            text_format.escape(str(value))
        except ValueError as error:
            raise InvalidValue(name, str(error)) from error


def _check(value: str) -> None:
    problem = text_problem(value)
    if problem:
        raise ValueError(problem)


XML = TextFormat(name="xml", content_type="text/xml; charset=utf-8", escape=escape_xml)
APPLICATION_XML = TextFormat(name="xml", content_type="application/xml; charset=utf-8", escape=escape_xml)
KEY_VALUE = TextFormat(name="key_value", content_type="text/plain; charset=utf-8", escape=escape_key_value)
