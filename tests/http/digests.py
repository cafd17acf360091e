"""A phone's side of HTTP authentication, written from the standards and not from what the server does."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping

from tests.http.door import Door
from tests.http.wire import Reply

USER, LOGIN = "phone-1001", "login of the phone"
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def challenges(reply: Reply) -> list[dict[str, str]]:
    """What the answer asks for: the parameters of each challenge, and its scheme."""
    found = []
    for name, value in reply.headers:
        if name == "WWW-Authenticate":
            scheme, _, rest = value.partition(" ")
            parameters = {n: quoted or plain for n, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([\w-]+))', rest)}
            found.append({"scheme": scheme, **parameters})
    return found


def answered(
    challenge: Mapping[str, str],
    path: str,
    *,
    method: str = "GET",
    user: str = USER,
    password: str = LOGIN,
    count: int = 1,
    **changes: str,
) -> dict[str, str]:
    """The header that answers a Digest *challenge*; *changes* are put in after the digest has been made."""
    algorithm, client_nonce, nc = challenge["algorithm"], "0a4f113b", f"{count:08x}"

    def hashed(text: str) -> str:
        return _HASHES[algorithm](text.encode()).hexdigest()

    secret = hashed(f"{user}:{challenge['realm']}:{password}")
    request = hashed(f"{method}:{path}")
    response = hashed(f"{secret}:{challenge['nonce']}:{nc}:{client_nonce}:auth:{request}")
    parts = {
        "username": f'"{user}"',
        "realm": f'"{challenge["realm"]}"',
        "nonce": f'"{challenge["nonce"]}"',
        "uri": f'"{path}"',
        "algorithm": algorithm,
        "response": f'"{response}"',
        "qop": "auth",
        "nc": nc,
        "cnonce": f'"{client_nonce}"',
    } | changes
    return {"Authorization": "Digest " + ", ".join(f"{name}={value}" for name, value in parts.items())}


def basic(*, user: str = USER, password: str = LOGIN) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


async def logged_in(
    door: Door, path: str, *, user: str = USER, password: str = LOGIN, algorithm: int = 0, method: str = "GET"
) -> Reply:
    """Ask as a phone does: first without a login, then with the one that is asked for."""
    first = await door.ask(path, method=method)
    assert first.status == 401, first
    challenge = challenges(first)[algorithm]
    headers = answered(challenge, path, method=method, user=user, password=password)
    return await door.ask(path, method=method, headers=headers)
