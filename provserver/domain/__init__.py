"""Values and rules of the field: no I/O, no third party."""
