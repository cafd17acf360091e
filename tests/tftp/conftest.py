"""Data folders to serve from."""

from tests.http.conftest import blank, data

__all__ = ["blank", "data"]
