"""How requests to redirection services are signed: pure functions, each tested against vectors of somebody else."""
