"""Fakes of makers' servers that configure phones themselves: strict about the same things, and they keep accounts."""

from __future__ import annotations

import hashlib
import re
from email import message_from_bytes
from typing import Any
from urllib.request import parse_http_list, parse_keqv_list

from aiohttp import web

from tests.redirect.fakes.rest import GDMS, YMCS, reply
from tests.redirect.fakes.service import US, FakeService, demand

MODELS = ("SIP-T54W", "SIP-T46U", "SIP-T31P")
ACCOUNT = {"registerName", "username", "password", "displayName", "label", "remark", "sipServer1"}


class YMCSHosting(YMCS):
    """
    *devices* holds the phones, *accounts* what they could register with, *bound* who has which.

    *refuses*: calls that are refused, by the end of their path. *loses*: those that are done and whose answer is lost,
    once each.
    """

    def __init__(self) -> None:
        super().__init__()
        self.accounts: dict[str, dict[str, Any]] = {}
        self.bound: dict[str, dict[str, int]] = {}  # MAC → account → line
        self.refuses: set[str] = set()
        self.loses: set[str] = set()
        self._made = 0

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        done = await super().answer(request, body)
        call = request.path.rpartition("/")[2]
        if call in self.loses and request.transport is not None:
            self.loses.remove(call)
            request.transport.abort()
        return done

    def lines(self, mac: str) -> dict[int, dict[str, Any]]:
        """What a phone would be told: line → account."""
        return {line: self.accounts[one] for one, line in sorted(self.bound.get(mac, {}).items())}

    def _api(self, path: str, value: Any) -> web.Response:  # noqa: ANN401, PLR0911 - JSON; cases
        call = path.rpartition("/")[2]
        if call in self.refuses:
            return reply({"code": "900400", "message": "invalid"}, status=400)
        match call:
            case "models":
                return reply([{"id": f"m-{name}", "name": name} for name in MODELS])
            case "deviceId":
                demand(value["deviceType"] == 1 and value["deviceIdType"] == "mac", "kind of id")
                return reply([{"key": mac, "deviceId": f"d-{mac}"} for mac in value["deviceIds"] if mac in self.ours()])
            case "devices" | "addDevicesByMac":
                return self._added(call, value)
            case "delDevices":
                demand(value["deviceType"] == 1, "device type")
                gone = [(one, self._drop(one.removeprefix("d-"))) for one in value["deviceIds"]]
                return self._many(gone, "field", "msg")
            case "listDevices":
                rows = [{"id": f"d-{mac}", "mac": mac} for mac in sorted(self.ours())]
                return reply({"data": rows[value["skip"] : value["skip"] + value["limit"]]})
        return self._of_accounts(path, call, value)

    def _added(self, call: str, value: Any) -> web.Response:  # noqa: ANN401 - JSON
        (device,) = value if isinstance(value, list) else [value]
        wanted = {"mac", "deviceType", "modelId", *(["sn"] if call == "devices" else [])}
        demand(set(device) == wanted and device["modelId"].removeprefix("m-") in MODELS, "device")
        code = self._add({**device, "uniqueServerUrl": ""})
        if call == "addDevicesByMac":
            return self._many([(device["mac"], code)], "mac", "errorInfo")
        return reply({"code": code, "message": "no"}, status=400) if code else reply({"id": "d1"}, status=201)

    def _drop(self, mac: str) -> str | None:
        if self.devices.get(mac, ("",))[0] != US:
            return "device.not.found"
        del self.devices[mac]
        demand(not self.bound.pop(mac, None), "accounts are bound")
        return None

    def _of_accounts(self, path: str, call: str, value: Any) -> web.Response:  # noqa: ANN401 - JSON
        found = re.fullmatch(r"/v2/dm/devices/d-([0-9a-f]{12})/\w+", path)
        mac = found[1] if found else ""
        match call:
            case "sipAccounts":
                demand(set(value) - {"sipServer2"} == ACCOUNT and value["password"], "account")
                demand(set(value["sipServer1"]) == {"host", "port"}, "server")
                self._made += 1
                self.accounts[f"a{self._made}"] = value
                return reply({"id": f"a{self._made}"}, status=201)
            case "listAccounts":
                rows = [{"id": one, "remark": account["remark"]} for one, account in self.accounts.items()]
                return reply({"data": rows[value["skip"] : value["skip"] + value["limit"]]})
            case "delAccounts":
                bound = {one for accounts in self.bound.values() for one in accounts}
                gone = [(one, "bound" if one in bound else None) for one in value["accountIds"]]
                for one, said in gone:
                    if said is None:
                        del self.accounts[one]
                return self._many(gone, "field", "msg")
            case "boundAccounts":
                rows = [{"accountId": one, "lineId": line} for one, line in self.bound.get(mac, {}).items()]
                return reply(rows)
            case "bindAccounts":
                demand(mac in self.ours(), "device", status=404)
                taken = self.bound.setdefault(mac, {})
                for one in value["accounts"]:
                    demand(one["accountType"] == 0 and one["accountId"] in self.accounts, "account")
                    demand(one["lineId"] not in taken.values(), "the line has an account")
                    taken[one["accountId"]] = one["lineId"]
                return reply({})
            case _:
                demand(call == "unbindAccounts", "path", status=404)
                for one in value["accountIds"]:
                    del self.bound[mac][one]
                return reply({})


class GDMSHosting(GDMS):
    """*files* is what each phone would be handed."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, str] = {}

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        if not request.path.endswith("/device/config/xml"):
            return await super().answer(request, body)
        self.calls.append(request.path)
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n"
        form = message_from_bytes(head.encode() + body)
        demand(form.get_content_type() == "multipart/form-data", "content type", status=415)
        parts = {
            str(p.get_param("name", header="content-disposition")): p.get_payload(decode=True) for p in form.walk()
        }
        mac, file = bytes(parts["mac"]), bytes(parts["xml"])
        signed = {
            "access_token": self.token,
            "client_id": "client-1",
            "client_secret": "pa55",
            "timestamp": request.query.get("timestamp"),
            "mac": mac.decode(),
            "xml": hashlib.md5(file, usedforsecurity=False).hexdigest(),
        }
        text = "&" + "&".join(f"{name}={value}" for name, value in sorted(signed.items())) + "&"
        demand(request.query.get("signature") == hashlib.sha256(text.encode()).hexdigest(), "signature", status=401)
        bare = mac.decode().replace(":", "").lower()
        if bare not in self.ours():
            return reply({"retCode": 40007, "msg": "no permission for the device"})
        demand(b"<gs_provision" in file, "file")
        self.files[bare] = file.decode()
        return reply({"retCode": 0, "msg": "", "data": ""})


class Stretto(FakeService):
    """
    Checks Digest, and that no answer comes twice. *users* by MAC: what they were given.

    *refuses*: calls that are refused, by their paths.
    """

    path = ""

    def __init__(self) -> None:
        super().__init__()
        self.users: dict[str, dict[str, str]] = {}
        self.refuses: set[str] = set()
        self._counts: set[str] = set()

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        if not self._is_let_in(request):
            challenge = f'Digest realm="stretto", nonce="{self.token}", qop="auth", algorithm=MD5'
            return web.Response(status=401, headers={"WWW-Authenticate": challenge})
        demand(not body, "a body")
        call = request.path.removeprefix("/stretto/prov/")
        self.calls.append(f"{request.method} {call}")
        query = dict(request.query)
        demand(query.pop("groupName", "") == "group-1", "group", status=404)
        if f"{request.method} {call}" in self.refuses:
            return _said("not possible")
        if call == "usergroup":
            return web.Response(text='<CcsUserGroupList><CcsUserGroup groupName="group-1"/></CcsUserGroupList>')
        demand(request.method != "POST" or query.pop("method", "") == "POST", "method")
        name = query.pop("userName", "")
        return self._of_users(request.method, call, name, query)

    def _of_users(self, method: str, call: str, name: str, query: dict[str, str]) -> web.Response:
        mac, _, group = name.partition("@")
        ours = self.ours()
        if method == "GET":
            shown = [mac] if name else sorted(ours)
            users = "".join(f'<CcsUser userName="{one}@group-1" groupName="group-1"/>' for one in shown if one in ours)
            return web.Response(text=f"<CcsUserList>{users}</CcsUserList>")
        if not re.fullmatch(r"[0-9a-f]{12}", mac) or group != "group-1":
            return _said("invalid userName")
        if call == "user/attribute":
            demand(method == "POST" and mac in ours, "user")
            self.users[mac][query["attributeName"]] = query["attributeValue"]
        elif method == "DELETE":
            demand(mac in ours and not query, "user")
            del self.devices[mac], self.users[mac]
        else:
            demand(set(query) == {"password", "profileName"} and query["profileName"] == "profile-1", "user")
            demand((mac in ours) == (method == "PUT"), "made twice, or not at all")
            if self.enter(mac, ""):
                return _said("user already exists")
            self.users[mac] = query
        return _said("")

    def _is_let_in(self, request: web.Request) -> bool:
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        given = parse_keqv_list(parse_http_list(rest)) if scheme == "Digest" else {}
        if given.get("nonce") != self.token or given.get("uri") != request.raw_path:
            return False
        count = given["nc"] + given["cnonce"]
        demand(count not in self._counts, "an answer twice", status=401)
        self._counts.add(count)
        secret, asked = _md5("user:stretto:pa55"), _md5(f"{request.method}:{request.raw_path}")
        wanted = _md5(f"{secret}:{self.token}:{given['nc']}:{given['cnonce']}:auth:{asked}")
        return given["username"] == "user" and given["response"] == wanted


def _said(text: str) -> web.Response:
    return web.Response(text=f"<CcsResponse>{text}</CcsResponse>", content_type="text/xml")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
