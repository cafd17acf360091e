"""Phones that Hanlong builds, under whatever name they are sold: one table of numbered parameters, one XML format."""
