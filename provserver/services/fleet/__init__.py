"""Tenants and their devices, as people enter, change and see them."""
