"""Tests of provserver.sip."""
