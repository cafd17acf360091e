"""The key ring: generations come, wrap, and go for good; and no file is taken for a key that it is not."""

import base64
import os
import pickle
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from provserver.errors import Conflict, KeyUnusable
from provserver.vault.keyring import KeyRing
from tests.vault.leaks import leaks


def key_text(directory: Path, generation: int) -> bytes:
    """The base64 of a key as its file holds it."""
    return (directory / f"kek-{generation}.key").read_bytes().split()[3]


def names(directory: Path) -> list[str]:
    """What is in *directory*, hidden files too."""
    return sorted(path.name for path in directory.iterdir())


def swap(directory: Path, one: str, other: str) -> None:
    aside = directory / "aside"
    (directory / one).rename(aside)
    (directory / other).rename(directory / one)
    aside.rename(directory / other)


def test_a_new_ring_has_one_generation_and_a_private_directory(ring: KeyRing, keys: Path) -> None:
    assert (ring.current, ring.generations) == (1, (1,))
    assert [path.name for path in keys.iterdir()] == ["kek-1.key"]
    assert keys.stat().st_mode & 0o777 == 0o700


def test_a_ring_is_not_created_over_another(ring: KeyRing, keys: Path) -> None:
    ring.add_generation()
    (keys / "kek-1.key").unlink()
    before = (keys / "kek-2.key").read_bytes()

    with pytest.raises(KeyUnusable, match=r"kek-2\.key: exists already"):
        KeyRing.create(keys)

    assert (keys / "kek-2.key").read_bytes() == before
    assert len(list(keys.iterdir())) == 1


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(KeyUnusable, match="file/keys: cannot be created"):
        KeyRing.create(tmp_path / "file" / "keys")


def test_an_empty_directory_misses_its_first_key(keys: Path) -> None:
    keys.mkdir()

    with pytest.raises(KeyUnusable, match="is missing") as refusal:
        KeyRing.load(keys)

    assert refusal.value.path == keys / "kek-1.key"


def test_a_missing_directory_is_named(keys: Path) -> None:
    with pytest.raises(KeyUnusable) as refusal:
        KeyRing.load(keys)

    assert refusal.value.path == keys


def test_generations_survive_a_restart(ring: KeyRing, keys: Path) -> None:
    generations = [ring.current, ring.add_generation(), ring.add_generation()]
    restarted = KeyRing.load(keys)

    assert generations == [1, 2, 3]
    assert (restarted.current, restarted.generations) == (3, (1, 2, 3))
    for generation in generations:
        wrapped = ring.cipher(generation).encrypt(bytes(12), b"x" * 32, b"")
        assert restarted.cipher(generation).decrypt(bytes(12), wrapped, b"") == b"x" * 32


def test_generation_ten_is_newer_than_nine(ring: KeyRing, keys: Path) -> None:
    for _ in range(9):
        ring.add_generation()

    assert KeyRing.load(keys).current == 10


def test_a_cipher_is_made_once(ring: KeyRing) -> None:
    first = ring.cipher(1)
    ring.add_generation()

    assert ring.cipher(1) is first


def test_a_rotation_by_another_process_is_learnt_when_its_generation_is_met(ring: KeyRing, keys: Path) -> None:
    other = KeyRing.load(keys)
    wrapped = other.cipher(other.add_generation()).encrypt(bytes(12), b"x" * 32, b"")

    assert ring.cipher(2).decrypt(bytes(12), wrapped, b"") == b"x" * 32
    assert ring.current == 2


def test_two_processes_do_not_give_one_generation_two_keys(ring: KeyRing, keys: Path) -> None:
    other = KeyRing.load(keys)

    assert ring.add_generation() == 2
    assert other.add_generation() == 3
    assert ring.add_generation() == 4


def test_racing_rotations_never_share_a_number(ring: KeyRing, keys: Path) -> None:
    made: list[int] = []
    lost: list[KeyUnusable] = []
    start = threading.Barrier(8)

    def rotate() -> None:
        mine = KeyRing.load(keys)
        start.wait()
        try:
            made.append(mine.add_generation())
        except KeyUnusable as error:
            lost.append(error)

    threads = [threading.Thread(target=rotate) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ring.refresh()
    assert len(made) == len(set(made)) >= 1
    assert len(made) + len(lost) == 8
    assert all(error.problem == "exists already" for error in lost)
    assert ring.generations == (1, *sorted(made))


def test_an_unknown_generation_is_named_by_its_file(ring: KeyRing, keys: Path) -> None:
    for generation in (-1, 0, 7):
        with pytest.raises(KeyUnusable, match="is missing") as refusal:
            ring.cipher(generation)
        assert refusal.value.path == keys / f"kek-{generation}.key"
        with pytest.raises(KeyUnusable):
            ring.check_value(generation)


def test_every_key_of_the_directory_must_be_good(ring: KeyRing, keys: Path) -> None:
    ring.add_generation()
    ring.add_generation()
    (keys / "kek-2.key").chmod(0o644)

    with pytest.raises(KeyUnusable, match=r"kek-2\.key: mode 0644"):
        KeyRing.load(keys)


def test_swapped_file_names_are_noticed(ring: KeyRing, keys: Path) -> None:
    ring.add_generation()
    swap(keys, "kek-1.key", "kek-2.key")

    with pytest.raises(KeyUnusable, match=r"kek-1\.key: holds another generation than 1"):
        KeyRing.load(keys)


@pytest.mark.parametrize(
    "name",
    ["kek-01.key", "kek-0.key", "kek-.key", "kek-x.key", "kek-1.key.bak", "kek-1.key~", "kek-1", "kek-1 (2).key"],
)
def test_a_stray_copy_of_a_key_is_refused(ring: KeyRing, keys: Path, name: str) -> None:
    """It would outlive the destruction of the key that it is a copy of."""
    assert ring.current == 1
    shutil.copy2(keys / "kek-1.key", keys / name)

    with pytest.raises(KeyUnusable) as refusal:
        KeyRing.load(keys)

    assert refusal.value.path == keys / name
    assert (keys / name).exists()


def test_files_of_others_are_left_alone(ring: KeyRing, keys: Path) -> None:
    (keys / "token.key").write_text("not mine")
    (keys / "README").touch()

    ring.add_generation()
    ring.destroy(1)

    assert sorted(path.name for path in keys.iterdir()) == ["README", "kek-2.key", "token.key"]
    assert (keys / "token.key").read_text() == "not mine"


def test_the_right_key_passes_its_check_value(ring: KeyRing, keys: Path) -> None:
    ring.add_generation()
    restarted = KeyRing.load(keys)

    for generation in (1, 2):
        restarted.verify(generation, ring.check_value(generation))
    assert len(ring.check_value(1)) == 32
    assert ring.check_value(1) != ring.check_value(2)


def test_another_key_in_a_perfect_file_is_refused(ring: KeyRing, keys: Path, tmp_path: Path) -> None:
    """A file from another installation has the right format, name and generation, and opens nothing."""
    check_value = ring.check_value(1)
    KeyRing.create(tmp_path / "other")
    shutil.copy2(tmp_path / "other" / "kek-1.key", keys / "kek-1.key.new")
    (keys / "kek-1.key.new").rename(keys / "kek-1.key")

    restarted = KeyRing.load(keys)
    with pytest.raises(KeyUnusable, match="is another key than the one used before") as refusal:
        restarted.verify(1, check_value)

    assert refusal.value.path == keys / "kek-1.key"
    assert leaks(refusal.value, base64.b64decode(key_text(keys, 1))) == []
    for wrong in (b"", check_value[:-1], bytes(32)):
        with pytest.raises(KeyUnusable):
            ring.verify(1, wrong)


def test_the_check_value_of_a_key_never_changes_its_meaning(keys: Path) -> None:
    """It is stored; another way to make it would refuse every right key after an upgrade."""
    keys.mkdir()
    (keys / "kek-1.key").write_bytes(b"provserver-kek v1 1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= a9a93094\n")
    (keys / "kek-1.key").chmod(0o400)

    assert KeyRing.load(keys).check_value(1).hex() == "d23db712cf0e5fe769e22c1ff567be4f069f1fa8eea12261fe998d21c8bb4bb0"


def test_a_destroyed_generation_is_gone_from_memory_and_disk(ring: KeyRing, keys: Path, tmp_path: Path) -> None:
    ring.add_generation()
    text = key_text(keys, 1)
    second_name = tmp_path / "second name"
    second_name.hardlink_to(keys / "kek-1.key")

    ring.destroy(1)

    assert ring.generations == (2,)
    assert [path.name for path in keys.iterdir()] == ["kek-2.key"]
    assert text not in second_name.read_bytes()
    with pytest.raises(KeyUnusable):
        ring.cipher(1)


def test_each_step_of_a_destruction_is_on_the_disk_before_the_next(
    ring: KeyRing, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The noise must reach the disk while the file has a name: blocks of a removed file need not be written at all."""
    ring.add_generation()
    text = key_text(keys, 1)
    steps: list[tuple[bool, list[str], bool]] = []
    sync = os.fsync

    def record(descriptor: int) -> None:
        left = b"".join(path.read_bytes() for path in keys.iterdir())
        steps.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), names(keys), text in left))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", record)

    ring.destroy(1)

    assert steps == [
        (True, ["kek-1.key.doomed", "kek-2.key"], True),
        (False, ["kek-1.key.doomed", "kek-2.key"], False),
        (True, ["kek-2.key"], False),
    ]


def test_destroying_twice_is_fine(ring: KeyRing, keys: Path) -> None:
    ring.add_generation()
    ring.destroy(1)
    ring.destroy(1)
    KeyRing.load(keys).destroy(1)

    assert ring.generations == (2,)


def test_the_current_generation_and_those_to_come_are_not_destroyed(ring: KeyRing, keys: Path) -> None:
    ring.add_generation()

    for generation in (2, 3):
        with pytest.raises(Conflict, match=f"generation {generation} is not retired"):
            ring.destroy(generation)

    assert ring.generations == KeyRing.load(keys).generations == (1, 2)


def test_a_process_that_is_behind_does_not_destroy_what_is_current_elsewhere(ring: KeyRing, keys: Path) -> None:
    behind = KeyRing.load(keys)
    ring.add_generation()

    behind.destroy(1)

    assert behind.current == 2
    with pytest.raises(Conflict):
        behind.destroy(2)


def test_what_another_process_destroyed_is_forgotten_on_refresh(ring: KeyRing, keys: Path) -> None:
    other = KeyRing.load(keys)
    other.add_generation()
    other.destroy(1)

    ring.refresh()

    assert ring.generations == (2,)
    with pytest.raises(KeyUnusable):
        ring.cipher(1)


def test_a_lost_directory_is_an_error_and_no_rotation(ring: KeyRing, keys: Path) -> None:
    """An unmounted key directory must not make a running server drop what it holds, or start over at 1."""
    ring.add_generation()
    away = keys.with_name("away")
    keys.rename(away)
    keys.mkdir()
    shutil.copy2(away / "kek-1.key", keys)

    for act in (ring.refresh, ring.add_generation):
        with pytest.raises(KeyUnusable, match=r"kek-2\.key: is missing"):
            act()

    assert ring.generations == (1, 2)
    assert ring.cipher(2) is not None


def test_keys_show_nowhere(ring: KeyRing, keys: Path) -> None:
    ring.add_generation()
    key = base64.b64decode(key_text(keys, 1))
    held = f"{ring!r} {ring} {vars(ring)} {list(ring._keys.values())}".encode()

    assert repr(ring) == f"<KeyRing {str(keys)!r} generations 1, 2>"
    for text in (key, key.hex().encode(), key_text(keys, 1), repr(key)[2:-1].encode()):
        assert text not in held
    with pytest.raises(TypeError):
        pickle.dumps(ring)


def deaths(tmp_path: Path, action: str) -> list[Path]:
    """The directories that every death during *action* left; the last one is of a run that was let live."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.vault.killed", tmp_path, action],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [tmp_path / str(step) for step in range(1, int(run.stdout) + 1)]


def test_a_kill_at_any_step_of_destruction_loses_no_other_key_and_spares_no_doomed_one(tmp_path: Path) -> None:
    """The next start works, and the key is either untouched or gone together with every byte of it."""
    untouched = 0
    *cut_off, lived = deaths(tmp_path, "destroy")

    for directory in cut_off:
        before = Path(f"{directory}.before")
        ring = KeyRing.load(directory)

        left = b"".join(path.read_bytes() for path in directory.iterdir())
        assert key_text(before, 2) in left
        assert (key_text(before, 1) in left) == (1 in ring.generations)
        untouched += 1 in ring.generations
        ring.verify(2, KeyRing.load(before).check_value(2))
        ring.destroy(1)
        assert [path.name for path in directory.iterdir()] == ["kek-2.key"]

    assert len(cut_off) >= 5
    assert 1 <= untouched < len(cut_off)
    assert [path.name for path in lived.iterdir()] == ["kek-2.key"]


def test_a_kill_at_any_step_of_a_rotation_leaves_a_ring_that_rotates(tmp_path: Path) -> None:
    *cut_off, lived = deaths(tmp_path, "add")

    for directory in cut_off:
        before = KeyRing.load(Path(f"{directory}.before"))
        ring = KeyRing.load(directory)

        assert ring.generations in {(1, 2), (1, 2, 3)}
        for generation in (1, 2):
            ring.verify(generation, before.check_value(generation))
        assert ring.add_generation() == len(ring.generations)
        # A draft may lie around, as another name of a key or of one that never was. Destroying the key empties both.
        texts = [key_text(directory, generation) for generation in ring.generations[:-1]]
        for generation in ring.generations[:-1]:
            ring.destroy(generation)
        left = b"".join(path.read_bytes() for path in directory.iterdir())
        assert not any(text in left for text in texts)

    assert any(name.startswith(".") for directory in cut_off for name in names(directory))
    assert len(cut_off) >= 4
    assert KeyRing.load(lived).generations == (1, 2, 3)
