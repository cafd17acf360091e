"""What keeps a server sound over the years: keys, deletion, the audit trail, time."""
