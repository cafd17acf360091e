"""What phones leave with us: sealed, under fixed names, within a quota, destroyed with the credentials in them."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterable, Callable, Iterable
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
from provserver.vault.sealing import SealedStream, open_bytes

FOLDER = "uploads"
_WRITE_BYTES = 65_536  # at least so much at a time: a visit to the disk costs as much as sealing a piece of this size


class Received:
    """
    A file that a device has sent: sealed, on the disk, and known to nobody yet.

    *id* is its file's name. `sealed` and `key` are there once it is whole.
    """

    def __init__(self, folder: Path, *, id: str, device: Device, name: str, rule: UploadRule) -> None:  # noqa: A002 - as rows call it
        self._path = folder / id
        self.id = id
        self.device = device
        self.name = name
        self.rule = rule
        self.size_bytes = 0
        self.sealed: Sealed | None = None
        self.key: WrappedKey | None = None
        self._begun = False

    def write(self, ciphertext: bytes, *, last: bool = False) -> None:
        """Add to the file; it is on the disk when the *last* piece is. Raises StorageFull."""
        try:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            begin = 0 if self._begun else os.O_CREAT | os.O_EXCL
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | begin, 0o600)
            self._begun = True
            with os.fdopen(descriptor, "wb") as file:
                file.write(ciphertext)
                file.flush()
                if last:
                    os.fsync(descriptor)
        except OSError as error:
            raise StorageFull(f"upload not kept: {error.strerror}") from error

    def discard(self) -> None:
        """Remove the file. Its key was never stored: what the disk may still hold of it opens for nobody."""
        if self._begun:
            self._path.unlink(missing_ok=True)

    def row(self, *, at_ms: int) -> Upload:
        """What the store keeps about it."""
        assert self.sealed is not None  # noqa: S101 - received whole
        return Upload(
            id=self.id,
            tenant_id=self.device.tenant_id,
            device_id=self.device.id,
            name=self.name,
            key_id=self.sealed.key_id,
            alg=self.sealed.alg,
            nonce=self.sealed.nonce,
            size_bytes=self.size_bytes,
            may_hold_credentials=self.rule.may_hold_credentials,
            at=at_ms,
        )


class Uploads:
    """
    Receives, keeps, reads and destroys uploads.

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
        self._coming: defaultdict[str, int] = defaultdict(int)  # bytes by device that are being received

    async def receive(
        self, device: Device, name: str, pieces: AsyncIterable[bytes], *, rule: UploadRule
    ) -> Received | None:
        """
        Write the file that comes in *pieces* to the disk, sealed, a piece at a time; None when it is too much.

        What is coming counts against the quota as what is there does. `keep` or `discard` what was received. Raises
        StorageFull when there is no room.
        """
        name = name.lower()
        async with self._context.storage.read() as tx:
            files, used_bytes = await uploads.usage(tx, device.id, without=name)
        if files >= self._device_files:
            return None
        received = Received(self._folder, id=new_id(self._context.clock.now_ms()), device=device, name=name, rule=rule)
        sealing = SealedStream(_binding(device, name), ring=self._ring)
        fits = True
        try:
            buffered: list[bytes] = []
            async for piece in pieces:
                received.size_bytes += len(piece)
                self._coming[device.id] += len(piece)
                fits = received.size_bytes <= rule.max_bytes and (
                    used_bytes + self._coming[device.id] <= self._device_bytes
                )
                if not fits:
                    break
                buffered.append(sealing.update(piece))
                if sum(map(len, buffered)) >= _WRITE_BYTES:
                    await asyncio.to_thread(received.write, b"".join(buffered))
                    buffered.clear()
            if not fits:
                return None
            buffered.append(sealing.finish())
            await asyncio.to_thread(received.write, b"".join(buffered), last=True)
            received.sealed, received.key = sealing.sealed, sealing.wrapped
        finally:
            self._coming[device.id] -= received.size_bytes
            if not self._coming[device.id]:
                del self._coming[device.id]
            if received.sealed is None:  # too much, a broken connection, a full disk: nothing stays
                received.discard()
        return received

    async def keep(self, received: Received) -> bool:
        """
        Keep what was received as the device's file, in place of an older one; False when it is too much.

        On the disk when this returns.
        """
        device, upload = received.device, received.row(at_ms=self._context.clock.now_ms())
        assert received.key is not None  # noqa: S101 - received whole
        await self._secrets.store_keys([(received.key, device_owner(device.id))])
        async with self._context.storage.transaction() as tx:
            # Asked again, now that nobody else writes: what came at the same moment has taken its share.
            fits = await self._fits(tx, device, upload.name, upload.size_bytes)
            useless = await uploads.find_upload(tx, device.id, upload.name) if fits else upload
            if fits and useless is not None:
                await uploads.remove_upload(tx, useless.id)
            if fits:
                await uploads.insert_upload(tx, upload)
        if useless is not None:
            await self._destroy_content([useless])
        if fits:
            self._kept(device.vendor, upload.size_bytes)
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


def _sweep(folder: Path, known: set[str], older_than_ms: int) -> None:
    if not folder.is_dir():
        return
    for file in folder.iterdir():
        if file.name not in known and file.stat().st_mtime * 1000 < older_than_ms:
            file.unlink(missing_ok=True)
