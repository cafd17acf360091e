"""Makers' redirection services: which there are, how each is spoken to, and what its answers mean. No SQL in here."""
