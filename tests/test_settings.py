"""Settings come from a file and the environment, and every mistake is one line that says where it is."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from provserver.errors import ConfigurationError
from provserver.settings import Settings, load


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os  # noqa: PLC0415 - only here is the environment touched

    for name in [name for name in os.environ if name.startswith("PROVSERVER_")]:
        monkeypatch.delenv(name)


def refused(file: Path | None) -> str:
    with pytest.raises(ConfigurationError) as refusal:
        load(file)
    text = str(refusal.value)
    assert "\n" not in text
    return text


def written(folder: Path, text: str) -> Path:
    file = folder / "provserver.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_the_contracts_listeners_are_the_default() -> None:
    settings = load(None)

    assert (settings.phone.host, settings.phone.port) == ("127.0.0.1", 8080)
    assert (settings.ops.host, settings.ops.port) == ("127.0.0.1", 9464)
    assert settings.retention.credential_days == 15
    assert settings.release.window_days == 7
    assert settings.release.settling_minutes == 15
    assert settings.data.key_directory == Path("data/keys")


def test_a_file_sets_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    settings = load(written(tmp_path, '[phone]\nport = 8443\nurl = "https://prov.example.net/"\n'))

    assert settings.phone.port == 8443
    assert settings.phone.url == "https://prov.example.net"
    assert settings.phone.host == "127.0.0.1"
    assert settings.model_copy(update={"phone": Settings().phone}) == Settings()


def test_keys_can_be_kept_elsewhere(tmp_path: Path) -> None:
    settings = load(written(tmp_path, '[data]\ndirectory = "/srv/data"\nkeys = "/srv/keys"\n'))

    assert settings.data.key_directory == Path("/srv/keys")


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVSERVER_PHONE__PORT", "9000")
    monkeypatch.setenv("PROVSERVER_RETENTION__CREDENTIAL_DAYS", "2.5")

    settings = load(written(tmp_path, '[phone]\nport = 8443\nhost = "::1"\n'))

    assert (settings.phone.port, settings.phone.host) == (9000, "::1")
    assert settings.retention.credential_days == 2.5


def test_networks_are_written_as_a_list_in_the_file(tmp_path: Path) -> None:
    settings = load(written(tmp_path, '[phone]\ntrusted_proxies = ["10.0.0.0/8", "fd00::/8"]\n'))

    assert settings.phone.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize("text", ["10.0.0.0/8, fd00::/8", "10.0.0.0/8 fd00::/8", "10.0.0.0/8,fd00::/8"])
def test_networks_are_words_in_the_environment(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PROVSERVER_PHONE__TRUSTED_PROXIES", text)

    assert load(None).phone.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def test_the_name_of_the_file_in_the_environment_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVSERVER_CONFIG", "config/demo.toml")

    assert load(None) == Settings()


def test_nothing_is_read_from_a_dotenv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PROVSERVER_PHONE__PORT=1\n")
    monkeypatch.chdir(tmp_path)

    assert load(None).phone.port == 8080


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[phone]\nport = 65536\n", "phone.port"),
        ('[phone]\nport = "http"\n', "phone.port"),
        ("[phone]\nprot = 80\n", "phone.prot"),
        ("[phones]\nport = 80\n", "phones"),
        ('[phone]\nurl = "prov.example.net"\n', "phone.url"),
        ('[phone]\ntrusted_proxies = ["10.0.0.0/33"]\n', "phone.trusted_proxies"),
        ("[phone]\ntrusted_proxies = 7\n", "phone.trusted_proxies"),
        ("[retention]\ncredential_days = 0\n", "retention.credential_days"),
        ("[release]\nwindow_days = 91\n", "release.window_days"),
        ("[cache]\nmemory_bytes = -1\n", "cache.memory_bytes"),
        ('[log]\nformat = "xml"\n', "log.format"),
        ("[phone]\nidle_s = 0\n", "phone.idle_s"),
    ],
)
def test_a_bad_value_is_one_line_with_file_and_field(tmp_path: Path, text: str, words: str) -> None:
    file = written(tmp_path, text)

    line = refused(file)

    assert str(file) in line
    assert words in line


def test_every_bad_field_is_named_at_once(tmp_path: Path) -> None:
    line = refused(written(tmp_path, "[phone]\nport = -1\n[ops]\nport = -1\n"))

    assert "phone.port" in line
    assert "ops.port" in line


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PROVSERVER_PHONE__PORT", "many", "phone.port"),
        ("PROVSERVER_PHONE__PROT", "80", "phone.prot"),
        ("PROVSERVER_PHONE", "not json", "phone"),
        ("PROVSERVER_PHONE__TRUSTED_PROXIES", "10.0.0.0/33", "phone.trusted_proxies"),
        ("PROVSERVER_LOG__LEVEL", "loud", "log.level"),
    ],
)
def test_a_bad_value_in_the_environment_is_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)

    assert words in refused(None)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    line = refused(tmp_path / "absent.toml")

    assert line.endswith("No such file or directory")
    assert "absent.toml" in line


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path).endswith("Is a directory")


@pytest.mark.parametrize("content", [b"[phone\n", b"port = 1\nport = 2\n", b"\xff\xfe[\x00p\x00", b'[phone]\nurl = "'])
def test_what_is_no_toml_is_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "broken.toml"
    file.write_bytes(content)

    assert refused(file).startswith(f"configuration {file}: ")


def test_settings_do_not_change(tmp_path: Path) -> None:
    settings = load(written(tmp_path, "[phone]\nport = 8443\n"))

    with pytest.raises(ValueError, match="frozen"):
        settings.phone.port = 1  # type: ignore[misc]


@pytest.mark.parametrize("algorithms", ["[]", '["MD5", "MD5"]', '["SHA-1"]', '["md5"]'])
def test_digest_algorithms_that_nobody_could_use_are_refused(tmp_path: Path, algorithms: str) -> None:
    file = tmp_path / "provserver.toml"
    file.write_text(f"[login]\nalgorithms = {algorithms}\n", encoding="utf-8")

    with pytest.raises(ConfigurationError, match="algorithms"):
        load(file)


@pytest.mark.parametrize("realm", ["", 'a"b', "a\\nb", "\u00e4", "x" * 65])
def test_a_realm_that_would_not_fit_into_a_header_is_refused(tmp_path: Path, realm: str) -> None:
    file = tmp_path / "provserver.toml"
    file.write_text(f"[login]\nrealm = '{realm}'\n", encoding="utf-8")

    with pytest.raises(ConfigurationError, match="realm"):
        load(file)


@pytest.mark.parametrize("network", ["0.0.0.0/0", "10.0.0.0/7", "::/0", "2001::/16"])
def test_a_network_that_nobody_can_lock_is_refused_for_tftp(tmp_path: Path, network: str) -> None:
    file = tmp_path / "provserver.toml"
    file.write_text(f'[tftp]\nnetworks = ["192.0.2.0/24", "{network}"]\n')

    with pytest.raises(ConfigurationError, match=f"tftp.networks: Value error, {network} is too wide to be locked"):
        load(file)
