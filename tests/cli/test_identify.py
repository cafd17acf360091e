"""`identify`: one object a request, the same for a file of requests, and all that without a data directory."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.cli.terminal import Terminal

AGENT = "Yealink SIP-T54W 96.86.0.70 80:5e:c0:aa:bb:cc"
YEALINK = {
    "vendor": "yealink",
    "model": "T54W",
    "firmware": "96.86.0.70",
    "mac": "805ec0aabbcc",
    "serial": None,
    "file": "805ec0aabbcc.cfg",
}
SNOM = {**dict.fromkeys(YEALINK), "vendor": "snom", "mac": "000413aabbcc"}
NOBODY = {"vendor": None}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--path", "/805ec0aabbcc.cfg", "--user-agent", AGENT), YEALINK),
        (("--path", "/QUJDREVGR0hJSktMTU5PUFFS/805ec0aabbcc.cfg", "--user-agent", AGENT), YEALINK),
        (("--path", "805ec0aabbcc.cfg", "--user-agent", AGENT, "--method", "head"), YEALINK),
        (("--path", "/805ec0aabbcc.cfg"), {**YEALINK, "model": None, "firmware": None}),
        (("--user-agent", AGENT), {**YEALINK, "file": None}),
        (
            ("--path", "/QUJDREVGR0hJSktMTU5PUFFS/?mac=000413aabbcc"),
            {**SNOM, "file": "?mac=000413aabbcc"},
        ),
    ],
)
def test_a_request_is_one_object(bare: Terminal, arguments: tuple[str, ...], expected: dict[str, str | None]) -> None:
    said = bare.do("identify", *arguments, "--json")

    assert len(said.out.splitlines()) == 1
    assert said.json == expected


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/../etc/passwd", "/%00.cfg", "/" + "a" * 600, ""])
def test_an_unknown_request_is_an_object_without_a_vendor(bare: Terminal, path: str) -> None:
    said = bare.run("identify", "--path", path, "--json")

    assert said.json == NOBODY
    assert said.complaint.startswith("no maker's phones ask so")


def test_for_people_it_prints_names_and_values(bare: Terminal) -> None:
    said = bare.do("identify", "--user-agent", AGENT)

    assert "vendor    yealink" in said.out


@pytest.mark.parametrize("arguments", [(), ("--batch", "-", "--path", "/x"), ("--method", "GET"), ("--colour", "red")])
def test_wrong_usage_is_2(bare: Terminal, arguments: tuple[str, ...]) -> None:
    said = bare.run("identify", *arguments)

    assert said.code == 2
    assert said.out == ""
    assert "Usage:" in said.err


def test_a_batch_is_answered_line_by_line(bare: Terminal) -> None:
    lines = [
        {"path": "/805ec0aabbcc.cfg", "user_agent": AGENT},
        {"path": "/favicon.ico"},
        {"user_agent": AGENT, "path": None},
        {"path": "/805ec0aabbcc.cfg", "user_agent": AGENT, "method": "PUT", "more": 1},
    ]

    said = bare.do("identify", "--batch", "-", stdin="\n".join(map(json.dumps, lines)))

    assert [json.loads(line) for line in said.out.splitlines()] == [YEALINK, NOBODY, {**YEALINK, "file": None}, YEALINK]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"not json", "is not JSON"),
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'["/x"]', "is not an object"),
        (b'{"path": 7}', "path is not a text"),
        (b'{"user_agent": []}', "user_agent is not a text"),
        (b"{}", "has neither path nor user_agent"),
    ],
)
def test_a_malformed_line_is_answered_and_fails_the_batch_at_its_end(bare: Terminal, line: bytes, problem: str) -> None:
    good = json.dumps({"path": "/805ec0aabbcc.cfg", "user_agent": AGENT}).encode()

    said = bare.run("identify", "--batch", bare.write("batch", b"\n".join((good, line, good))))

    assert [json.loads(answer) for answer in said.out.splitlines()] == [YEALINK, NOBODY, YEALINK]
    assert said.complaint == f"line 2: {problem}"


def test_a_batch_that_cannot_be_read_is_one_line(bare: Terminal) -> None:
    assert bare.run("identify", "--batch", "nowhere").complaint == (
        "batch: cannot read nowhere: No such file or directory"
    )


def test_it_needs_no_settings_and_loads_nothing_of_the_server(bare: Terminal) -> None:
    """It is called once a request by others' scripts: what it does not need would be most of its time."""
    program = (
        "import sys, contextlib\n"
        "from provserver.cli import main\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main(['identify', '--path', '/805ec0aabbcc.cfg', '--config', 'nowhere'])\n"
        "print([name for name in ('sqlalchemy', 'aiosqlite', 'aiohttp', 'cryptography', 'jinja2', 'structlog', 'rich',"
        " 'provserver.settings', 'provserver.app', 'provserver.storage') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=bare.folder)

    assert "yealink" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
    assert list(bare.folder.iterdir()) == []
