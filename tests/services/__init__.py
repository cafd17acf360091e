"""Tests of the use cases, on a real data directory with real keys."""
