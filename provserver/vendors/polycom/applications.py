"""The phone's own small servers: pushed pages, questions for its state, the web page."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import At, Confidence, Entry, Parameter, Writer

_PUSH = "sheet polycom 5; UC Software web application guide; public modules for Asterisk and Perl"
_POLLING = "sheet polycom 5; UC Software web application guide; a published PowerShell module"
_ALL_PRIORITIES = "5"  # 0, the factory's, would take no page at all (public Asterisk module, M)


def _push_server(url: str, _at: At) -> Iterator[Entry]:
    yield Entry("apps.push.serverRootURL", url)
    yield Entry("apps.push.messageType", _ALL_PRIORITIES)


def _row(
    setting: str, write: str | Writer, *, section: str = "system", source: str, confidence: Confidence = "H"
) -> Parameter:
    return Parameter(setting=setting, write=write, section=section, source=source, confidence=confidence)


APPLICATIONS: tuple[Parameter, ...] = (
    _row("push.server_url", _push_server, source=_PUSH),
    _row("push.user", "apps.push.username", source=_PUSH),
    _row("push.password", "apps.push.password", section="secret", source=_PUSH),
    # With an address the phone sends its state there, which is its default (apps.statePolling.responseMode 1).
    _row("state_polling.url", "apps.statePolling.URL", source=_POLLING, confidence="M"),
    _row("state_polling.user", "apps.statePolling.username", source=_POLLING),
    _row("state_polling.password", "apps.statePolling.password", section="secret", source=_POLLING),
    Parameter(
        setting="web_https_only",
        write="httpd.cfg.secureTunnelRequired",
        values={True: "1", False: "0"},
        source="sheet polycom 5; a published provisioning server",
        confidence="H",
    ),
)
