"""Ways out to other people's servers: HTTP, mail, syslog. Limits, and whom to believe, are here and nowhere else."""
