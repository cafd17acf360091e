"""Data folders to serve from, and servers that start at once."""

from tests.http.conftest import blank, data
from tests.system.conftest import nursery

__all__ = ["blank", "data", "nursery"]
