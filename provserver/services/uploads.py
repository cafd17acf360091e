"""What phones leave with us: sealed, under fixed names, within a quota, destroyed with the credentials in them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from provserver.domain.device import Device, device_owner
from provserver.domain.sealed import Binding, Sealed, WrappedKey
from provserver.domain.vendor import UploadRule
from provserver.errors import SecretGone, StorageError, StorageFull
from provserver.services.context import Context
from provserver.services.secrets import Secrets
from provserver.storage import keystore, uploads
from provserver.storage.database import Transaction
from provserver.storage.tables import new_id
from provserver.storage.uploads import Upload
from provserver.vault.keyring import KeyRing
from provserver.vault.sealing import open_bytes, seal_bytes

FOLDER = "uploads"


class Uploads:
    """
    Keeps, reads and destroys uploads.

    *device_bytes* and *device_files* bound what one device may leave; *kept* counts bytes by maker.
    """

    def __init__(
        self,
        *,
        context: Context,
        ring: KeyRing,
        secrets: Secrets,
        device_bytes: int,
        device_files: int,
        kept: Callable[[str, int], None],
    ) -> None:
        self._kept = kept
        self._context = context
        self._ring = ring
        self._secrets = secrets
        self._device_bytes = device_bytes
        self._device_files = device_files
        self._folder = context.storage.directory / FOLDER

    async def keep(self, device: Device, name: str, content: bytes, *, rule: UploadRule) -> bool:
        """
        Keep *content* as the device's file *name*, in place of an older one; False when it is too much.

        On the disk when this returns. Raises StorageFull when there is no room.
        """
        name = name.lower()
        if len(content) > rule.max_bytes:
            return False
        async with self._context.storage.read() as tx:
            if not await self._fits(tx, device, name, len(content)):
                return False
        at_ms = self._context.clock.now_ms()
        sealed, key = await asyncio.to_thread(seal_bytes, content, _binding(device, name), ring=self._ring)
        upload = Upload(
            id=new_id(at_ms),
            tenant_id=device.tenant_id,
            device_id=device.id,
            name=name,
            key_id=sealed.key_id,
            alg=sealed.alg,
            nonce=sealed.nonce,
            size_bytes=len(content),
            may_hold_credentials=rule.may_hold_credentials,
            at=at_ms,
        )
        await self._secrets.store_keys([(key, device_owner(device.id))])
        await asyncio.to_thread(_write, self._folder, upload.id, sealed.ciphertext)
        async with self._context.storage.transaction() as tx:
            # Asked again, now that nobody else writes: what came at the same moment has taken its share.
            fits = await self._fits(tx, device, name, len(content))
            useless = await uploads.find_upload(tx, device.id, name) if fits else upload
            if fits and useless is not None:
                await uploads.remove_upload(tx, useless.id)
            if fits:
                await uploads.insert_upload(tx, upload)
        if useless is not None:
            await self._destroy_content([useless])
        if fits:
            self._kept(device.vendor, len(content))
        return fits

    async def read(self, device: Device, name: str) -> bytes | None:
        """What the device left as *name*; None if it did not. Raises SecretGone, TamperedSecret."""
        name = name.lower()
        async with self._context.storage.read() as tx:
            upload = await uploads.find_upload(tx, device.id, name)
        if upload is None:
            return None
        async with self._context.storage.read("keystore") as tx:
            key = (await keystore.find_keys(tx, [upload.key_id])).get(upload.key_id)
        if key is None:
            raise SecretGone(f"upload {name} has been destroyed")
        return await asyncio.to_thread(self._open, device, upload, key)

    async def destroy(self, gone: Iterable[Upload]) -> None:
        """Destroy uploads: their keys first, then the files, then the rows. Can be repeated after a crash."""
        doomed = list(gone)
        if not doomed:
            return
        await self._destroy_content(doomed)
        async with self._context.storage.transaction() as tx:
            for upload in doomed:
                await uploads.remove_upload(tx, upload.id)

    async def sweep(self, *, older_than_ms: int) -> None:
        """Remove files that no row names: what a crash between writing and recording left."""
        async with self._context.storage.read() as tx:
            known = await uploads.all_ids(tx)
        await asyncio.to_thread(_sweep, self._folder, known, older_than_ms)

    async def _fits(self, tx: Transaction, device: Device, name: str, size_bytes: int) -> bool:
        files, used_bytes = await uploads.usage(tx, device.id, without=name)
        return files < self._device_files and used_bytes + size_bytes <= self._device_bytes

    async def _destroy_content(self, doomed: list[Upload]) -> None:
        await self._secrets.destroy_keys([upload.key_id for upload in doomed])
        for upload in doomed:
            await asyncio.to_thread((self._folder / upload.id).unlink, missing_ok=True)

    def _open(self, device: Device, upload: Upload, key: WrappedKey) -> bytes:
        try:
            ciphertext = (self._folder / upload.id).read_bytes()
        except OSError as error:
            raise StorageError(f"upload {upload.id}: {error.strerror}") from error
        sealed = Sealed(key_id=upload.key_id, alg=upload.alg, nonce=upload.nonce, ciphertext=ciphertext)
        return open_bytes(sealed, key, binding=_binding(device, upload.name), ring=self._ring)


def _binding(device: Device, name: str) -> Binding:
    return Binding(tenant=device.tenant_id, owner=device_owner(device.id), field=f"upload.{name}")


def _write(folder: Path, name: str, content: bytes) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        (folder / name).unlink(missing_ok=True)
        raise StorageFull(f"upload not kept: {error.strerror}") from error


def _sweep(folder: Path, known: set[str], older_than_ms: int) -> None:
    if not folder.is_dir():
        return
    for file in folder.iterdir():
        if file.name not in known and file.stat().st_mtime * 1000 < older_than_ms:
            file.unlink(missing_ok=True)
