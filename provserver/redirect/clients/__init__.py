"""One module a redirection service: what is sent for each wish, and what each answer means."""
