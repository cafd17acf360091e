"""What spreadsheet programs write is read as they show it; what is no table is refused in one line."""

import pytest

from provserver.errors import ImportRefused
from provserver.services.sheets import read_sheet

PLAIN = "name,town\r\nMüller,Köln\r\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("cp1252"),
        PLAIN.encode("utf-16"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode("utf-16"),
        PLAIN.replace("\r\n", "\n").encode(),
        PLAIN.replace("\r\n", "\r").encode(),
        PLAIN.rstrip().encode(),
        b'"name","town"\r\n' + '"Müller","Köln"\r\n'.encode(),
        b"sep=;\r\n" + PLAIN.replace(",", ";").encode(),
    ],
    ids=["utf8", "bom", "cp1252", "utf16", "semicolons", "tabs", "lf", "cr", "no last line end", "quoted", "sep"],
)
def test_every_way_in_which_excel_writes_it_says_the_same(content: bytes) -> None:
    sheet = read_sheet(content)

    assert sheet.header == ("name", "town")
    assert [(row.number, row.cells) for row in sheet.rows] == [(2, ("Müller", "Köln"))]


def test_rows_have_the_numbers_that_the_spreadsheet_shows() -> None:
    """Empty rows and rows whose cells hold line breaks count as one each."""
    sheet = read_sheet(b'a,b\n1,2\n\n,\n"two\nlines",4\n5,6\n')

    assert [row.number for row in sheet.rows] == [2, 5, 6]


def test_quoted_cells_may_hold_separators_and_quotes() -> None:
    sheet = read_sheet(b'a;b\n"x;y";"say ""hi"""\n')

    assert sheet.rows[0].cells == ("x;y", 'say "hi"')


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "row 1: has no column names"),
        (b"\r\n\r\n", "row 1: has no column names"),
        (b"\nmac,user_name\n", "row 1: has no column names"),
        (b"PK\x03\x04 and so on", "row 1: is a workbook, not CSV"),
        (b"\xd0\xcf\x11\xe0 and so on", "row 1: is a workbook, not CSV"),
        (b"a,b\n1,2\x00\n", "row 1: is not text in UTF-8, UTF-16 or Windows-1252"),
        ("a,b\n".encode("utf-16-le"), "row 1: is not text in UTF-8, UTF-16 or Windows-1252"),
        (b"a,b\n\x81\x8d,2\n", "row 1: is not text in UTF-8, UTF-16 or Windows-1252"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        read_sheet(content)

    assert refused.value.problems == (problem,)


def test_a_quote_that_is_never_closed_is_found_where_it_opens() -> None:
    """It would make one cell of all the rest, passwords of other devices included."""
    with pytest.raises(ImportRefused) as refused:
        read_sheet(b'a,b\n1,2\n"3,s3cret\n5,6\n')

    (problem,) = refused.value.problems
    assert problem.startswith("row 3: cannot be taken apart")
    assert "s3cret" not in problem
