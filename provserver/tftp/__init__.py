"""Reading by TFTP, for phones that know nothing better: packets, one transfer, the listener."""
