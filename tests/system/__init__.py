"""Proofs about the whole: the real server in a process of its own, real files, and what becomes of both."""
