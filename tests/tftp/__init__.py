"""Reading by TFTP: packets, one transfer, and the listener with clients of others."""
