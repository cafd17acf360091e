"""The ways out to other servers, on loopback."""
