"""Benchmarks: how fast the server is, as ratios within one run. `make bench` runs them all."""
