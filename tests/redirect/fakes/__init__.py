"""Redirection services on loopback, as strict as the real ones are said to be; held to the recordings by a test."""
