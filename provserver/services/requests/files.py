"""
What phones fetch beside their configuration: `Files` finds assets by their path, and a device's own by their name.

A phone book is written once for all devices that read the same one, and kept as it was sent, within a few megabytes.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from cachetools import LRUCache

from provserver.domain.assets import ASSETS_PATH, Asset
from provserver.domain.device import Device, Scope
from provserver.domain.phonebook import PhonebookEntry, PhonebookFormat, ordered, rows
from provserver.domain.stored_file import StoredFile
from provserver.identify import MAC_PLACE, Asked, Catalogue
from provserver.render import Renderer
from provserver.services.context import Context
from provserver.services.filestore.asset_files import AssetFiles
from provserver.services.records import Records
from provserver.storage import assets, phonebooks
from provserver.vault.tokens import TokenKey

_TITLE = "Directory"
_ETAG_DIGITS = 32  # of the content's hash: 128 bits do not collide by chance
_PAGES_BYTES = 8_388_608  # a book of 500 entries has 60 kB: a hundred offices that boot at the same time
_BY_MAC = f"?mac={MAC_PLACE}"  # how a phone is named that shows a certificate or a login instead of a token
_PATH = re.compile(re.escape(ASSETS_PATH) + r"([A-Za-z0-9_-]{24})/([A-Za-z0-9][A-Za-z0-9._()+-]{0,126})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Something that was written for a device's owner, as it is sent. It may name people."""

    body: bytes
    content_type: str
    etag: str


class Files:
    """Finds them."""

    def __init__(
        self,
        *,
        context: Context,
        catalogue: Catalogue,
        records: Records,
        content: AssetFiles,
        renderer: Renderer,
        tokens: TokenKey,
    ) -> None:
        self._context = context
        self._catalogue = catalogue
        self._records = records
        self._content = content
        self._renderer = renderer
        self._tokens = tokens
        self._pages: LRUCache[tuple[object, ...], Page] = LRUCache(_PAGES_BYTES, getsizeof=lambda page: len(page.body))

    async def at(self, path: str) -> tuple[Asked | None, bytes | None, StoredFile | None]:
        """
        What lies at an asset's *path*: what was asked, the fingerprint of its folder, and the file if there is one.

        The folder's name is all that is asked for: it stands in configurations, which are released to devices only.
        """
        match = _PATH.fullmatch(path)
        if match is None:
            return None, None, None
        folder, name = match.groups()
        asked = Asked(token=folder, file=name, shape=name, mac=None)
        async with self._context.storage.read() as tx:
            asset = await assets.asset_at(tx, folder, name)
        return asked, self._tokens.fingerprint(folder), self._stored(asset) if asset else None

    async def of_device(self, device: Device, asked: Asked) -> StoredFile | Page | None:
        """What *device* finds under a name below its own URL: its phone book, or a file of a version pinned for it."""
        book = self._catalogue.vendors[device.vendor].phonebook
        if book is not None and asked.shape.lower().removesuffix(_BY_MAC) == book.file and book.fits(device.model):
            page = await self._phonebook(device, book)
            if page is not None:
                return page
        pinned = await self._records.pinned(device)
        if not pinned:  # nearly always, and phones miss many files when they boot
            return None
        async with self._context.storage.read() as tx:
            for _, choice in sorted(pinned.items()):
                asset = await assets.asset_in(tx, choice.bundle.id, asked.file)
                if asset is not None:
                    return self._stored(asset)
        return None

    async def _phonebook(self, device: Device, book: PhonebookFormat) -> Page | None:
        """The phone book of the device's tenant and site together; None when neither has one."""
        owners = [f"{Scope.TENANT}:{device.tenant_id}"]
        if device.site_id is not None:
            owners.append(f"{Scope.SITE}:{device.site_id}")
        async with self._context.storage.read() as tx:
            versions = tuple([await phonebooks.changed_at(tx, owner) for owner in owners])
            if not any(version is not None for version in versions):
                return None
            key = (device.vendor, *owners, *versions)
            page = self._pages.get(key)
            if page is not None:
                return page
            entries = await phonebooks.entries_of(tx, owners)
        # In a thread: a book of thousands takes a tenth of a second, in which nobody else would be answered.
        body = await asyncio.to_thread(self._write, device.vendor, book, entries)
        page = Page(body=body, content_type=book.format.content_type, etag=f'"{self._tokens.tag(body)}"')
        if len(body) <= _PAGES_BYTES:
            self._pages[key] = page
        return page

    def _write(self, maker: str, book: PhonebookFormat, entries: list[PhonebookEntry]) -> bytes:
        people = ordered(entries)
        values: dict[str, object] = {"title": _TITLE, "entries": people, "rows": rows(people)}
        if book.variables is not None:
            values |= book.variables(people)
        return self._renderer.page(f"{maker}/{book.template}", book.format, values)

    def _stored(self, asset: Asset) -> StoredFile:
        return StoredFile(
            path=self._content.path(asset.sha256),
            size_bytes=asset.size_bytes,
            content_type=asset.content_type,
            etag=f'"{asset.sha256[:_ETAG_DIGITS]}"',
            changed_s=asset.added_at // 1000,
        )
