"""Polycom's ZTP: XML, credentials as attributes, the URL in the console's profile."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from aiohttp import web

from tests.redirect.fakes.service import OTHERS, FakeService, demand


class ZTP(FakeService):
    path = "/inboundservlet/GenericServlet"

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        demand(request.path == self.path and request.method == "POST", "path", status=404)
        demand(request.headers.get("Content-Type") == "text/xml", "content type", status=415)
        root = ET.fromstring(body)  # noqa: S314 - our own client's
        if (root.get("userid"), root.get("password")) != ("user", "pa55"):
            return _status("2", "Invalid userid or password")
        (call,) = root
        self.calls.append(call.tag)
        demand(call.get("account-id") == "profile-1" and root.get("message-id"), "profile")
        mac = call.findtext("device-params/deviceId") or ""
        demand(call.findtext("device-params/serialNo") == mac, "serial")
        if len(mac) != 12 or mac != mac.upper():
            return _status("14", "Invalid deviceId")
        known = self.devices.get(mac.lower(), ("",))[0]
        if known == OTHERS:
            return _status("13", "Device belongs to another account")
        if call.tag == "delete-sip-device":
            return (
                _status("0", "Success")
                if self.devices.pop(mac.lower(), None)
                else _status("15", "Device does not exist")
            )
        demand(call.tag == "add-sip-device" and call.findtext("sip-device-common-params/templateCriteria"), "call")
        if known:
            return _status("12", "Device already exists")
        self.enter(mac.lower(), "of the profile")
        return _status("0", "Success")


def _status(code: str, said: str) -> web.Response:
    text = f"<response><status><ErrorCode>{code}</ErrorCode><ErrorMessage>{said}</ErrorMessage></status></response>"
    return web.Response(text=text, content_type="text/xml")
