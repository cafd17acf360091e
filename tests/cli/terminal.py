"""The command line as a person meets it: arguments and standard input go in, two streams and an exit code come out."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from provserver.cli import main

MARK = "MARKED"  # is part of every secret that tests enter, so that it can be looked for in all that is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command printed
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line on stderr of a command that was refused."""
        assert self.code == 1, (self.code, self.out, self.err)
        (line,) = self.err.splitlines()
        return line


@dataclass(slots=True, kw_only=True)
class Terminal:
    """Runs commands in this process, with streams of its own; none of them is a terminal's."""

    patch: pytest.MonkeyPatch
    folder: Path
    said: list[Said] = field(default_factory=list)

    def run(self, *arguments: str, stdin: str | bytes = b"", may_reveal: bool = False) -> Said:
        """Run one command to its end. Unless it *may_reveal*, it must not have said a marked secret."""
        content = stdin.encode() if isinstance(stdin, str) else stdin
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        with self.patch.context() as streams:
            streams.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
            streams.setattr(sys, "stdout", out)
            streams.setattr(sys, "stderr", err)
            try:
                main(arguments)
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(end.code is not None)
        said = Said(code=code, out=_text(out), err=_text(err))
        assert may_reveal or MARK not in said.out + said.err, "a secret was said"
        assert "Traceback" not in said.err, said.err
        self.said.append(said)
        return said

    def do(self, *arguments: str, stdin: str | bytes = b"", may_reveal: bool = False) -> Said:
        """Run one command that must succeed, and complain of nothing."""
        said = self.run(*arguments, stdin=stdin, may_reveal=may_reveal)
        assert (said.code, said.err) == (0, ""), said
        return said

    def write(self, name: str, content: str | bytes) -> str:
        """Write a file into this test's own folder; gives its path."""
        file = self.folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(file)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()
