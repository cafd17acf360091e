"""At the end of a run: how many detectors have been shown to fire and to keep quiet."""

from tests.monitor.coverage import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]
