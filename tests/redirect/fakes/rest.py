"""The services that speak JSON: Snom's and Gigaset's with Hawk, Yealink's two, Grandstream's two, ALE's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from typing import Any
from urllib.parse import parse_qsl

import mohawk
from aiohttp import web
from mohawk.exc import HawkFail

from tests.redirect.fakes.service import OTHERS, US, FakeService, Strict, demand

LOWER = re.compile(r"[0-9a-f]{12}")
START_S = 1_760_000_000  # of the tests' clock
PAGE = 20


def reply(value: Any = None, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:  # noqa: ANN401 - JSON
    return web.json_response(value, status=status, headers=headers)


class SRAPS(FakeService):
    """Checks Hawk with another library: the MAC, the body's hash, that no nonce comes twice."""

    path = "/api/v1/"
    setting = "setting_server"

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        self._check(request, body)
        where = request.path.removeprefix(self.path)
        self.calls.append(f"{request.method} {where}")
        if where == "tokens/id-1":
            return reply({"links": {"company": f"{self.url}{self.path}companies/c1/"}})
        if where == "companies/c1/":
            return reply({"links": {"endpoints": f"{self.url}{self.path}companies/c1/endpoints/"}})
        if where == "settings/":
            return self._page(request, [{"uuid": f"u{n}", "param_name": f"p{n}"} for n in range(30)], self._setting())
        demand(where.startswith("companies/c1/endpoints/"), "path", status=404)
        return await self._endpoint(request, where.removeprefix("companies/c1/endpoints/"), body)

    async def _endpoint(self, request: web.Request, mac: str, body: bytes) -> web.Response:  # noqa: PLR0911 - cases
        if not mac:
            return self._page(request, [self._row(mac) for mac in sorted(self.ours())])
        if not LOWER.fullmatch(mac):
            return reply({"detail": "invalid MAC address"}, status=400)
        owner = self.devices.get(mac, ("",))[0]
        if owner == OTHERS:
            return reply({"message": "User lacks permission to endpoint"}, status=403)
        if request.method == "PUT":
            value = json.loads(body)
            demand(
                set(value) == {"mac", "autoprovisioning_enabled", "settings_manager"}, "a full update resets the rest"
            )
            demand(value["mac"] == mac, "another mac in the body")
            self.enter(mac, value["settings_manager"]["wanted"]["value"])
            return reply(self._row(mac), status=200 if owner else 201)
        if not owner:
            return reply({"message": "not found"}, status=404)
        if request.method == "DELETE":
            del self.devices[mac]
            return web.Response(status=204)
        return reply(self._row(mac))

    def _check(self, request: web.Request, body: bytes) -> None:
        demand(not body or request.headers.get("Content-Type") == "application/json", "content type", status=415)
        try:
            receiver = mohawk.Receiver(
                lambda key_id: {"id": key_id, "key": "pa55", "algorithm": "sha256"},
                request.headers.get("Authorization", ""),
                f"{self.url}{request.raw_path}",
                request.method,
                content=body,
                content_type=request.headers.get("Content-Type", ""),
                seen_nonce=self._seen,
                timestamp_skew_in_seconds=10**9,  # the tests' clock stands still somewhere in the past
            )
        except HawkFail as error:
            raise Strict(f"hawk: {type(error).__name__}", status=401) from error
        demand(receiver.parsed_header["id"] == "id-1", "key", status=401)

    def _seen(self, _key: str, nonce: str, _timestamp: str) -> bool:
        seen = nonce in self.nonces
        self.nonces.add(nonce)
        return seen

    def _setting(self) -> dict[str, str]:
        return {"uuid": "wanted", "param_name": self.setting}

    def _row(self, mac: str) -> dict[str, Any]:
        return {"mac": mac, "settings_manager": {"wanted": {"value": self.devices[mac][1]}}}

    def _page(self, request: web.Request, rows: list[Any], last: Any = None) -> web.Response:  # noqa: ANN401 - JSON
        """Pages are smaller than asked for, so that everybody has to follow the links."""
        rows = rows if last is None else [*rows, last]
        page = int(request.query.get("page", "1"))
        shown = rows[(page - 1) * PAGE : page * PAGE]
        more = page * PAGE < len(rows)
        link = {"Link": f'<{self.url}{request.path}?page={page + 1}>; rel="next"'} if more else {}
        return reply(shown, headers=link)


class GRAPE(SRAPS):
    setting = "ProvisioningServer"


class YealinkOpen(FakeService):
    path = ""

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        self._check(request, body)
        where = request.path.removeprefix("/api/open/v1/device/")
        self.calls.append(where)
        if where == "checkMac":
            return self._done({"existed": request.query["mac"] in self.devices})
        value = json.loads(body)
        match where:
            case "add":
                (mac,) = value["macs"]
                if not LOWER.fullmatch(mac):
                    return self._refused("macs", "device.mac.invalid")
                if mac in self.devices:
                    return self._refused("macs", "device.mac.existed")
                self.enter(mac, value["uniqueServerUrl"])
            case "list":
                found = [self._row(mac) for mac in sorted(self.ours()) if value["key"] in mac]
                return self._done({"data": found[value["skip"] : value["skip"] + value["limit"]]})
            case "edit":
                self.enter(value["id"].removeprefix("d-"), value["uniqueServerUrl"])
            case "delete":
                if self.devices.pop(value["ids"][0].removeprefix("d-"), None) is None:
                    return self._refused("ids", "device.not.found")
            case _:
                raise Strict("path", status=404)
        return self._done(None)

    def _check(self, request: web.Request, body: bytes) -> None:
        headers = request.headers
        signed = {n: headers.get(n, "") for n in ("X-Ca-Key", "X-Ca-Nonce", "X-Ca-Timestamp")}
        demand(not (body and request.query_string), "a body and a query")
        if body:
            demand(headers.get("Content-Type") == "application/json;charset=UTF-8", "content type", status=415)
            signed["Content-MD5"] = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
            demand(headers.get("Content-MD5") == signed["Content-MD5"], "md5", status=401)
        text = f"{request.method}\n" + "".join(f"{n}:{signed[n]}\n" for n in sorted(signed)) + request.path[1:]
        if request.query_string:
            text += "\n" + "&".join(f"{n}={v}" for n, v in sorted(parse_qsl(request.query_string)))
        wanted = base64.b64encode(hmac.new(b"pa55", text.encode(), hashlib.sha256).digest()).decode()
        demand(headers.get("X-Ca-Signature") == wanted and signed["X-Ca-Key"] == "key-1", "signature", status=401)
        demand(signed["X-Ca-Nonce"] not in self.nonces, "nonce twice", status=401)
        self.nonces.add(signed["X-Ca-Nonce"])

    def _row(self, mac: str) -> dict[str, str]:
        return {"id": f"d-{mac}", "mac": mac.upper(), "uniqueServerUrl": self.devices[mac][1]}

    def _done(self, data: Any) -> web.Response:  # noqa: ANN401 - JSON
        return reply({"ret": 1, "data": data, "error": None})

    def _refused(self, field: str, said: str) -> web.Response:
        return reply(
            {"ret": -1, "data": None, "error": {"msg": "invalid", "fieldErrors": [{"field": field, "msg": said}]}}
        )


class YMCS(FakeService):
    path = ""

    def __init__(self) -> None:
        super().__init__()
        self.pins: dict[str, str] = {}

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        headers = request.headers
        demand(re.fullmatch(r"[0-9]{13}", headers.get("timestamp", "")), "timestamp")
        demand(re.fullmatch(r"[0-9a-f]{32}", headers.get("nonce", "")), "nonce")
        demand(headers["nonce"] not in self.nonces, "nonce twice", status=401)
        self.nonces.add(headers["nonce"])
        demand(headers.get("Content-Type") == "application/json", "content type", status=415)
        self.calls.append(request.path)
        value = json.loads(body) if body else None
        if request.path == "/v2/token":
            login = base64.b64encode(b"client-1:pa55").decode()
            if headers.get("Authorization") != f"Basic {login}" or value != {"grant_type": "client_credentials"}:
                return reply({"error": "invalid_client"}, status=401)
            return reply({"access_token": self.token, "token_type": "bearer", "expires_in": 3600})
        if headers.get("Authorization") != f"Bearer {self.token}":
            return reply({"code": "900401", "message": "not logged in"}, status=401)
        return self._api(request.path, value)

    def _api(self, path: str, value: Any) -> web.Response:  # noqa: ANN401 - JSON
        match path:
            case "/v2/rps/addDevicesByMac":
                demand(1 <= len(value) <= 100, "800006")
                return self._many([(d["mac"], self._add(d)) for d in value], "mac", "errorInfo")
            case "/v2/rps/devices":
                code = self._add(value)
                return reply({"code": code, "message": "no"}, status=400) if code else reply({"id": "d1"}, status=201)
            case "/v2/rps/delDevices":
                gone = [(mac, None if self.ours().get(mac) else "not found") for mac in value["deviceIds"]]
                for mac, said in gone:
                    if said is None:
                        del self.devices[mac]
                return self._many(gone, "field", "msg")
            case "/v2/rps/listDevices":
                wanted = value["filter"].get("mac", "")
                rows = [
                    {"id": f"d-{m}", "mac": m, "uniqueServerUrl": u}
                    for m, u in sorted(self.ours().items())
                    if wanted in m
                ]
                return reply({"data": rows[value["skip"] : value["skip"] + value["limit"]]})
            case "/v2/rps/listDevicePins":
                return reply([{"mac": mac, "pin": self.pins.get(mac)} for mac in value["macs"]])
        raise Strict("path", status=404)

    def _add(self, device: dict[str, str]) -> str | None:
        if not LOWER.fullmatch(device["mac"]):
            return "800001"
        owner = self.devices.get(device["mac"], ("",))[0]
        if owner:
            return "800003" if owner == US else "800004"
        self.enter(device["mac"], device["uniqueServerUrl"])
        return None

    def _many(self, results: list[tuple[str, str | None]], name: str, words: str) -> web.Response:
        errors = [{name: mac, "sn": "", words: said} for mac, said in results if said]
        counts = {"total": len(results), "successCount": len(results) - len(errors), "failureCount": len(errors)}
        return reply({**counts, "errors": errors})


class GDMS(FakeService):
    path = ""

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        self.calls.append(request.path)
        if request.path == "/oapi/oauth/token":
            demand(
                request.headers.get("Content-Type") == "application/x-www-form-urlencoded", "content type", status=415
            )
            digest = "b4e7094aab554d6d0147a546076f64a6cc8acddea3fbc09c00ca9e2e435b451a"  # of pa55, by openssl
            right = dict(parse_qsl(body.decode())) == {
                "grant_type": "password",
                "username": "user",
                "password": digest,
                "client_id": "client-1",
                "client_secret": "pa55",
            }
            return (
                reply({"access_token": self.token})
                if right
                else reply({"error_description": "Bad credentials"}, status=400)
            )
        query = request.query
        text = f"&access_token={self.token}&client_id=client-1&client_secret=pa55&timestamp={query.get('timestamp')}&"
        text += f"{hashlib.sha256(body).hexdigest()}&" if body else ""
        demand(query.get("signature") == hashlib.sha256(text.encode()).hexdigest(), "signature", status=401)
        if request.path.endswith("/site/list"):
            return reply({"retCode": 0, "data": {"result": [{"id": 7}]}})
        (device,) = json.loads(body)
        if not re.fullmatch(r"([0-9A-F]{2}:){5}[0-9A-F]{2}", device["mac"]):
            return reply({"retCode": 40004, "msg": "MAC format error"})
        demand(device["sn"] and device["siteId"] == "7", "serial and site")
        if device["sn"] == "SN-OF-ANOTHER":
            failed = [{"mac": device["mac"].replace(":", ""), "sn": device["sn"], "errorMsg": "30010"}]
            data = {"total": 1, "success": 0, "failure": 1, "errorDeviceList": failed}
            return reply({"retCode": 0, "msg": "", "data": data})
        if self.enter(device["mac"].replace(":", "").lower(), "of the site"):
            return reply({"retCode": 40001, "msg": "device belongs to other company"})
        return reply({"retCode": 0, "msg": "success"})


class GAPS(FakeService):
    path = "/api/provision"

    async def answer(self, request: web.Request, body: bytes) -> web.Response:  # noqa: PLR0911 - cases
        demand(request.path == self.path, "path", status=404)
        if request.method == "GET":
            return reply({"time": START_S})
        wanted = hmac.new(b"pa55", body + str(START_S).encode(), hashlib.sha1).hexdigest()
        if request.query.get("sig") != wanted or request.query.get("time") != str(START_S):
            return reply({"code": "1", "desc": "sig error"})
        value = json.loads(body)
        self.calls.append(value["method"])
        if value["method"] == "listProfile":
            return reply({"code": "0", "desc": "ok"})
        (mac,) = value["params"]["macs"]
        if not re.fullmatch(r"[0-9A-F]{12}", mac):
            return reply({"code": "8", "desc": "invalid mac"})
        if value["method"] == "unDeviceProvision":
            known = self.ours().get(mac.lower())
            self.devices.pop(mac.lower() if known else "", None)
            return reply({"code": "0", "desc": "ok"} if known else {"code": "9", "desc": "mac not found"})
        demand(value["method"] == "redirectDefault", "method")
        if self.enter(mac.lower(), "of the profile"):
            return reply({"code": "7", "desc": "device belongs to another customer"})
        return reply({"code": "0", "desc": "ok"})


class EDS(FakeService):
    path = "/api"

    def __init__(self) -> None:
        super().__init__()
        self._servers: list[str] = []
        self._profiles: list[int] = []

    async def answer(self, request: web.Request, body: bytes) -> web.Response:  # noqa: PLR0911 - cases
        where = request.path.removeprefix(self.path)
        self.calls.append(f"{request.method} {where}")
        if where == "/bp_user/generate/token":
            login = (request.headers.get("api_user_name"), request.headers.get("api_password"))
            right = login == ("user", "pa55")
            return reply(
                {"success": right, **({"data": {"token": self.token}} if right else {"message": "wrong password"})}
            )
        demand(request.headers.get("token") == self.token, "token", status=401)
        value = json.loads(body) if body else {}
        match request.method, where:
            case "POST", "/servers":
                self._servers.append(value["server_url"])
                return reply({"success": True, "data": {"server_id": len(self._servers)}})
            case "POST", "/profiles":
                self._profiles.append(value["server_id"])
                return reply({"success": True, "data": {"profile_id": len(self._profiles)}})
            case "POST", "/devices":
                (mac,) = (device["mac"] for device in value["macs"])
                if not LOWER.fullmatch(mac):
                    return reply({"success": False, "message": "invalid mac"})
                if mac in self.devices:
                    return reply({"success": False, "message": "device exists"})
                self.enter(mac, self._servers[self._profiles[value["profile_id"] - 1] - 1])
                return reply({"success": True, "data": None})
            case "GET", "/devices":
                return reply({"success": True, "data": [{"mac": mac, "device_id": mac} for mac in sorted(self.ours())]})
        demand(
            request.method == "DELETE" and self.devices.pop(where.removeprefix("/devices/"), None), "device", status=404
        )
        return reply({"success": True})
