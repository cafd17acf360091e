"""
Who may change a setting after it was provisioned: the ``perm`` attribute of a desk phone's settings.

Source: service.snom.com "Permission Flags" and the D7 manual, page 20 (H). ``V`` (gone after a restart) is never
written: a phone that restarts after the server forgot its password would have none. ``!`` (only while the user has not
changed it) is never written for a credential: the maker warns that later changes by provisioning are then refused.
"""

from __future__ import annotations

from provserver.domain.parameters import Entry
from provserver.domain.slot import SecretSlot

# Places of entries. A desk phone's settings all stand in one block; the place says whose they are.
USERS = ""  # the user's: language, keys …
IDENTITY = "identity"  # a SIP account
ACCESS = "access"  # passwords, and what belongs to them
OPEN = "open"  # the phone itself has to be able to write it
KEYS = "keys"
CERTIFICATES = "certificates"
BY_URL, INLINE = "url", "base64"  # names of entries there: how the certificate is given

_OVERWRITTEN, _UNLESS_CHANGED, _READ_ONLY, _READ_WRITE = "", "!", "R", "RW"


def permission(entry: Entry, *, keep_user_changes: bool) -> str:
    """The ``perm`` of *entry*. Every secret and every account is read-only for the user, whatever else is asked."""
    if entry.place == OPEN:
        return _READ_WRITE
    if entry.place in {IDENTITY, ACCESS} or isinstance(entry.value, SecretSlot):
        return _READ_ONLY
    return _UNLESS_CHANGED if keep_user_changes else _OVERWRITTEN
