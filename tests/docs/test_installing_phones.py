"""What the page for installers says is what the makers' modules declare, and its example is what the command prints."""

import re

from provserver.domain.bootstrap import URL_PLACE
from provserver.domain.dhcp import handouts, isc
from provserver.vendors import load_vendors
from tools import installing_phones


def test_the_page_is_as_it_would_be_made_now() -> None:
    assert installing_phones.PAGE.read_text(encoding="utf-8") == installing_phones.page()


def test_every_way_of_every_maker_is_on_it() -> None:
    page = installing_phones.page()

    for vendor in load_vendors():
        part = page.partition(f"\n### {vendor.slug}\n")[2].partition("\n### ")[0]
        assert len(vendor.bootstrap) == part.count("\n* ")
        for way in vendor.bootstrap:
            assert way.text.replace(URL_PLACE, "`<url>`") in part
            assert all(f"`{name}`" in part for name in way.dhcp_classes)


def test_the_example_is_what_the_command_prints() -> None:
    shown = re.search(r"--vendor fanvil\n(.*?)```", installing_phones.page(), re.DOTALL)
    fanvil = [vendor for vendor in load_vendors() if vendor.slug == "fanvil"]

    assert shown is not None
    assert shown[1] == isc(handouts(fanvil, url="https://prov.example.com/", address=None))
