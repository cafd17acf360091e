"""The composition root: the only place that knows all classes."""

from provserver.app.building import Services, build, initialise
from provserver.app.pnp import answer_pnp
from provserver.app.serving import serve

__all__ = ["Services", "answer_pnp", "build", "initialise", "serve"]
