"""Unify's cloud-setup: wants a customer's certificate, MACs with colons or dashes, and JSON of the wiki's form."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

from aiohttp import web

from tests.redirect.fakes import tls
from tests.redirect.fakes.rest import reply
from tests.redirect.fakes.service import OTHERS, FakeService, demand

_MAC = re.compile(r"[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}")


class CloudSetup(FakeService):
    path = "/api/devices"
    tls = tls.SERVER

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        assert request.transport is not None
        shown = request.transport.get_extra_info("peercert")
        demand(shown and (("commonName", "customer-1"),) in shown["subject"], "certificate", status=403)
        demand(request.path == self.path, "path", status=404)
        demand(request.headers.get("Content-Type") == "application/json", "content type", status=415)
        self.calls.append(request.method)
        asked = json.loads(body)
        if request.method == "PUT":
            return reply(self._prepare(asked))
        demand(request.method in ("POST", "DELETE"), "method", status=405)
        demand(isinstance(asked, list) and 1 <= len(asked) <= 100, "no list of up to 100")
        return reply([self._one(request.method, one) for one in asked])

    def _prepare(self, asked: dict[str, Any]) -> dict[str, Any]:
        demand(set(asked) == {"mac", "data"}, "other keys")
        mac, ill = self._mac(asked)
        if ill:
            return ill
        (item,) = asked["data"]
        demand(set(item) == {"name", "value"} and item["name"] == "bw-dms-addr", "item")
        if self.enter(mac, item["value"]):
            return {"mac": asked["mac"], "result": "ERROR", "reason": "device belongs to another provider"}
        return {"mac": asked["mac"], "result": "OK", "data": [{"name": item["name"], "result": "OK"}]}

    def _one(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        demand(set(asked) == {"mac"}, "other keys")
        mac, ill = self._mac(asked)
        owner, url = self.devices.get(mac, ("", ""))
        if ill:
            return ill
        if owner == OTHERS:
            return {"mac": asked["mac"], "result": "ERROR", "reason": "device belongs to another provider"}
        if not owner:
            return {"mac": asked["mac"], "result": "ERROR", "reason": "device not found"}
        if method == "DELETE":
            del self.devices[mac]
            return {"mac": asked["mac"], "result": "OK"}
        data = f'<Item name="bw-dms-addr">{escape(url)}</Item>\r\n<Item name="language-iso">de</Item>'
        return {"mac": asked["mac"], "result": "OK", "data": data}

    @staticmethod
    def _mac(asked: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
        text = asked.get("mac")
        if not isinstance(text, str) or not _MAC.fullmatch(text):
            return "", {"mac": text or "ERROR", "result": "ERROR", "reason": "invalid mac"}
        return re.sub("[:-]", "", text).lower(), None
