"""Rules of this house, and the proof that whatever watches over them would notice."""
