"""The monitor at work in a server: what it is told, what is in force, and how that leaves."""
