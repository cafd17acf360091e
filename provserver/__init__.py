"""The provisioning server for desk phones and their kin."""

__version__ = "0.1.0"
