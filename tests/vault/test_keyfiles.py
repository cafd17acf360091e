"""Key files: only a whole, private file of the right kind and generation is a key."""

import base64
import os
import stat
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from provserver.errors import KeyUnusable
from provserver.vault.keyfiles import KEY_BYTES, create_key, read_key, shred_key
from tests.vault.leaks import leaks

KIND = "provserver-kek"
KEY = bytes(range(32))


def line(text: str) -> bytes:
    """*text* with its right checksum, as a key file holds it."""
    return f"{text} {sha256(text.encode()).hexdigest()[:8]}\n".encode()


WHOLE = line(f"{KIND} v1 1 {base64.b64encode(KEY).decode()}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a test's key file goes."""
    return tmp_path / "kek-1.key"


def put(file: Path, content: bytes, mode: int = 0o400) -> None:
    file.unlink(missing_ok=True)
    file.write_bytes(content)
    file.chmod(mode)


def problem(file: Path, generation: int = 1) -> str:
    """What reading *file* is refused for. The refusal names the file, and no key shows anywhere in it."""
    with pytest.raises(KeyUnusable) as refusal:
        read_key(file, kind=KIND, generation=generation)
    assert refusal.value.path == file
    assert str(file) in str(refusal.value)
    assert leaks(refusal.value, KEY) == []
    assert leaks(refusal.value, base64.b64encode(KEY)) == []
    return refusal.value.problem


def test_a_key_file_is_one_private_line(file: Path) -> None:
    create_key(file, kind=KIND, generation=1)

    content = file.read_bytes()
    key = read_key(file, kind=KIND, generation=1)
    assert content == line(f"{KIND} v1 1 {base64.b64encode(key).decode()}")
    assert len(key) == KEY_BYTES == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    assert os.listdir(file.parent) == [file.name]  # noqa: PTH208 - the names are what is asked for


def test_the_format_is_read_as_it_was_written_years_ago(file: Path) -> None:
    put(file, b"provserver-kek v1 1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= a9a93094\n")

    assert read_key(file, kind=KIND, generation=1) == KEY


def test_two_keys_differ(tmp_path: Path) -> None:
    for name in "ab":
        create_key(tmp_path / name, kind=KIND, generation=1)

    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()


def test_a_key_that_is_there_is_never_replaced(file: Path) -> None:
    put(file, WHOLE)

    with pytest.raises(KeyUnusable, match="exists already"):
        create_key(file, kind=KIND, generation=1)

    assert file.read_bytes() == WHOLE
    assert list(file.parent.iterdir()) == [file]


def test_a_failed_write_leaves_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(KeyUnusable, match="cannot be written: No space left on device"):
        create_key(file, kind=KIND, generation=1)

    assert list(file.parent.iterdir()) == []


def test_the_key_and_its_name_are_on_the_disk_before_it_is_used(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that wrapped secrets and is lost with the power takes them with it."""
    synced: list[tuple[bool, bool]] = []
    sync = os.fsync

    def record(descriptor: int) -> None:
        synced.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), file.exists()))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", record)

    create_key(file, kind=KIND, generation=1)

    assert synced == [(False, False), (True, True)]  # the content before it has a name, then the name


def test_a_missing_file_is_named(file: Path) -> None:
    assert problem(file) == "is missing"


def test_every_cut_is_noticed(file: Path) -> None:
    for length in range(len(WHOLE)):
        put(file, WHOLE[:length])

        assert problem(file) == "is cut short"


def test_every_turned_bit_is_noticed(file: Path) -> None:
    number = int.from_bytes(WHOLE)
    for bit in range(8 * len(WHOLE)):
        put(file, (number ^ (1 << bit)).to_bytes(len(WHOLE)))

        assert problem(file)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (WHOLE[:-9] + b"00000000\n", "checksum"),
        (WHOLE[:-9] + WHOLE[-9:].upper(), "checksum"),
        (WHOLE + b"\n", "checksum"),
        (WHOLE + WHOLE, "checksum"),
        (WHOLE.replace(b"\n", b"\r\n"), "checksum"),
        (b"\xef\xbb\xbf" + WHOLE, "does not start"),
        (b" " + WHOLE, "does not start"),
        (KEY, "does not start"),
        (bytes(1 << 20), "does not start"),
        (b"\n", "does not start"),
        (line(f"{KIND} v2 1 {base64.b64encode(KEY).decode()}"), "does not start"),
        (line(f"provserver-token v1 1 {base64.b64encode(KEY).decode()}"), "does not start"),
        (line(f"{KIND} v1 2 {base64.b64encode(KEY).decode()}"), "another generation than 1"),
        (line(f"{KIND} v1 01 {base64.b64encode(KEY).decode()}"), "another generation than 1"),
        (line(f"{KIND} v1 {base64.b64encode(KEY).decode()}"), "another generation than 1"),
        (line(f"{KIND} v1 1 {base64.b64encode(KEY[:-1]).decode()}"), "does not hold 32 bytes"),
        (line(f"{KIND} v1 1 {base64.b64encode(KEY + KEY).decode()}"), "does not hold 32 bytes"),
        (line(f"{KIND} v1 1 {KEY.hex()}"), "does not hold 32 bytes"),
        (line(f"{KIND} v1 1 ä"), "does not hold 32 bytes"),
        (line(f"{KIND} v1 1 "), "does not hold 32 bytes"),
        (line(f"{KIND} v1 1"), "does not hold 32 bytes"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(file: Path, content: bytes, expected: str) -> None:
    put(file, content)

    assert expected in problem(file)


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o420, 0o402, 0o410, 0o600 | 0o040, 0o644, 0o666, 0o777])
def test_a_file_that_others_can_use_is_refused(file: Path, mode: int) -> None:
    put(file, WHOLE, mode)

    assert f"mode {mode:04o}" in problem(file)


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o700])
def test_a_file_that_only_its_owner_can_use_is_read(file: Path, mode: int) -> None:
    put(file, WHOLE, mode)

    assert read_key(file, kind=KIND, generation=1) == KEY


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["directory", "pipe"])
def test_what_is_no_file_is_refused_without_waiting(file: Path, make: Callable[[Path], None]) -> None:
    make(file)

    assert problem(file)


def test_a_link_to_a_key_is_read(file: Path, tmp_path: Path) -> None:
    """Secrets that an orchestrator mounts are links."""
    put(tmp_path / "mounted", WHOLE)
    file.symlink_to(tmp_path / "mounted")

    assert read_key(file, kind=KIND, generation=1) == KEY


def test_shredding_overwrites_the_bytes_before_it_removes_the_name(file: Path, tmp_path: Path) -> None:
    """A second name of the same file shows what became of its blocks."""
    put(file, WHOLE)
    second = tmp_path / "second name"
    second.hardlink_to(file)

    shred_key(file)

    remains = second.read_bytes()
    assert not file.exists()
    assert len(remains) == len(WHOLE)
    assert sum(old == new for old, new in zip(WHOLE, remains, strict=True)) < 10  # by chance; 0.3 are expected
    assert b"provserver" not in remains


def test_shredding_a_file_that_is_gone_is_fine(file: Path) -> None:
    shred_key(file)

    assert list(file.parent.iterdir()) == []
