"""
`Logins`: asking for HTTP authentication, and whether a login is the device's own.

The password is the device's own `provisioning_password`, opened only to check; one that devices share proves no device.
Asking and checking tell nothing about devices: a challenge depends on the request's own words only, and a login for a
device that is not there, or has none, takes the same look-ups and the same hashing as one that is wrong.
"""

from __future__ import annotations

import secrets as random_source
from collections.abc import Callable, Sequence

from provserver.domain.authorization import BasicClaim, DigestClaim, read, read_form
from provserver.domain.device import device_owner
from provserver.domain.identity import AuthScheme
from provserver.domain.request import ProvRequest
from provserver.domain.resolve import LOGIN_PASSWORD, PREVIOUS_LOGIN_PASSWORD
from provserver.errors import VaultError
from provserver.identify import Agent, Asked, Catalogue
from provserver.release import Login
from provserver.services.records import Record, Records, Whole
from provserver.services.secrets import Secrets
from provserver.vault.nonces import Nonces

_USER_SETTING = "provisioning_user"
_NOBODY = "nobody"  # no device's id, which has 32 digits
_BASIC_ONLY = frozenset({AuthScheme.BASIC})


class Logins:
    """Asks for logins and checks them. *counted* is told the maker ("": not known) and what became of each."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        records: Records,
        secrets: Secrets,
        nonces: Nonces,
        realm: str,
        algorithms: Sequence[str],
        counted: Callable[[str, str], None],
    ) -> None:
        self._catalogue = catalogue
        self._records = records
        self._secrets = secrets
        self._nonces = nonces
        self._realm = realm
        self._algorithms = tuple(algorithms)
        self._counted = counted
        self._dummy = random_source.token_hex()  # what is compared where there is nothing to compare with

    def challenge(self, request: ProvRequest, agent: Agent | None, login: Login | None) -> str:
        """
        Header lines that ask for a login: Digest, or Basic from who says he is a phone that knows nothing else.

        Basic only over TLS that deserves the name: it shows the password to whoever listens.
        """
        vendor = self._catalogue.vendors.get(agent.vendor) if agent else None
        if vendor is not None and vendor.login and vendor.login.schemes == _BASIC_ONLY and _is_private(request):
            return f'WWW-Authenticate: Basic realm="{self._realm}", charset="UTF-8"\r\n'
        nonce = self._nonces.make()
        stale = ", stale=true" if login is Login.STALE else ""
        return "".join(
            f'WWW-Authenticate: Digest realm="{self._realm}", qop="auth", algorithm={algorithm}, '
            f'nonce="{nonce}"{stale}\r\n'
            for algorithm in self._algorithms
        )

    async def check(
        self, request: ProvRequest, asked: Asked, agent: Agent | None, *, again: bool
    ) -> tuple[Record | None, Login]:
        """
        Find the device that *request* is for, and say whether the login in it is that device's own.

        A path without a MAC (a file for all phones of a model) is the device's that the User-Agent names: a claim, but
        the login has to fit it. *again*: it has been checked before, for the same request. Raises StorageError.
        """
        if asked.mac is None and agent is not None:
            asked = asked._replace(mac=agent.mac)
        cached = self._records.cached(asked)
        was_whole = cached is not None and cached.whole is not None
        record = cached or await self._records.look_up(asked, None)
        # The details of nobody are asked for as well, so that a device that is not there costs no less.
        whole = await self._records.complete(record) if record else None
        if whole is None:
            await self._records.reader.details(_NOBODY)
        login = self._judge(request, asked, record, whole, again=again)
        if login is not Login.RIGHT:  # who is refused has cost the same look-ups, whatever is in the cache
            if cached is not None:
                await self._records.spend_look_up(asked)
            if was_whole:
                await self._records.reader.details(_NOBODY)
        self._counted(record.access.device.vendor if record else "", login)
        return record, login

    def _judge(
        self, request: ProvRequest, asked: Asked, record: Record | None, whole: Whole | None, *, again: bool
    ) -> Login:
        form = self._catalogue.login_form(asked) if request.form else None
        claim = read_form(request.form, form) if form is not None else read(request.authorization)
        user, passwords = self._expected(record, whole)
        schemes = self._schemes(record)
        if isinstance(claim, DigestClaim):
            if not self._nonces.is_fresh(claim.nonce):
                return Login.STALE  # found out from the header alone: says nothing about the device
            fits = [claim.fits(user=user, password=password, method=request.method) for password in passwords]
            allowed = AuthScheme.DIGEST in schemes and claim.algorithm in self._algorithms
            target = f"{request.path}?{request.query}" if request.query else request.path
            if not any(fits) or not allowed or claim.realm != self._realm or not claim.is_for(target):
                return Login.WRONG
            if not again and not self._nonces.use(claim.nonce, int(claim.count, 16)):
                return Login.STALE
            return Login.RIGHT
        if isinstance(claim, BasicClaim):
            fits = [claim.fits(user=user, password=password) for password in passwords]
            # Fail closed: a phone that knows Digest has no reason to show its password; who makes it may be in between.
            expected = schemes == _BASIC_ONLY if form is None else AuthScheme.FORM in schemes
            allowed = expected and _is_private(request)
            return Login.RIGHT if any(fits) and allowed else Login.WRONG
        return Login.WRONG

    def _schemes(self, record: Record | None) -> frozenset[AuthScheme]:
        vendor = self._catalogue.vendors[record.access.device.vendor] if record else None
        return vendor.login.schemes if vendor and vendor.login else frozenset()

    def _expected(self, record: Record | None, whole: Whole | None) -> tuple[str, tuple[str, str]]:
        """The name and the two passwords that are right; what nobody knows in place of what is not there."""
        user = whole.view.settings.get(_USER_SETTING) if whole else None
        if record is None or whole is None or not isinstance(user, str) or not user:
            return self._dummy, (self._dummy, self._dummy)
        owner = device_owner(record.access.device.id)
        return user, (self._opened(whole, owner, LOGIN_PASSWORD), self._opened(whole, owner, PREVIOUS_LOGIN_PASSWORD))

    def _opened(self, whole: Whole, owner: str, field: str) -> str:
        credential = whole.credentials.get(field)
        if credential is None or credential.owner != owner:  # fail closed: who has a shared one may be any of many
            return self._dummy
        try:
            return self._secrets.open(whole.envelopes[field]).reveal()
        except VaultError:  # fail closed, and counted: what does not open fits nothing, and nobody is told
            return self._dummy


def _is_private(request: ProvRequest) -> bool:
    """Whether the phone speaks TLS of today, with us or as a trusted proxy says; not told is not private."""
    return request.tls_version is not None and not request.legacy
