"""Makers without a release: an operator's folder of data and templates, checked and put beside the built-in makers."""
