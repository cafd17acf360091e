"""A maker that is described by data is one like all others: known, written, read back, and played."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from provserver.domain.boot import Account, Fetch, Reply, SimulatedPhone
from provserver.domain.catalogue import find_spec
from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.request import ProvRequest
from provserver.domain.resolve import build_view
from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.vendor import AfterDeletion, Vendor
from provserver.domain.view import DeviceView
from provserver.domain.words import parameters_of
from provserver.errors import ConfigurationError, UnfitValue
from provserver.identify import Catalogue, Identified
from provserver.local.booting import read_settings
from provserver.local.folder import Makers, load_makers
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.vendors import load_vendors
from tests.local.folder import ACME, LINE, MAC, write_maker

QUOTED = """\
{% for e in entries %}
{{ e.name }}="{% if e.value is secret %}{{ e.value | reveal }}{% else %}{{ e.value }}{% endif %}"
{% endfor %}
"""
URL = "https://prov.example.net/QUJDREVGR0hJSktMTU5PUFFS/"
SECRETS = {
    "line.1.password": Secret("s3cret-1001"),
    "setting.admin_password": Secret("adm1n"),
    PROVISIONING_URL: Secret(URL),
}


@pytest.fixture
def makers(tmp_path: Path) -> Makers:
    return load_makers(write_maker(tmp_path))


def maker_of(makers: Makers, slug: str = "acme") -> Vendor:
    return Catalogue(makers.vendors).vendors[slug]


def file_of(makers: Makers, view: DeviceView, *, slug: str = "acme", rule: str = "config") -> str:
    vendor = maker_of(makers, slug)
    skeleton = Renderer(templates=makers.templates).render(vendor, vendor.file(rule), view)
    return fill(skeleton, SECRETS).decode()


def view_of(settings: dict[str, str] | None = None, *, held: bool = True, line: Line = LINE) -> DeviceView:
    fields = ("line.1.password", "setting.admin_password") if held else ()
    return build_view(mac=MAC, model="A2", lines=[line], settings=settings or {}, held=fields)


def test_without_a_folder_there_are_the_built_in_makers() -> None:
    makers = load_makers(None)

    assert makers.vendors == load_vendors()
    assert not makers.local
    assert not makers.templates


def test_a_maker_of_the_folder_stands_among_the_others(makers: Makers) -> None:
    assert makers.local == {"acme"}
    assert {vendor.slug for vendor in makers.vendors} == {"acme", *(vendor.slug for vendor in load_vendors())}
    assert [vendor.slug for vendor in makers.vendors] == sorted(vendor.slug for vendor in makers.vendors)


def test_its_phones_are_known_by_path_and_by_user_agent(makers: Makers) -> None:
    catalogue = Catalogue(makers.vendors)

    found = catalogue.identify(ProvRequest(path=f"/{MAC}.cfg", user_agent=f"Acme A2 1.4.2 {MAC.colons}"))

    assert isinstance(found, Identified)
    assert (found.vendor, found.model, found.firmware, found.mac) == ("acme", "A2", "1.4.2", MAC)
    assert catalogue.makers_of(MAC) == {"acme"}
    assert not found.agent_disagrees


def test_every_kind_of_setting_is_written_in_its_words(makers: Makers) -> None:
    settings = {
        "timezone": "Europe/London",
        "lldp": "on",
        "time_format": "24",
        "vlan_id": "20",
        "codecs": "g722 opus pcma",
        "discovery_dhcp_options": "66 160",
        "key.1": "blf 1002 Desk",
        "key.2": "dnd",  # a kind that the maker has no word for
        "raw.some.other": "5",
    }

    assert file_of(makers, view_of(settings)).splitlines() == [
        "# Acme A2",
        "account.1.user = 1001",
        "account.1.auth = 1001",
        "account.1.password = s3cret-1001",
        "account.1.server = pbx.example.com",
        "account.1.port = 5060",
        "account.1.transport = 0",
        "account.1.codecs = G722;PCMA",
        "key.1.type = 1",
        "key.1.value = 1002",
        "time.zone = GMT0BST,M3.5.0/1,M10.5.0",
        "time.offset = GMT",
        "time.summer = yes",
        "net.lldp = 1",
        "time.format = h",
        "net.vlan = 20",
        "net.options = 66,160",
        "web.password = adm1n",
        f"provision.url = {URL}",
        "provision.protocol = 1",
        "some.other = 5",
    ]


def test_xml_is_escaped_and_has_the_line_ends_and_the_type_that_are_asked_for(tmp_path: Path) -> None:
    text = ACME.replace(
        'format = "key_value"', 'format = "xml"\ncontent_type = "application/xml; charset=utf-8"\nline_end = "crlf"'
    ).replace('name = "net.vlan"', 'name = "vlan"\nplace = "net"')
    template = """\
<c>
{% for place, inner in entries | by_place if place %}
<{{ place }} label="{{ lines[0].shown_label if lines }}">
{% for entry in inner %}
<{{ entry.name }}>{{ entry.value }}</{{ entry.name }}>
{% endfor %}
</{{ place }}>
{% endfor %}
</c>
"""
    makers = load_makers(write_maker(tmp_path, text, config_cfg=template))
    line = replace(LINE, label="A & B <\"'>")

    written = file_of(makers, view_of({"vlan_id": "20"}, line=line))

    label = "A &amp; B &lt;&quot;&apos;&gt;"
    assert written == f'<c>\r\n<net label="{label}">\r\n<vlan>20</vlan>\r\n</net>\r\n</c>\r\n'
    text_format = maker_of(makers).file("config").format
    assert text_format is not None
    assert text_format.content_type == "application/xml; charset=utf-8"


def test_in_quotation_marks_there_is_no_quotation_mark(tmp_path: Path) -> None:
    makers = load_makers(write_maker(tmp_path, ACME.replace('"key_value"', '"quoted"'), config_cfg=QUOTED))

    assert 'account.1.user="1001"\n' in file_of(makers, view_of())
    with pytest.raises(UnfitValue, match=r"raw\.x: holds a quotation mark"):
        file_of(makers, view_of({"raw.x": 'a" b="c'}))


def test_an_endpoint_is_taken_apart(makers: Makers) -> None:
    line = replace(LINE, registrar=Endpoint(host="2001:db8::1", port=5071, transport=Transport.TLS))

    written = read_settings(file_of(makers, view_of(line=line)).encode())

    assert written["account.1.server"] == "[2001:db8::1]"
    assert (written["account.1.port"], written["account.1.transport"]) == ("5071", "2")


def test_after_deletion_the_passwords_are_left_out(makers: Makers) -> None:
    text = file_of(makers, view_of(held=False))

    assert "password" not in text
    assert maker_of(makers).after_deletion.answer is AfterDeletion.OMIT


def test_its_phone_is_played_and_learns_what_its_file_says(makers: Makers) -> None:
    play = maker_of(makers).simulation
    script = play.boot(SimulatedPhone(mac=MAC, model=play.model, firmware=play.firmware))

    asked = [next(script), script.send(Reply(404))]
    with pytest.raises(StopIteration) as end:
        script.send(Reply(200, file_of(makers, view_of()).encode()))

    assert asked == [Fetch("acmeA2.cfg"), Fetch(f"{MAC}.cfg")]
    assert end.value.value.accounts == (
        Account(number=1, user_name="1001", password="s3cret-1001", auth_name="1001", registrar="pbx.example.com"),
    )
    assert end.value.value.next_url == URL


def test_played_phones_read_xml_too() -> None:
    body = b'<?xml version="1.0"?><c><a><user>1001</user></a><p name="P47">pbx</p></c>'

    assert {"user": "1001", "a.user": "1001", "P47": "pbx"}.items() <= read_settings(body).items()
    assert read_settings(b"<!DOCTYPE c []><c><user>1001</user></c>") == {}


def test_a_folder_changes_a_built_in_maker_where_it_says_so_and_nowhere_else(tmp_path: Path) -> None:
    changes = """\
ouis = ["00005e"]
[[model]]
name = "T99"
lines = 3
[[model]]
name = "T54W"
keys = 99
[[parameter]]
setting = "syslog_server"
name = "syslog.server"
[[parameter]]
setting = "vlan_priority"
name = "vlan.priority"
[notify]
reboot = "reboot-now"
"""
    write_maker(
        tmp_path,
        changes,
        slug="yealink",
        config="# ours\n{% for e in entries if e.value is not secret %}\n{{ e.name }} = {{ e.value }}\n{% endfor %}\n",
    )
    before = next(vendor for vendor in load_vendors() if vendor.slug == "yealink")

    makers = load_makers(tmp_path)

    yealink = maker_of(makers, "yealink")
    assert yealink.ouis == before.ouis | {"00005e"}
    assert (model := yealink.model("T99")) is not None
    assert model.lines == 3
    old, new = before.model("T54W"), yealink.model("T54W")
    assert old is not None
    assert new is not None
    assert (new.lines, new.keys, new.number) == (old.lines, 99, old.number)
    assert parameters_of(yealink, find_spec("syslog_server")) == ("syslog.server",)
    assert parameters_of(yealink, find_spec("vlan_priority")) == ("vlan.priority",)
    assert yealink.notify.reboot == "reboot-now"
    assert yealink.files == before.files
    assert yealink.after_deletion == before.after_deletion
    assert file_of(makers, view_of({"syslog_server": "10.0.0.1"}), slug="yealink").startswith("# ours\n")
    assert "syslog.server = 10.0.0.1\n" in file_of(makers, view_of({"syslog_server": "10.0.0.1"}), slug="yealink")


def test_a_template_alone_may_take_the_place_of_a_built_in_one(tmp_path: Path) -> None:
    (tmp_path / "htek").mkdir()
    (tmp_path / "htek" / "config.xml.j2").write_text("<ours/>\n")

    makers = load_makers(tmp_path)

    assert file_of(makers, view_of(), slug="htek") == "<ours/>\n"
    assert maker_of(makers, "htek") == next(vendor for vendor in load_vendors() if vendor.slug == "htek")


def test_a_changed_file_keeps_what_is_not_said_of_it(tmp_path: Path) -> None:
    """Encryption above all: a device with a key never gets its file in clear because a template was changed."""
    before = next(vendor for vendor in load_vendors() if vendor.slug == "grandstream")
    rule = next(rule for rule in before.files if rule.encryptions)
    write_maker(tmp_path, f'[[file]]\nname = "{rule.name}"\noptional = true\n', slug="grandstream", config_xml="<a/>")

    changed = maker_of(load_makers(tmp_path), "grandstream").file(rule.name)

    assert changed.optional
    assert changed.encryptions == rule.encryptions
    assert (changed.pattern, changed.format, changed.sections) == (rule.pattern, rule.format, rule.sections)


def test_a_file_may_be_added_to_a_built_in_maker(tmp_path: Path) -> None:
    text = """\
[[file]]
name = "extra"
pattern = "extra-{mac}.cfg"
template = "extra.j2"
format = "key_value"
sections = ["system"]
"""
    makers = load_makers(write_maker(tmp_path, text, slug="yealink", extra="mac = {{ device.mac.value }}\n"))
    before = next(vendor for vendor in load_vendors() if vendor.slug == "yealink")

    found = Catalogue(makers.vendors).identify(ProvRequest(path="/extra-805ec0000001.cfg"))

    assert isinstance(found, Identified)
    assert found.vendor == "yealink"
    assert maker_of(makers, "yealink").files[:-1] == before.files
    assert file_of(makers, view_of(), slug="yealink", rule="extra") == f"mac = {MAC}\n"


def test_what_was_checked_is_what_is_served(tmp_path: Path) -> None:
    """A template that is edited while the server runs waits for its next start, and for the check there."""
    makers = load_makers(write_maker(tmp_path))
    (tmp_path / "acme" / "config.cfg.j2").write_text("{{ nothing }}")

    assert file_of(makers, view_of()).startswith("# Acme A2\n")


def test_nothing_in_the_folder_is_executed(tmp_path: Path) -> None:
    write_maker(tmp_path)
    for name in ("__init__.py", "vendor.py", "maker.py", "conftest.py"):
        (tmp_path / "acme" / name).write_text("raise SystemExit('executed')\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "README.md").write_text("Ours.\n")

    assert load_makers(tmp_path).local == {"acme"}


def test_a_folder_that_is_not_there_is_a_mistake_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"vendors\.folder .*nowhere: No such file or directory"):
        load_makers(tmp_path / "nowhere")
