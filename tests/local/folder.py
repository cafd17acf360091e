"""A folder of makers for tests: a whole maker of its own, and what is written over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.local.folder import load_makers
from provserver.local.problem import LocalMakersBroken

MAC = MacAddress("00005e005301")
LINE = Line(number=1, user_name="1001", registrar=Endpoint(host="pbx.example.com"))

ACME = """\
name = "Acme"
ouis = ["00005e"]
source = "Acme administrator's guide 1.2"
confidence = "M"

[[agent]]
form = "Acme {model} {fw} {mac}"

[[model]]
name = "A2"
lines = 2
keys = 8

[[file]]
name = "common"
pattern = "acme{model}.cfg"
optional = true

[[file]]
name = "config"
pattern = "{mac}.cfg"
template = "config.cfg.j2"
format = "key_value"
configuration = true

[[parameter]]
setting = "line.user_name"
name = "account.{n}.user"

[[parameter]]
setting = "line.auth_user"
name = "account.{n}.auth"

[[parameter]]
setting = "line.password"
name = "account.{n}.password"

[[parameter]]
setting = "line.registrar"
part = "host"
name = "account.{n}.server"

[[parameter]]
setting = "line.registrar"
part = "port"
name = "account.{n}.port"
default = "5060"

[[parameter]]
setting = "line.registrar"
part = "transport"
name = "account.{n}.transport"
values = { udp = "0", tcp = "1", tls = "2" }

[[parameter]]
setting = "key.N"
part = "kind"
name = "key.{n}.type"

[parameter.values]
none = "0"
blf = "1"
speed_dial = "2"

[[parameter]]
setting = "key.N"
part = "value"
name = "key.{n}.value"

[[parameter]]
setting = "timezone"
part = "posix"
name = "time.zone"

[[parameter]]
setting = "timezone"
part = "minutes"
name = "time.offset"
values = { "0" = "GMT", "60" = "CET" }

[[parameter]]
setting = "timezone"
part = "summer"
name = "time.summer"
values = { on = "yes", off = "no" }

[[parameter]]
setting = "lldp"
name = "net.lldp"
values = { on = "1", off = "0" }

[[parameter]]
setting = "time_format"
name = "time.format"
values = { 12 = "am", 24 = "h" }

[[parameter]]
setting = "vlan_id"
name = "net.vlan"

[[parameter]]
setting = "codecs"
name = "account.{n}.codecs"
each_line = true
values = { g722 = "G722", pcma = "PCMA" }
join = ";"

[[parameter]]
setting = "discovery_dhcp_options"
name = "net.options"

[[parameter]]
setting = "admin_password"
name = "web.password"

[[parameter]]
setting = "provisioning_url"
name = "provision.url"

[[parameter]]
setting = "provisioning_url"
part = "scheme"
name = "provision.protocol"
values = { http = "0", https = "1" }

[after_deletion]
answer = "omit"
reason = "what a file does not mention stays"

[notify]
resync = "check-sync"

[login]
schemes = ["digest"]

[[bootstrap]]
way = "hand"
text = "On the web page, Provisioning: enter {url} as Server."

[simulation]
model = "A2"
firmware = "1.4.2"
user_agent = "Acme {model} {fw} {mac}"
boot = ["acme{model}.cfg", "{mac}.cfg"]
"""

TEMPLATE = """\
# Acme {{ device.model or '' }}
{% for name, value, place, index in entries %}
{{ name }} = {% if value is secret %}{{ value | reveal }}{% else %}{{ value }}{% endif %}

{% endfor %}
"""


def write_maker(folder: Path, text: str = ACME, *, slug: str = "acme", **templates: str) -> Path:
    """Write a maker into *folder*; *templates* by their names without the ending, ``config_cfg`` for config.cfg.j2."""
    place = folder / slug
    place.mkdir(parents=True, exist_ok=True)
    (place / "maker.toml").write_text(text, encoding="utf-8")
    for name, content in (templates or {"config_cfg": TEMPLATE}).items():
        (place / f"{name.replace('_', '.')}.j2").write_text(content, encoding="utf-8")
    return folder


def complaints(folder: Path) -> list[str]:
    """What is wrong in *folder*, which must not be in order, with paths from there."""
    with pytest.raises(LocalMakersBroken) as refused:
        load_makers(folder)
    return [str(problem).removeprefix(f"{folder}/") for problem in refused.value.problems]
