"""What is said of the settings outside the code is what the code says, and both example files can be used."""

import datetime as dt
import re
import tomllib
from pathlib import Path

import pytest

from provserver.settings import Settings, load
from tools import settings_reference as reference

DEMO = reference.ROOT / "config" / "demo.toml"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os  # noqa: PLC0415 - only to read the names

    for name in [name for name in os.environ if name.startswith("PROVSERVER_")]:
        monkeypatch.delenv(name)


def test_the_page_and_the_example_are_as_they_would_be_made_now() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page()
    assert reference.EXAMPLE.read_text(encoding="utf-8") == reference.example()


def test_the_page_has_a_row_for_every_setting_with_its_meaning() -> None:
    page = reference.page()

    for section, model in reference.sections():
        for name, field in model.model_fields.items():
            assert field.description, f"{section}.{name} says nothing of itself"
            assert f"| `{name}` |" in page.partition(f"## [{section}]")[2].partition("\n## ")[0]


def test_the_example_as_it_is_changes_nothing() -> None:
    assert load(reference.EXAMPLE) == Settings()


def test_the_example_without_its_marks_has_every_setting_at_its_default(tmp_path: Path) -> None:
    file = tmp_path / "all.toml"
    file.write_text(re.sub(r"^# (?=\w+ = )", "", reference.example(), flags=re.MULTILINE), encoding="utf-8")

    named = {(section, name) for section, values in tomllib.loads(file.read_text()).items() for name in values}
    loaded = load(file)

    assert named == {(row.section, row.name) for row in reference.rows()}
    assert loaded.data.keys == Path("/etc/provserver/keys")
    assert loaded.tls.maker_authorities == Path("/etc/provserver/makers")
    assert loaded.legacy.until == dt.date(2027, 12, 31)
    assert loaded.monitor.detectors == Path("/etc/provserver/detectors.toml")
    assert loaded.vendors.folder == Path("/etc/provserver/vendors")
    assert loaded.redirect.url == "https://prov.example.net"
    assert loaded.redirect.authorities == Path("/etc/provserver/outside.pem")
    assert loaded.alerts.webhook_secret == Path("/etc/provserver/webhook.secret")
    assert loaded.outbound.authorities == Path("/etc/provserver/outside.pem")
    assert loaded.mail.password == Path("/etc/provserver/mail.password")
    assert loaded.crowdsec.password == Path("/etc/provserver/crowdsec.password")
    assert loaded.whereabouts.asn == Path("/var/lib/networks/asn.mmdb")
    nameless = (
        "data",
        "tls",
        "legacy",
        "vendors",
        "redirect",
        "monitor",
        "alerts",
        "mail",
        "crowdsec",
        "outbound",
        "whereabouts",
    )
    defaults = {section: getattr(Settings(), section) for section in nameless}
    assert loaded.model_copy(update=defaults) == Settings()


def test_the_demo_listens_where_the_defaults_do() -> None:
    """Its hints leave --config out, so commands without it must find the same data."""
    assert load(DEMO) == Settings()
