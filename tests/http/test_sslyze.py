"""
Both TLS listeners as somebody else's scanner sees them: sslyze, which has its own OpenSSL, old versions included.

What it finds beside Mozilla's "intermediate" stands here with its reason, and what it agrees on stands in `suites`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provserver.settings import LegacySettings
from tests.http.door import open_door
from tests.http.tls import NAME, make, settings_of
from tests.http.wire import LIMIT_S

SSLYZE = Path(__file__).parents[2] / ".venv" / "sslyze" / "bin" / "sslyze"
SUITES = Path(__file__).parent / "suites"
pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(not SSLYZE.exists(), reason="not installed: sslyze (make environment-sslyze)"),
]
# How a version is called: by sslyze in its list of scans, in `suites`.
VERSIONS = {"ssl_2_0": "SSLv2", "ssl_3_0": "SSLv3", "tls_1_0": "TLSv1", "tls_1_1": "TLSv1_1", "tls_1_2": "TLSv1_2"}
VERSIONS |= {"tls_1_3": "TLSv1_3"}
OF_THIS_TEST = {
    "certificate_path_validation",  # an authority of a test run is in nobody's store
    "maximum_certificate_lifespan",  # a certificate of a test run is valid whenever the test runs
}
WEAK = {
    "tls_versions",  # TLS 1.0 and 1.1 are what this listener is for
    "ciphers",  # CBC with SHA-1, and RSA key exchange: the best that those versions have
}
_FINDING = re.compile(r"^ +\* (\w+): ", re.MULTILINE)
_SOUND = {
    "heartbleed": {"is_vulnerable_to_heartbleed": False},
    "openssl_ccs_injection": {"is_vulnerable_to_ccs_injection": False},
    "tls_compression": {"supports_compression": False},
    "tls_fallback_scsv": {"supports_fallback_scsv": True},
    "tls_extended_master_secret": {"supports_ems_extension": True},
    "session_renegotiation": {
        "supports_secure_renegotiation": True,
        "is_vulnerable_to_client_renegotiation_dos": False,
        "client_renegotiations_success_count": 0,
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What sslyze says of one listener: where it differs from "intermediate", and the result of each scan."""

    findings: set[str]
    results: Mapping[str, Any]

    def agreed(self) -> Iterator[str]:
        """Each version and cipher that was agreed on, and each curve, as in `suites`."""
        for scan, version in VERSIONS.items():
            for accepted in self.results[f"{scan}_cipher_suites"]["accepted_cipher_suites"]:
                yield f"{version} {accepted['cipher_suite']['openssl_name']}"
        for curve in self.results["elliptic_curves"]["supported_curves"]:
            yield f"curve {curve['name'].replace('secp256r1', 'prime256v1')}"


async def scan(data: Path, folder: Path, listener: str) -> Scan:
    """Let sslyze look at *listener* of a server that has both kinds of certificates."""
    pairs = make(folder, NAME, kind="ec"), make(folder, NAME, kind="rsa")
    legacy = LegacySettings(enabled=True, port=0, makers=("yealink",), until=dt.date(2099, 1, 1))
    said = folder / "said.json"
    async with open_door(data, tls=settings_of(*pairs), legacy=legacy) as door:
        host, port = door.addresses[listener]
        process = await asyncio.create_subprocess_exec(
            SSLYZE, "--json_out", said, "--mozilla_config", "intermediate", f"{host}:{port}",
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(LIMIT_S * 6):
            words, _ = await process.communicate()
    (result,) = json.loads(said.read_text(encoding="utf-8"))["server_scan_results"]
    results = {name: found["result"] for name, found in result["scan_result"].items() if found["status"] == "COMPLETED"}
    return Scan(findings=set(_FINDING.findall(words.decode().partition("COMPLIANCE")[2])), results=results)


def documented(listener: str) -> set[str]:
    """The lines of `suites`; sslyze says of curves only which there are."""
    lines = (SUITES / f"{listener}.txt").read_text(encoding="utf-8").splitlines()
    return {re.sub(r"^\S+ curve", "curve", line) for line in lines if not line.startswith("#")}


@pytest.mark.parametrize(
    ("entrance", "listener", "allowed"),
    [("tls", "modern", set()), ("legacy", "legacy", WEAK)],
    ids=["modern", "legacy"],
)
async def test_a_scanner_finds_what_is_documented_and_nothing_else(
    data: Path, tmp_path: Path, entrance: str, listener: str, allowed: set[str]
) -> None:
    found = await scan(data, tmp_path, entrance)

    assert found.findings == OF_THIS_TEST | allowed
    assert set(found.agreed()) == documented(listener)
    assert {name: found.results[name] for name in _SOUND} == _SOUND
    assert found.results["robot"]["robot_result"].startswith("NOT_VULNERABLE")
