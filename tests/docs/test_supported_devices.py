"""What the page of supported devices says is what the makers' modules declare."""

from provserver.vendors import load_vendors
from tools import supported_devices


def test_the_page_is_as_it_would_be_made_now() -> None:
    assert supported_devices.PAGE.read_text(encoding="utf-8") == supported_devices.page()


def test_every_maker_model_and_file_is_on_it() -> None:
    page = supported_devices.page()

    for vendor in load_vendors():
        part = page.partition(f"\n## {vendor.slug}\n")[2].partition("\n## ")[0]
        assert all(model.name in part for model in vendor.models)
        assert all(f"`{rule.pattern}`" in part for rule in vendor.files)
        assert all(f"`{rule.pattern}`" in part for rule in vendor.uploads)
        assert len(vendor.bootstrap) + (vendor.scanned is not None) == part.count("\n* ")
