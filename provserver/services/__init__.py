"""The use cases: they own the transactions and know no HTTP."""
