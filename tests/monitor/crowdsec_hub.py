"""
A CrowdSec hub for one test: the distribution's offline hub, ours beside it, and the templates that hubtest wants.

Everything that runs is in the folder; the local API of the agent that hubtest starts listens on a port of loopback.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROGRAM = shutil.which("cscli")
OFFLINE_HUB = Path("/usr/share/crowdsec/hub")  # of the Debian package
FOLDER = Path(__file__).parents[2] / "config" / "crowdsec"
NAME = "provserver"
_CONFIG = """\
common:
  daemonize: false
  log_media: stdout
  log_level: info
  working_dir: {runtime}
config_paths:
  config_dir: {runtime}
  data_dir: {runtime}/data
  simulation_path: {runtime}/simulation.yaml
  hub_dir: {runtime}/hub
  index_path: {runtime}/hub/.index.json
  notification_dir: {runtime}/notifications
  plugin_dir: {runtime}/plugins
crowdsec_service:
  parser_routines: 1
db_config:
  type: sqlite
  db_path: {runtime}/crowdsec.db
  use_wal: false
api:
  client:
    credentials_path: {runtime}/local_api_credentials.yaml
  server:
    listen_uri: 127.0.0.1:{port}
    profiles_path: {runtime}/profiles.yaml
prometheus:
  enabled: false
"""
_PROFILES = """\
name: default
filters:
  - Alert.Remediation == true
decisions:
  - type: ban
    duration: 4h
on_success: break
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """A hub in *folder*, in which our test can be run."""

    folder: Path

    @property
    def log(self) -> Path:
        """What the test feeds to the agent."""
        return self.folder / ".tests" / NAME / "provserver.log"

    def run(self) -> str:
        """Run our test: what hubtest says, "" when all assertions hold."""
        assert PROGRAM is not None
        command = [PROGRAM, "hubtest", "run", NAME, "--hub", str(self.folder), "--clean"]
        done = subprocess.run(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False
        )
        said = done.stdout + done.stderr
        passed = done.returncode == 0 and "successfully" in said and "\u274c" not in said
        return "" if passed else said


def make_hub(folder: Path) -> Hub:
    """Put a hub together in *folder*, which does not exist yet."""
    shutil.copytree(OFFLINE_HUB, folder)
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
    runtime = folder / ".tests" / NAME / "runtime"
    templates = {
        "config": _CONFIG.format(runtime=runtime, port=_free_port()),
        "profiles": _PROFILES,
        "simulation": "simulation: false\n",
        "acquis": "",
    }
    for name, text in templates.items():
        (folder / ".tests" / f"template_{name}.yaml").write_text(text, encoding="utf-8")
    return Hub(folder=folder)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
