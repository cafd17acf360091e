"""Phone books as rows, by their owner: a tenant or a site."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.domain.phonebook import Number, NumberKind, PhonebookEntry
from provserver.storage.tables import PHONEBOOK_ENTRY


async def changed_at(tx: AsyncConnection, owner: str) -> int | None:
    """When the phone book of *owner* was last entered; None when there is none."""
    newest = func.max(PHONEBOOK_ENTRY.c.updated_at)
    value = (await tx.execute(select(newest).where(PHONEBOOK_ENTRY.c.owner == owner))).scalar_one()
    return None if value is None else int(value)


async def entries_of(tx: AsyncConnection, owners: Sequence[str]) -> list[PhonebookEntry]:
    """What is in the phone books of *owners*, in the order in which each was entered."""
    columns = (PHONEBOOK_ENTRY.c.name, PHONEBOOK_ENTRY.c.group_name, PHONEBOOK_ENTRY.c.numbers)
    rows = await tx.execute(
        select(*columns)
        .where(PHONEBOOK_ENTRY.c.owner.in_(list(owners)))
        .order_by(PHONEBOOK_ENTRY.c.owner, PHONEBOOK_ENTRY.c.position)
    )
    return [PhonebookEntry(name=name, group=group, numbers=_numbers(text)) for name, group, text in rows]


async def put_book(tx: AsyncConnection, owner: str, entries: Sequence[PhonebookEntry], *, at_ms: int) -> None:
    """
    Put *entries* in place of the phone book of *owner*; none at all: it has none then.

    It is later than the one before, even within a millisecond: what was written from that one is out of date.
    """
    at_ms = max(at_ms, (await changed_at(tx, owner) or 0) + 1)
    await tx.execute(delete(PHONEBOOK_ENTRY).where(PHONEBOOK_ENTRY.c.owner == owner))
    rows = [
        {
            "owner": owner,
            "position": position,
            "name": entry.name,
            "group_name": entry.group,
            "numbers": json.dumps([[number.kind.value, number.digits] for number in entry.numbers]),
            "updated_at": at_ms,
        }
        for position, entry in enumerate(entries)
    ]
    if rows:
        await tx.execute(insert(PHONEBOOK_ENTRY), rows)


async def counts(tx: AsyncConnection) -> dict[str, int]:
    """How many entries each owner's phone book has."""
    rows = await tx.execute(select(PHONEBOOK_ENTRY.c.owner, func.count()).group_by(PHONEBOOK_ENTRY.c.owner))
    return {owner: int(count) for owner, count in rows}


def _numbers(text: str) -> tuple[Number, ...]:
    return tuple(Number(kind=NumberKind(kind), digits=digits) for kind, digits in json.loads(text))
