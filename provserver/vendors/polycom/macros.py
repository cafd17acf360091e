"""What a key does, as an enhanced feature key (EFK) says it: ``1002$Tinvite$``, ``$FMessages$``, or a URL."""

from __future__ import annotations

from provserver.domain.key import Key, KeyKind

# Kinds that dial or send their value. Actions: UC Software 5.8 guide, "Macro Actions". Parking by transfer: FreePBX.
_ACTIONS = {
    KeyKind.SPEED_DIAL: "invite",
    KeyKind.INTERCOM: "intercom",
    KeyKind.DTMF: "dtmf",
    KeyKind.PARK: "refer",
    KeyKind.RETRIEVE_PARK: "invite",
    KeyKind.PICKUP: "invite",
    KeyKind.GROUP_PICKUP: "invite",
    KeyKind.VOICEMAIL: "invite",
    KeyKind.FORWARD: "invite",
    KeyKind.TRANSFER: "refer",
    KeyKind.RECORD: "dtmf",
    KeyKind.PAGING: "invite",
}
# Kinds that the phone does itself: SIP 3.0.2 guide A-70, functions of keys.
_FUNCTIONS = {
    KeyKind.VOICEMAIL: "Messages",
    KeyKind.DND: "DoNotDisturb",
    KeyKind.CONFERENCE: "Conference",
    KeyKind.TRANSFER: "Transfer",
    KeyKind.HOLD: "Hold",
    KeyKind.LDAP: "Directories",
    KeyKind.DIRECTORY: "Directories",
    KeyKind.LOCAL_DIRECTORY: "Directories",
}
_PAGES = frozenset({KeyKind.URL, KeyKind.XML})
_MARKUP = frozenset("$!^")  # SIP 3.1 guide 4-43: delimiter, macro name, action string; there is no escape


def macro(key: Key) -> str | None:
    """The action string of *key*; None when these phones have none for it."""
    if not _MARKUP.isdisjoint(key.value):
        return None
    if key.value and key.kind in _PAGES:
        return key.value
    if key.value and key.kind in _ACTIONS:
        return f"{key.value}$T{_ACTIONS[key.kind]}$"
    function = _FUNCTIONS.get(key.kind)
    return f"$F{function}$" if function else None
