"""`pnp`: a process that tells phones where their server is until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from typing import Any

import pytest

from tests.cli.terminal import Terminal
from tests.sip.questions import QUESTIONS, wire

LIMIT_S = 30.0  # for the start of the process; a failure takes that long


def next_event(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdout is not None
    event: dict[str, Any] = json.loads(process.stdout.readline())
    return event


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_tells_phones_until_it_is_stopped(bare: Terminal, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "provserver", "pnp", "--url", "https://prov.example.com"]
    options = ["--interface", "127.0.0.1", "--group", "127.0.0.1", "--port", "0"]
    with (
        subprocess.Popen(
            [*command, *options],
            cwd=bare.folder,
            env=os.environ | {"PROVSERVER_LOG__FORMAT": "json"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone,
    ):
        try:
            started = next_event(process)
            phone.bind(("127.0.0.1", 0))
            phone.settimeout(LIMIT_S)
            host, _, port = started["address"].rpartition(":")
            phone.sendto(wire(QUESTIONS["fanvil"], host=host, port=phone.getsockname()[1]), (host, int(port)))
            accepted, notified = phone.recv(4096), phone.recv(4096)
            answered = next_event(process)
            process.send_signal(number)
            rest, complaints = process.communicate(timeout=LIMIT_S)
        finally:
            process.kill()

    assert accepted.startswith(b"SIP/2.0 200 OK\r\n")
    assert notified.endswith(b"\r\n\r\nhttps://prov.example.com/$mac.cfg")
    assert answered["event"] == "pnp.answered"
    assert (answered["vendor"], answered["mac"], answered["model"]) == ("fanvil", "0c383eaabbcc", "X4U")
    assert json.loads(rest)["event"] == "pnp.stopped"
    assert (process.returncode, complaints) == (0, b"")
    assert not list(bare.folder.iterdir())


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--url", "https://prov.example.com/QUJDREVGR0hJSktMTU5PUFFS/"), "url: carries a token"),
        (("--url", "https://prov.example.com/QUJDREVGR0hJSktMTU5PUFFS/{mac}.cfg"), "url: carries a token"),
        (("--url", "https://prov.example.com/{model}"), "url: has characters"),
        (("--url", "sip:192.0.2.1"), "url: is not an http or https URL"),
        (("--url", "http://a/", "--interface", "eth0"), "interface: 'eth0' is not an IPv4 address"),
        (("--url", "http://a/", "--interface", "203.0.113.9"), "the network of 203.0.113.9 is not known here"),
        (("--url", "http://a/", "--interface", "203.0.113.9/24"), "cannot listen on 224.0.1.75 port 5060 of"),
        (("--url", "http://a/", "--group", "sip.mcast.net"), "group: 'sip.mcast.net' is not an IPv4 address"),
        (("--url", "http://a/", "--group", "0.0.0.0"), "group: '0.0.0.0' is no address that phones can ask"),
    ],
)
def test_what_may_not_be_told_is_refused_in_one_line(
    bare: Terminal, arguments: tuple[str, ...], complaint: str
) -> None:
    said = bare.run("pnp", *arguments)

    assert said.complaint.startswith(complaint)
