"""
TLS for services that want a certificate of each customer: one authority, its server, one customer; for one test run.

The server asks for a certificate and requires none in the handshake, so that it can say 403 as real ones do.
"""

from __future__ import annotations

import atexit
import ssl
from pathlib import Path
from tempfile import TemporaryDirectory

from provserver.outbound.identity import Identity
from provserver.secret import Secret
from tests.certificates import self_signed
from tests.pki import Authority, Certificate

_folder = TemporaryDirectory(prefix="provserver-fakes-")
atexit.register(_folder.cleanup)
AUTHORITY = Authority("Fake services")
SERVER, TRUST = self_signed(Path(_folder.name))  # the server's context, and the file by which it is trusted
SERVER.verify_mode = ssl.CERT_OPTIONAL
SERVER.load_verify_locations(cadata=AUTHORITY.root.pem.decode())


def pem(customer: Certificate) -> str:
    """Key and certificate in one text."""
    return customer.write(Path(_folder.name) / "customer.pem").read_text()


CUSTOMER = pem(AUTHORITY.sign(CN="customer-1"))
ANOTHER = pem(AUTHORITY.sign(CN="customer-2"))
STRANGER = pem(Authority("Somebody").sign(CN="customer-1"))


def trusting() -> ssl.SSLContext:
    """A client's context that believes the fakes."""
    return ssl.create_default_context(cafile=str(TRUST))


def visiting() -> ssl.SSLContext:
    """The same with the customer's certificate."""
    context = trusting()
    Identity(Secret(CUSTOMER), field="identity").load_into(context)
    return context
