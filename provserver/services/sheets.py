"""What a spreadsheet program has written, as rows of cells: `read_sheet`."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from provserver.errors import ImportRefused

HEADER_ROW = 1
_DELIMITERS = ";,\t"  # Excel writes ";" where "," is the decimal sign, "," elsewhere, tabs as "Unicode text"
_WORKBOOK = b"PK\x03\x04"  # .xlsx, .ods: a zip archive
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"  # .xls


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row: its number, counted from 1 as the spreadsheet shows it, and its cells as they were written."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The cells of the first row, and all other rows that are not empty."""

    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_sheet(content: bytes) -> Sheet:
    """
    Read CSV as Excel and its kin write it: byte order mark or not, ``;`` ``,`` or tabs, any line ends, quoted cells.

    UTF-8, UTF-16 with a byte order mark, else Windows-1252. Raises ImportRefused, which quotes nothing of the file.
    """
    text = _decode(content)
    if text.lstrip().startswith("<"):
        raise ImportRefused(["row 1: is XML, not CSV"])
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.strip()) == len("sep=,"):  # Excel reads this line, shows it not
        return _parse(rest, delimiter=first[4])
    return _parse(text, delimiter=_delimiter(text))


def _decode(content: bytes) -> str:
    if content.startswith((_WORKBOOK, _OLD_WORKBOOK)):
        raise ImportRefused(["row 1: is a workbook, not CSV"])
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise ImportRefused(["row 1: is not text in UTF-8, UTF-16 or Windows-1252"])


def _delimiter(text: str) -> str:
    """The separator that the header has most of."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=header.count)


def _parse(text: str, *, delimiter: str) -> Sheet:
    rows = list(_rows(text, delimiter))
    if not rows or rows[0].number != HEADER_ROW:
        raise ImportRefused(["row 1: has no column names"])
    return Sheet(header=rows[0].cells, rows=tuple(rows[1:]))


def _rows(text: str, delimiter: str) -> Iterator[SheetRow]:
    # Strict: else one quote that is never closed would make a single cell of all the rest.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=HEADER_ROW):
            if any(cell.strip() for cell in cells):
                yield SheetRow(number=number, cells=tuple(cells))
    except csv.Error as error:
        raise ImportRefused([f"row {number + 1}: cannot be taken apart: {error}"]) from error
