"""The stock ``openssl`` program, by which everybody else reads such files."""

from __future__ import annotations

import shutil
import subprocess

import pytest

PROGRAM = shutil.which("openssl")
NEEDS_OPENSSL = [pytest.mark.peer, pytest.mark.skipif(PROGRAM is None, reason="openssl is not installed")]


def openssl(*arguments: str, content: bytes = b"") -> bytes:
    """Run ``openssl`` with *content* on its standard input and give what it writes."""
    assert PROGRAM is not None
    done = subprocess.run([PROGRAM, *arguments], input=content, capture_output=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def decrypted(content: bytes, passphrase: str, *options: str) -> bytes:
    """What ``openssl enc`` reads in a file that was encrypted as the phones' makers tell people to do it."""
    return openssl("enc", "-d", "-aes-256-cbc", "-md", "md5", "-pass", f"pass:{passphrase}", *options, content=content)
