"""A maker of an operator's folder stands at the phone door like all others: no proof, no file, nothing to be told."""

from __future__ import annotations

from pathlib import Path

from provserver.domain.device import ReleasePolicy
from provserver.settings import LoginSettings, VendorSettings
from tests.http.door import PASSWORD, Door, open_door
from tests.local.folder import ACME, MAC, write_maker

AGENT = f"Acme A2 1.4.2 {MAC.colons}"
# The file for all phones of a model, which phones ask for first and without a MAC, holds the password here.
COMMON = ACME.replace(
    'pattern = "acme{model}.cfg"\noptional = true',
    'pattern = "acme{model}.cfg"\ntemplate = "common.cfg.j2"\nformat = "key_value"\nconfiguration = true',
)
TEMPLATE = """\
{% for line in lines if line.password %}
pw = {{ line.password | reveal }}
{% endfor %}
url = {{ device.provisioning_url | reveal }}
"""
OWN = """\
{% for name, value, place, index in entries if value is not secret %}
{{ name }} = {{ value }}
{% endfor %}
"""


def folder_of(tmp_path: Path, text: str = COMMON) -> VendorSettings:
    return VendorSettings(folder=write_maker(tmp_path / "makers", text, common_cfg=TEMPLATE, config_cfg=OWN))


async def answers(door: Door, *paths: str) -> set[tuple[int, bytes, bytes]]:
    """Status, headers and body of what strangers get, without what is the request's own."""
    replies = [await door.ask(path, agent=AGENT) for path in paths]
    return {(reply.status, repr(reply.headers).encode(), reply.body) for reply in replies}


async def test_a_password_in_any_of_its_files_leaves_with_a_proof_only(data: Path, tmp_path: Path) -> None:
    async with open_door(data, vendors=folder_of(tmp_path)) as door:
        tenant = await door.tenant("shop", policy=ReleasePolicy.STRICT)
        device = await door.phone(tenant, mac=MAC, vendor="acme", model="A2")

        refused = await answers(
            door, "/acmeA2.cfg", f"/{MAC}.cfg", "/00005e0053ff.cfg", "/QUJDREVGR0hJSktMTU5PUFFS/acmeA2.cfg"
        )
        released_before = (await door.credential(device)).released_at
        given = await door.ask(f"/{door.bootstrap(device)}/acmeA2.cfg", agent=AGENT)
        credential = await door.credential(device)

    assert len(refused) == 1
    assert next(iter(refused))[0] == 404
    assert released_before is None
    assert given.body.decode().startswith(f"pw = {PASSWORD}\nurl = http://phones.example.com/")
    assert credential.released_at is not None
    assert credential.first_delivered_at is not None


async def test_the_password_is_deleted_like_any_other_and_the_file_goes_with_it(data: Path, tmp_path: Path) -> None:
    text = COMMON.replace('answer = "omit"', 'answer = "not_found"')
    async with open_door(data, vendors=folder_of(tmp_path, text)) as door:
        device = await door.phone(await door.tenant("shop"), mac=MAC, vendor="acme", model="A2")
        path = f"/{door.lasting(device)}/acmeA2.cfg"
        first = await door.ask(path, agent=AGENT)
        door.clock.advance_days(16)
        await door.services.retention.run()

        after = await door.ask(path, agent=AGENT)

    assert (first.status, after.status) == (200, 404)
    assert PASSWORD in first.body.decode()


async def test_a_device_whose_maker_this_process_was_not_told_of_is_unknown_to_it(data: Path, tmp_path: Path) -> None:
    """Entered by a command with another folder, while the server runs. Also where logins are looked at."""
    async with open_door(data, vendors=folder_of(tmp_path)) as door:
        device = await door.phone(await door.tenant("shop"), mac=MAC, vendor="acme", model="A2")
        path = f"/{door.lasting(device)}/{MAC}.cfg"
        assert (await door.ask(path, agent=AGENT)).status == 200

    for login in (LoginSettings(), LoginSettings(ask=True)):
        async with open_door(data, login=login) as door:
            header = {"Authorization": "Basic YTpi"}
            known = await door.ask(f"/{MAC}.cfg", agent=AGENT, headers=header)
            with_token = await door.ask(path, agent=AGENT)
            unknown = await door.ask("/00005e0053ff.cfg", agent=AGENT, headers=header)

            assert known.status == unknown.status == (401 if login.ask else 404)
            assert with_token.status == 404
            assert door.services.records.entries == 0
            assert not [line for line in door.lines() if line["level"] == "error"]
