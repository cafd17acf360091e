"""The composition root: the only place that knows all classes."""

from provserver.app.assembly import Services
from provserver.app.building import build, initialise, start_over
from provserver.app.pnp import answer_pnp
from provserver.app.serving import serve

__all__ = ["Services", "answer_pnp", "build", "initialise", "serve", "start_over"]
