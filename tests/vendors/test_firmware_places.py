"""Phones are sent where firmware is: each maker's own rows keep the folder that nobody guesses."""

from __future__ import annotations

import pytest

from provserver.domain.mac import MacAddress
from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.vendor import Vendor
from provserver.domain.view import DeviceView
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.vendors import load_vendors

FOLDER = "assets/AbCdEfGhIjKlMnOpQrStUvWx"
# A model, and an image as its maker calls it: some write the name down, others the folder in which phones look for it.
IMAGES = {
    "alcatel": ("M5", "M5-2.13.rom"),
    "audiocodes": ("440HD", "440HD_3.4.img"),
    "cisco": ("8845", "sip8845_65.12-0-3MPP.loads"),
    "digium": ("D65", "2_9_9_D65_firmware.eff"),
    "fanvil": ("X5U", "x5u.z"),
    "gigaset": ("N870", "n870_2.62.1.bin"),
    "grandstream": ("GXP2170", "gxp2170fw.bin"),
    "htek": ("UC926", "fw926.rom"),
    "mitel": ("6867i", "6867i.st"),
    "obihai": ("OBi302", "OBi-3-2-2.fw"),
    "panasonic": ("KX-HDV230", "HDV-08.100.fw"),
    "polycom": ("VVX450", "sip.ld"),
    "sangoma": ("S500", "S500.rom"),
    "snom": ("D785", "snomD785-10.1.bin"),
    "spectralink": ("8440", "sip.ld"),
    "twon": ("verso", "hip-2.40.bin"),
    "vtech": ("vsp726", "vsp726.bin"),
    "yealink": ("T54W", "T54W-96.rom"),
}
MAKERS = {vendor.slug: vendor for vendor in load_vendors() if vendor.supports("firmware_url")}


def written(maker: Vendor, model: str, image: str) -> str:
    """All files of such a device, one after another."""
    url = f"https://phones.example.com/{FOLDER}/{image}"
    view = DeviceView(mac=MacAddress("805ec0aabbcc"), model=model, settings={"firmware_url": url})
    rules = [rule for rule in maker.files if rule.template is not None and not rule.checksum]
    skeletons = [Renderer().render(maker, rule, view) for rule in rules]
    token = {PROVISIONING_URL: Secret("https://phones.example.com/TOKEN/")}
    return "\n".join(fill(skeleton, token).decode("utf-8", "replace") for skeleton in skeletons)


def test_there_is_an_image_for_each_maker_that_is_told_of_firmware() -> None:
    assert sorted(IMAGES) == sorted(MAKERS)


@pytest.mark.parametrize("slug", sorted(IMAGES))
def test_phones_are_sent_to_the_folder(slug: str) -> None:
    model, image = IMAGES[slug]

    assert FOLDER in written(MAKERS[slug], model, image)
