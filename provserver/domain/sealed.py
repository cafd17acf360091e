"""`Sealed`, `WrappedKey`, `Binding`: a secret as it is kept, one row in each of two stores, and where it belongs."""

from __future__ import annotations

from dataclasses import dataclass, field

from provserver.errors import InvalidValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """
    The one place where a sealed value opens: *tenant*, *owner* and *field*.

    The owner is a device id, or ``tenant:<id>`` for what all devices of a tenant share.
    """

    tenant: str
    owner: str
    field: str

    def __post_init__(self) -> None:
        # An empty part would make all values that lack it interchangeable.
        for name, part in (("tenant", self.tenant), ("owner", self.owner), ("field", self.field)):
            if not part:
                raise InvalidValue("binding", f"its {name} is empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """
    The row of the main store: noise without its data key. *alg* names algorithm and layout together.

    Nothing is checked here: a damaged row must load, so that opening it can say that it is damaged.
    """

    key_id: str
    alg: int
    nonce: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """
    The row of the keystore: the data key, wrapped under the key-encryption key of *generation*.

    Deleting this row is how a secret is deleted, also from copies of the main store that nobody can reach any more.
    """

    key_id: str
    generation: int
    nonce: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)
