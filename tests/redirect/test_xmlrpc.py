"""XML-RPC: what is sent is what services are known to take, and what comes back is read with care."""

from __future__ import annotations

from xmlrpc.client import Fault

import pytest

from provserver.errors import AccountRefused, ServiceUnreachable
from provserver.redirect.channel import Channel
from provserver.redirect.xmlrpc import XMLRPC, decode, encode
from tests.redirect.loopback import answer, loopback

ARRAY = "<methodResponse><params><param><value><array><data>{}</data></array></value></param></params></methodResponse>"
BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


def test_a_call_has_no_prolog_and_nothing_between_its_tags() -> None:
    assert encode("redirect.addMaterialServer", ["a=1", "b=<&>"]) == (
        b"<methodCall><methodName>redirect.addMaterialServer</methodName><params><param><value><array><data>"
        b"<value><string>a=1</string></value><value><string>b=&lt;&amp;&gt;</string></value>"
        b"</data></array></value></param></params></methodCall>"
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("<value><boolean>1</boolean></value><value><string>Ok</string></value>", [True, "Ok"]),
        ("<value><boolean>0</boolean></value><value>Error:x</value>", [False, "Error:x"]),
        ("<value><boolean> true </boolean></value>\n <value>\nOK\n</value>", [True, "\nOK\n"]),
        ("<value><boolean>false</boolean></value><value><![CDATA[a<b]]></value>", [False, "a<b"]),
    ],
)
def test_answers_of_all_dialects_are_read(values: str, expected: list[object]) -> None:
    assert decode(ARRAY.format(values).encode()) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad gateway</html>",
        b"<methodResponse><params><param><value><array><data>",
        b"<methodResponse><params/></methodResponse>",
        (BOMB + ARRAY.format("<value>&b;</value>")).encode(),
        ARRAY.format("<value><int>x</int></value>").encode(),
        b"\xff\xfe\x00",
        b"<methodResponse><params><param><value><dateTime.iso8601>" + b"9" * 99 + b"</dateTime.iso8601>",
    ],
)
def test_what_is_no_answer_is_none(body: bytes) -> None:
    with pytest.raises(ServiceUnreachable, match="answer"):
        decode(body)


def test_a_fault_is_the_services_own_word() -> None:
    fault = (
        b"<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>7</int></value></member>"
        b"<member><name>faultString</name><value>no</value></member></struct></value></fault></methodResponse>"
    )

    with pytest.raises(Fault, match="no"):
        decode(fault)


async def test_a_call_logs_in_and_reads_the_pair(channel: Channel) -> None:
    body = ARRAY.format("<value><boolean>0</boolean></value><value> Error:no </value>")
    async with loopback(answer(body)) as service:
        client = XMLRPC(channel, f"{service.url}/xmlrpc/", user="user", password="pa55")
        assert await client.pair("redirect.checkPhone", "AABBCC") == (False, "Error:no")

    (received,) = service.requests
    assert (received.method, received.target) == ("POST", "/xmlrpc/")
    assert received.headers["authorization"] == "Basic dXNlcjpwYTU1"
    assert received.headers["content-type"] == "text/xml"


async def test_who_is_not_let_in_is_told_apart_from_no_answer(channel: Channel) -> None:
    async with loopback(answer("no", status="401 Unauthorized")) as service:
        with pytest.raises(AccountRefused):
            await XMLRPC(channel, service.url, user="user", password="x").pair("redirect.checkPhone", "AABBCC")
    async with loopback(answer("no", status="404 Not Found")) as service:
        with pytest.raises(ServiceUnreachable):
            await XMLRPC(channel, service.url, user="user", password="x").pair("redirect.checkPhone", "AABBCC")
