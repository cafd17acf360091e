"""How the server speaks: one line an event on standard output, JSON for programs or columns for people."""

from provserver.log.output import RequestLine
from provserver.log.wiring import Log, configure

__all__ = ["Log", "RequestLine", "configure"]
