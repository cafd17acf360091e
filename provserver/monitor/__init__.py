"""Who attacks us, decided from evidence: event → detector → alert → decision. It reads no clock and no store."""
