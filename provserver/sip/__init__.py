"""As much SIP as provisioning needs: ask a phone to fetch again (`notify`), and answer phones that ask for a URL."""

from provserver.sip.resync import NotifyResult, Outcome, notify

__all__ = ["NotifyResult", "Outcome", "notify"]
