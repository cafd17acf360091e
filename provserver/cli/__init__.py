"""The command line: one module a command group, over the same services as everything else."""

from provserver.cli.commands import main

__all__ = ["main"]
