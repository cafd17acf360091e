"""
A boot storm over TLS: phones that all come at once, each with a handshake, one request, and a farewell.

The yardstick is nginx with one worker, the same certificate, protocols and ciphers, and a static file of the size of
the answers. The client is `openssl s_time`, some at a time: it costs much less than what it measures. Both servers are
measured one right after the other, in each round.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Target, provserver
from provserver.http.tls import CURVE, MODERN_CIPHERS

_CLIENTS = 16  # handshakes at a time
_SECONDS = 3  # of one measurement; s_time takes whole ones
_ROUNDS = 5
_KEYS = {"ECDSA": ("ec", "-pkeyopt", f"ec_paramgen_curve:{CURVE}"), "RSA": ("rsa:2048",)}
_COUNTED = re.compile(rb"(\d+) connections in (\d+) real seconds, (\d+) bytes read per connection")
_START_S = 10.0  # until nginx listens
_NGINX = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  default_type text/plain;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate {certificate};
    ssl_certificate_key {certificate};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers {ciphers};
    ssl_ecdh_curve {curve};
    ssl_session_cache none;
    ssl_session_tickets on;
    location / {{ root {folder}/files; try_files /file =404; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """
    How many handshakes a second, as a part of nginx's; *rate* is our own.

    *work* is the same for handshakes per second of the server's own processor time: on a machine whose cores are busy
    with clients, it says more.
    """

    what: str
    ratio: float
    rate: float
    work: float


def missing() -> list[str]:
    """The programs that the measurement needs and this machine does not have."""
    return [program for program in ("nginx", "openssl") if _program(program) is None]


def measure(directory: Path, path: str) -> Iterator[Storm]:
    """Measure the server on *directory*, whose phones ask for *path*: for each kind of key, and with resumption."""
    for kind in _KEYS:
        folder = directory / f"storm-{kind}"
        folder.mkdir()
        certificate = _certificate(folder, kind)
        with provserver(directory, certificate=certificate) as server:
            size = _burst(server, path, seconds=1).mean_bytes
            with _nginx(folder, certificate, size) as yardstick:
                yield _compare(f"full handshakes, {kind}", server, yardstick, path)
                if kind == "ECDSA":
                    yield _compare("resumed handshakes", server, yardstick, path, "-reuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Burst:
    rate: float
    mean_bytes: int
    work: float  # connections per second of processor time


def _compare(what: str, server: Target, yardstick: Target, path: str, kind: str = "-new") -> Storm:
    pairs = [(_burst(server, path, kind=kind), _burst(yardstick, path, kind=kind)) for _ in range(_ROUNDS)]
    return Storm(
        what=what,
        ratio=statistics.median(own.rate / other.rate for own, other in pairs),
        rate=statistics.median(own.rate for own, _ in pairs),
        work=statistics.median(own.work / other.work for own, other in pairs),
    )


def _burst(target: Target, path: str, *, kind: str = "-new", seconds: int = _SECONDS) -> _Burst:
    """All clients at once; what they have counted together. TLS 1.2: what most phones speak, and s_time can resume."""
    command = [_found("openssl"), "s_time", "-connect", f"127.0.0.1:{target.port}", "-www", path, kind, "-tls1_2"]
    worked_s = target.processor_s
    clients = [
        subprocess.Popen([*command, "-time", str(seconds)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(_CLIENTS)
    ]
    counted = [_COUNTED.search(client.communicate(timeout=seconds + 60)[0]) for client in clients]
    worked_s = target.processor_s - worked_s
    if not all(counted):
        raise RuntimeError("a client of the storm was not served")
    numbers = [[int(number) for number in match.groups()] for match in counted if match]
    return _Burst(
        rate=sum(n / s for n, s, _ in numbers),
        mean_bytes=max(size for _, _, size in numbers),
        work=sum(n for n, _, _ in numbers) / worked_s,
    )


def _certificate(folder: Path, kind: str) -> Path:
    """A certificate and its key in one file, as both servers take them."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = (_found("openssl"), "req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=phones.example.com")
    subprocess.run(
        [*command, "-newkey", *_KEYS[kind], "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    both = folder / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    return both


@contextmanager
def _nginx(folder: Path, certificate: Path, size_bytes: int) -> Iterator[Target]:
    """The yardstick: a file of such a size that whole answers have *size_bytes*."""
    (folder / "files").mkdir()
    (folder / "files" / "file").write_bytes(b"x" * max(1, size_bytes - 240))  # the head that nginx writes
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "nginx.conf"
    config.write_text(
        _NGINX.format(folder=folder, port=port, certificate=certificate, ciphers=":".join(MODERN_CIPHERS), curve=CURVE)
    )
    process = subprocess.Popen([_found("nginx"), "-c", str(config), "-e", str(folder / "nginx.log")])
    try:
        _await(port)
        yield Target(name="nginx", port=port, pid=process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _await(port: int) -> None:
    until = time.monotonic() + _START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))


def _found(name: str) -> str:
    program = _program(name)
    if program is None:
        raise RuntimeError(f"no {name} on this machine")
    return program
