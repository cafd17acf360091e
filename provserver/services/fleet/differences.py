"""What would change at a device if it asked now: its files as it last fetched them against those it would get."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from difflib import unified_diff
from typing import Literal

from provserver.clock import iso
from provserver.domain.mac import MacAddress
from provserver.domain.vendor import AfterDeletion, FileRule, Vendor
from provserver.errors import NotFound
from provserver.identify import Catalogue, take_apart
from provserver.render import Renderer
from provserver.services.context import Context
from provserver.services.layers import Places
from provserver.services.records import Whole, load_whole
from provserver.services.requests.copies import masked, versions_of
from provserver.storage import copies
from provserver.storage.copies import Copy
from provserver.storage.records import Access, RecordReader
from provserver.vault.tokens import TokenKey

Standing = Literal["same", "changed", "withheld", "no_file", "too_large"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """
    One file that a device has fetched, against what it would get now.

    *standing*: ``withheld`` is what the device keeps because a password was deleted, ``no_file`` what its maker's
    devices do not get (any more), ``too_large`` what no copy is kept of. *lines* are those of a unified diff; a secret
    is stars with the mark of its version.
    """

    file: str
    fetched_at: str | None
    standing: Standing
    lines: tuple[str, ...] = ()


class Differences:
    """Compares what devices have with what they would get."""

    def __init__(
        self, *, context: Context, catalogue: Catalogue, renderer: Renderer, tokens: TokenKey, places: Places
    ) -> None:
        self._context = context
        self._catalogue = catalogue
        self._renderer = renderer
        self._tokens = tokens
        self._places = places

    async def since_fetch(
        self, mac: MacAddress, file: str | None = None, *, tenant_id: str | None = None
    ) -> list[Difference]:
        """
        Every file that the device has fetched, or *file* alone, by name.

        Raises NotFound for another tenant's device, and when nothing is known to have been fetched.
        """
        storage = self._context.storage
        access = await RecordReader(storage).access_by_mac(mac.value)
        if access is None or (tenant_id is not None and access.tenant.id != tenant_id):
            raise NotFound("device", mac.colons)
        vendor = self._catalogue.vendors[access.device.vendor]
        wanted = None if file is None else self._rule_of(vendor, mac, file)
        async with storage.read("requests") as tx:
            found = await copies.copies_of(tx, access.device.id)
        found = [copy for copy in found if wanted is None or copy.rule == wanted.name]
        if not found:
            raise NotFound("copy of what was fetched as" if file else "copy of what was fetched by", file or mac.colons)
        whole = await load_whole(storage, access, self._places)
        return [self._compare(copy, vendor, access, whole) for copy in found]

    def _rule_of(self, vendor: Vendor, mac: MacAddress, file: str) -> FileRule:
        asked = take_apart("/" + file.lstrip("/"))
        rule = self._catalogue.file_rule(vendor.slug, asked) if asked else None
        if rule is None or rule.template is None or (asked and asked.mac not in (None, mac)):
            raise NotFound(f"file of a {vendor.name} device called", file)
        return rule

    def _compare(self, copy: Copy, vendor: Vendor, access: Access, whole: Whole) -> Difference:
        at = iso(copy.at)
        rule = next((rule for rule in vendor.files if rule.name == copy.rule and rule.template), None)
        if rule is None or rule.format is None:
            return Difference(file=copy.file, fetched_at=at, standing="no_file")
        gone = whole.lost_password and rule.configuration
        kept = gone and vendor.after_deletion_of(whole.view, rule) is AfterDeletion.NOT_FOUND
        if kept or (rule.encryptions and whole.lost_key):
            return Difference(file=copy.file, fetched_at=at, standing="withheld")
        if copy.content is None:
            return Difference(file=copy.file, fetched_at=at, standing="too_large")
        skeleton = self._renderer.render(vendor, rule, whole.view)
        now = masked(skeleton, versions_of(skeleton, whole.credentials, access.device), self._tokens)
        charset = (rule.format_for(whole.view) if rule.format_for else rule.format).charset
        before, after = (text.decode(charset, "replace").splitlines() for text in (zlib.decompress(copy.content), now))
        lines = tuple(unified_diff(before, after, f"{copy.file} fetched {at}", f"{copy.file} now", lineterm=""))
        return Difference(file=copy.file, fetched_at=at, standing="changed" if lines else "same", lines=lines)
