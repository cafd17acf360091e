"""The services that speak XML-RPC: Yealink's, Htek's, Snom's and Gigaset's old ones, Fanvil's, Panasonic's."""

from __future__ import annotations

import base64
import re
from typing import Any
from xmlrpc.client import Fault, dumps, loads

from aiohttp import web

from tests.redirect.fakes.service import OTHERS, US, FakeService, demand

DASHES = re.compile(r"([0-9A-F]{2}-){5}[0-9A-F]{2}")
BARE_UPPER = re.compile(r"[0-9A-F]{12}")
BARE = re.compile(r"[0-9A-Fa-f]{12}")
URL = re.compile(r"(https?|ftp|tftp)://\S+")
Pair = list[Any]


class XMLRPCService(FakeService):
    """*methods* maps names to our methods; each takes the call's parameters."""

    password = "pa55"
    mac_format = BARE_UPPER
    prefix: str | None = "some"  # what stands before a method's name, and a point; None: nothing
    typed = True  # whether texts stand in <string>

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        login = base64.b64encode(f"user:{self.password}".encode()).decode()
        demand(request.headers.get("Authorization") == f"Basic {login}", "login", status=401)
        demand(request.headers.get("Content-Type") == "text/xml", "content type", status=415)
        demand(request.method == "POST" and request.path == self.path, "path", status=404)
        parameters, method = loads(body)
        self.calls.append(str(method))
        called = str(method) if self.prefix is None else str(method).partition(".")[2]
        call = getattr(self, called, None)
        demand(call is not None and called[:1].isalpha(), f"no method {method}")
        try:
            value = (await call(*parameters),) if call else ()
            text = dumps(value, methodresponse=True)
        except Fault as fault:
            text = dumps(fault, methodresponse=True)
        if not self.typed:
            text = text.replace("<string>", "").replace("</string>", "")
        return web.Response(text=text, content_type="text/xml")

    def mac(self, text: str) -> str | None:
        """The MAC in the one notation that the service takes."""
        return text.replace("-", "").lower() if self.mac_format.fullmatch(text) else None


class YealinkRPS(XMLRPCService):
    path = "/xmlrpc"
    mac_format = DASHES
    typed = False

    async def registerDeviceWithUniqueUrl(self, mac: str, server: str, url: str, override: str) -> Pair:  # noqa: N802 - theirs
        demand(1 <= len(server) <= 20 and override in "01", "arguments")
        known = self.mac(mac)
        if known is None:
            return [False, f"Error:Invalid MAC(s):{mac}"]
        if not URL.fullmatch(url):
            return [False, "Error:The url can only begin with 'http://' or 'https://' or 'ftp://' or 'tftp://'"]
        if override == "0" and known in self.devices:
            return [False, f"Existing MAC(s): {known}"]
        return [False, f"Error:a1b2c3d4e5 {known}"] if self.enter(known, url) else [True, "OK"]

    async def deRegisterDevice(self, mac: str) -> Pair:  # noqa: N802 - theirs
        known = self.mac(mac) or ""
        if self.devices.get(known, ("",))[0] == OTHERS:
            return [False, "Registered Elsewhere"]
        return [True, "OK"] if self.devices.pop(known, None) else [False, "Error:Unregistered"]

    async def checkDevice(self, mac: str) -> Pair:  # noqa: N802 - theirs
        known = self.mac(mac)
        if known is None:
            return [False, "Error:Invalid MAC"]
        owner = self.devices.get(known, ("",))[0]
        return [True, {US: "Registered", OTHERS: "Registered Elsewhere"}.get(owner, "Unregistered")]


class HtekRPS(YealinkRPS):
    path = "/index.php/xmlrpc"
    mac_format = BARE

    async def registerDevice(self, mac: str, server: str, override: str) -> Pair:  # noqa: N802 - theirs
        if server != "server-1":
            return [False, "Error: Invalid server"]
        known = self.mac(mac)
        if known is None:
            return [False, "Invalid MAC(s)"]
        if self.enter(known, "of server-1"):
            return [False, "Are you sure you want to override MAC addresses?"]
        return [True, "OK"] if override else [False, f"Existing MAC(s): {known}"]


class SnomXMLRPC(XMLRPCService):
    path = "/xmlrpc/"

    async def registerPhone(self, mac: str, url: str) -> Pair:  # noqa: N802 - theirs
        known = self.mac(mac)
        if known is None:
            return [False, "Error:malformed_mac"]
        if not URL.fullmatch(url):
            return [False, "Error:malformed_url"]
        return [False, "Error:owned_by_other_user"] if self.enter(known, url) else [True, "Ok"]

    async def deregisterPhone(self, mac: str) -> Pair:  # noqa: N802 - theirs
        return await self._of(mac, take=True)

    async def getPhoneRedirection(self, mac: str) -> Pair:  # noqa: N802 - theirs
        return await self._of(mac, take=False)

    async def echo(self, word: str) -> str:
        return word

    async def _of(self, mac: str, *, take: bool) -> Pair:
        known = self.mac(mac)
        if known is None:
            return [False, "Error:malformed_mac"]
        if known not in self.devices:
            return [False, "Error:no_such_mac"]
        owner, url = self.devices[known]
        if owner != US:
            return [False, "Error:owned_by_other_user"]
        if take:
            del self.devices[known]
            return [True, "Ok"]
        return [True, "Example Ltd", url]


class GigasetXMLRPC(XMLRPCService):
    path = "/apxml/rpc.do"
    mac_format = re.compile(r"[0-9A-F]{12}(-[A-Z0-9]{4})?")
    typed = False

    def mac(self, text: str) -> str | None:
        return text[:12].lower() if self.mac_format.fullmatch(text) else None

    async def checkDevice(self, mac: str) -> Pair:  # noqa: N802 - theirs
        owner = self.devices.get(self.mac(mac) or "", ("",))[0]
        return {US: [True, "ok"], OTHERS: [False, f"mac_already_in_use:{mac}"]}.get(
            owner, [False, f"mac_not_found:{mac}"]
        )

    async def registerDevice(self, mac: str, url: str, profile: str) -> Pair:  # noqa: N802 - theirs
        known = self.mac(mac)
        if known is None:
            return [False, f"mac_invalid:{mac}"]
        if not profile:
            return [False, f"name_invalid:{profile}"]
        if not URL.fullmatch(url):
            return [False, f"url_invalid:{url}"]
        if known in self.devices:
            return [False, f"mac_already_in_use:{mac[:12]}"]
        self.enter(known, url)
        return [True, "ok"]

    async def deregisterDevice(self, mac: str) -> Pair:  # noqa: N802 - theirs
        known = self.mac(mac) or ""
        if self.devices.get(known, ("",))[0] == OTHERS:
            return [False, f"mac_already_in_use:{mac[:12]}"]
        return [True, "ok"] if self.devices.pop(known, None) else [False, f"mac_not_found:{mac[:12]}"]


class FanvilFDPS(XMLRPCService):
    """Refuses to delete a server while a device is registered to it, and devices without a server."""

    path = "/xmlrpc.php"
    password = "59e4e0249520b75874f81f308cab2b21"  # MD5 of the MD5 of pa55, by openssl

    def __init__(self) -> None:
        super().__init__()
        self.servers: dict[str, str] = {}

    async def listServers(self) -> Pair:  # noqa: N802 - theirs
        return [True, "[]"]

    async def deleteServer(self, name: str) -> Pair:  # noqa: N802 - theirs
        if self.devices.get(name.lower(), ("",))[0] == US:
            return [False, "Error:server_in_use"]
        return [True, "OK"] if self.servers.pop(name, None) else [False, "Error:server_not_exist"]

    async def addMaterialServer(self, lines: list[str]) -> Pair:  # noqa: N802 - theirs
        facts = dict(line.split("=", 1) for line in lines)
        names = ["cfgName", "cfgPfMode", "cfgDhcpOpt", "cfgPnpEnable", "cfgPfSrv", "cfgPfName", "cfgPfProt"]
        demand([line.split("=", 1)[0] for line in lines] == names, "order of the server's facts")
        if (
            facts["cfgPfName"].startswith("/")
            or facts["cfgPfProt"] not in {"1", "2", "4", "5"}
            or not facts["cfgPfSrv"]
        ):
            return [False, "Error: url_format_error"]
        scheme = {"4": "http", "5": "https"}[facts["cfgPfProt"]]
        self.servers[facts["cfgName"]] = f"{scheme}://{facts['cfgPfSrv']}/{facts['cfgPfName']}"
        return [True, "OK"]

    async def deRegisterDevice(self, mac: str) -> Pair:  # noqa: N802 - theirs
        known = self.mac(mac)
        if known is None:
            return [False, "Error: mac_format_error"]
        if self.devices.get(known, ("",))[0] != US:
            return [False, "Error:device_not_exist"]
        del self.devices[known]
        return [True, "OK"]

    async def registerDevice(self, mac: str, group: str) -> Pair:  # noqa: N802 - theirs
        known = self.mac(mac)
        if known is None:
            return [False, "Error: mac_format_error"]
        if group not in self.servers:
            return [False, "Error:server_not_exist"]
        if known in self.devices:
            return [False, "Error: device_had_existed"]
        self.enter(known, self.servers[group])
        return [True, "OK"]


class Panasonic(XMLRPCService):
    path = "/redirect/xmlrpc"

    async def registerPhone(self, mac: str, url: str) -> bool:  # noqa: N802 - theirs
        known = self._checked(mac)
        if not URL.fullmatch(url):
            raise Fault(100, "bad URL")
        if self.enter(known, url):
            raise Fault(202, "other owner")
        return True

    async def unregisterPhone(self, mac: str) -> bool:  # noqa: N802 - theirs
        known = self._checked(mac)
        if known not in self.devices:
            raise Fault(201, "unknown")
        if self.devices[known][0] != US:
            raise Fault(202, "other owner")
        del self.devices[known]
        return True

    async def checkPhones(self, mac: str) -> list[dict[str, int]]:  # noqa: N802 - theirs
        owner = self.devices.get(self._checked(mac), ("",))[0]
        return [{"faultCode": {US: 0, OTHERS: 202}.get(owner, 201)}]

    def _checked(self, mac: str) -> str:
        known = self.mac(mac)
        if known is None:
            raise Fault(200, "bad MAC")
        return known


class Auerswald(XMLRPCService):
    """Its methods have no prefix."""

    path = "/xmlrpc/"
    mac_format = re.compile(r"[0-9a-f]{12}")
    prefix = None

    async def DeviceInfo(self, mac: str) -> Any:  # noqa: ANN401, N802 - theirs
        known = self.mac(mac) or ""
        return {"mac": known} if known in self.devices else False

    async def DeviceRegister(self, mac: str, url: str) -> bool:  # noqa: N802 - theirs
        known = self.mac(mac)
        if known is None:
            raise Fault(1, "invalid MAC address")
        demand(URL.fullmatch(url), "url")
        return self.enter(known, url) is None

    async def DeviceDeregister(self, mac: str) -> bool:  # noqa: N802 - theirs
        known = self.mac(mac) or ""
        if self.devices.get(known, ("",))[0] != US:
            return False
        del self.devices[known]
        return True
