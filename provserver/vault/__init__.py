"""The vault: key files, sealed secrets and keyed tokens. Pure cryptography and files; it knows no store and no loop."""
