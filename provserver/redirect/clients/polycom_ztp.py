"""
Polycom's Zero Touch Provisioning: XML over HTTPS.

Source: "Polycom Zero Touch Provisioning API" guide 3725-49022, one client (sheet polycom 9, H). The URL stands in the
profile of the console, which is named in each call; it is one for all devices. Newer portals (Poly ZT, Lens) have no
such call.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from provserver.errors import AccountRefused, ServiceUnreachable
from provserver.outbound.http import Request
from provserver.redirect.channel import Channel
from provserver.redirect.protocol import Access, OneByOne, Outcome, Result, Stamp, Wish, refused, spoken

_MESSAGE_ID = "1001"
_MODEL = "Polycom_UCS_Device"
_REFUSALS = (
    ("already exists", Outcome.ALREADY_OURS),
    ("another", Outcome.OWNED_BY_ANOTHER),
    ("not exist", Outcome.ABSENT),
    ("not found", Outcome.ABSENT),
    ("mac", Outcome.BAD_MAC),
    ("deviceid", Outcome.BAD_MAC),
)
_NOT_LET_IN = ("password", "credential", "userid", "authenticat", "unauthorized")


class PolycomZTP(OneByOne):
    """Polycom ZTP. What its errors are called is not documented: they are recognised by words (L)."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        del stamp  # nothing is signed
        self._channel = channel
        self._access = access

    async def enter(self, wish: Wish) -> Result:
        """Add one device to the account's profile."""
        profile = self._access.fields["profile"]
        call = Element("add-sip-device", {"account-id": profile})
        _device(call, wish)
        common = SubElement(call, "sip-device-common-params")
        SubElement(common, "templateCriteria").text = profile
        package = SubElement(call, "package-data")
        SubElement(package, "base-package-name").text = "default"
        SubElement(call, "vendor-extensions")
        return await self._do(Outcome.REGISTERED, call)

    async def remove(self, wish: Wish) -> Result:
        """Delete one device."""
        call = Element("delete-sip-device", {"account-id": self._access.fields["profile"]})
        _device(call, wish)
        return await self._do(Outcome.WITHDRAWN, call)

    async def _do(self, done: Outcome, call: Element) -> Result:
        envelope = Element(
            "request",
            {
                "userid": self._access.fields["user"],
                "password": self._access.secrets["password"].reveal(),
                "message-id": _MESSAGE_ID,
            },
        )
        envelope.append(call)
        request = Request(
            method="POST",
            url=self._access.endpoint,
            headers={"Content-Type": "text/xml"},
            body=tostring(envelope, encoding="utf-8", xml_declaration=False),
        )
        reply = await self._channel.send(lambda: request)
        reply.demand_ok()
        code, said = _status(reply.body)
        if code == "0":
            return Result(outcome=done, said=spoken(said))
        if any(word in said.lower() for word in _NOT_LET_IN):
            raise AccountRefused(spoken(f"{code} {said}"))
        return refused(f"{code} {said}", _REFUSALS)


def _device(call: Element, wish: Wish) -> None:
    parameters = SubElement(call, "device-params")
    for name, value in (
        ("deviceId", wish.mac.upper),
        ("serialNo", wish.mac.upper),  # Polycom's serial number is the MAC
        ("vendor", "Polycom"),
        ("vendorModel", _MODEL),
    ):
        SubElement(parameters, name).text = value


def _status(body: bytes) -> tuple[str, str]:
    """Code and message of a reply. Fail closed: a document type or an entity ends the reading."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ServiceUnreachable(f"its answer is no XML ({type(error).__name__})") from None
    status = root if root.tag == "status" else root.find(".//status")
    code = status.findtext("ErrorCode") if status is not None else None
    if status is None or code is None:
        raise ServiceUnreachable("its answer holds no status")
    return code.strip(), (status.findtext("ErrorMessage") or "").strip()
