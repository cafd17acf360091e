"""The import contracts of pyproject.toml break when a module reaches where it must not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = (
    sys.executable,
    "-c",
    "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())",
)
# A small house with every room that the contracts name, and each foreign package used by the room that may.
HOUSE = {
    "provserver/__init__.py": "",
    "provserver/ciphers/__init__.py": "",
    "provserver/ciphers/openssl.py": "import cryptography\n",
    "provserver/app.py": "import provserver.http\nimport provserver.jobs\n",
    "provserver/cli/__init__.py": "import provserver.app\n",
    "provserver/cli/device_qr.py": "import segno\n",
    "provserver/clock.py": "",
    "provserver/domain/__init__.py": "import provserver.errors\n",
    "provserver/errors.py": "",
    "provserver/http/__init__.py": "",
    "provserver/http/site.py": "import aiohttp\n",
    "provserver/identify.py": "",
    "provserver/outbound/__init__.py": "",
    "provserver/outbound/http.py": "import aiohttp\n",
    "provserver/outbound/mail.py": "import aiosmtplib\n",
    "provserver/jobs.py": "import provserver.services\n",
    "provserver/redirect/__init__.py": "",
    "provserver/redirect/clients.py": "import provserver.outbound.http\n",
    "provserver/release.py": "",
    "provserver/render.py": "import jinja2\n",
    "provserver/secret.py": "",
    "provserver/services/__init__.py": "",
    "provserver/services/filestore/__init__.py": "",
    "provserver/services/fleet/__init__.py": "",
    "provserver/services/monitoring/__init__.py": "",
    "provserver/services/redirection/__init__.py": "",
    "provserver/services/requests/__init__.py": "",
    "provserver/services/context.py": "",
    "provserver/services/upkeep/__init__.py": "",
    "provserver/simulate.py": "import aiohttp\n",
    "provserver/storage/__init__.py": "",
    "provserver/storage/tables.py": "import aiosqlite, alembic, sqlalchemy\n",
    "provserver/vault/__init__.py": "",
    "provserver/vault/ring.py": "import cryptography\n",
    "provserver/whereabouts.py": "import maxminddb\n",
    "provserver/vendors/__init__.py": "",
    "provserver/vendors/snom.py": "import provserver.domain\n",
    "provserver/vendors/yealink.py": "import provserver.domain\n",
}


def lint_imports(house: Path, changes: dict[str, str]) -> tuple[int, str]:
    """Build the small house in *house* with *changes*; give the exit status and the words of the contracts."""
    for path, text in (HOUSE | changes).items():
        (house / path).parent.mkdir(parents=True, exist_ok=True)
        (house / path).write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "pyproject.toml", house)
    done = subprocess.run(
        [*LINT_IMPORTS, "--no-cache"], cwd=house, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def test_the_small_house_keeps_every_contract(tmp_path: Path) -> None:
    status, words = lint_imports(tmp_path, {})

    assert status == 0, words
    assert "0 broken" in words


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"provserver/domain/line.py": "import provserver.storage\n"}, "layers"),
        ({"provserver/services/fleet/devices.py": "import provserver.http\n"}, "layers"),
        ({"provserver/release.py": "import provserver.identify\n"}, "layers"),
        ({"provserver/services/requests/answers.py": "import provserver.services.fleet\n"}, "services"),
        ({"provserver/services/fleet/devices.py": "import provserver.services.upkeep\n"}, "services"),
        ({"provserver/services/attic.py": ""}, "services"),
        ({"provserver/telnet.py": ""}, "layers"),
        ({"provserver/vendors/snom.py": "import provserver.vendors.yealink\n"}, "makers"),
        ({"provserver/services/redirection/calls.py": "import aiohttp\n"}, "aiohttp"),
        ({"provserver/redirect/clients.py": "import aiohttp\n"}, "aiohttp"),
        ({"provserver/outbound/http.py": "import aiohttp, provserver.redirect\n"}, "layers"),
        ({"provserver/services/monitoring/holders.py": "import maxminddb\n"}, "maxminddb"),
        ({"provserver/services/monitoring/letters.py": "import aiosmtplib\n"}, "aiosmtplib"),
        ({"provserver/redirect/queue.py": "import provserver.storage.tables\n"}, "layers"),
        ({"provserver/services/fleet/rows.py": "from sqlalchemy import select\n"}, "SQL"),
        ({"provserver/services/fleet/seal.py": "from cryptography import x509\n"}, "cryptography"),
        ({"provserver/vendors/snom.py": "from cryptography import x509\n"}, "cryptography"),
        ({"provserver/ciphers/openssl.py": "import cryptography, provserver.vendors\n"}, "layers"),
        ({"provserver/services/requests/page.py": "import jinja2\n"}, "jinja2"),
        ({"provserver/services/fleet/code.py": "import segno\n"}, "segno"),
    ],
)
def test_a_contract_breaks(tmp_path: Path, changes: dict[str, str], broken: str) -> None:
    status, words = lint_imports(tmp_path, changes)

    verdicts = [line for line in words.splitlines() if line.endswith("BROKEN")]
    assert status == 1, words
    assert [line.split(":")[0].split()[0] for line in verdicts] == [broken]
