"""Tests of the vault: what it opens, and all that it must refuse to open."""
