"""What becomes of a request: from its path to what is recorded when the answer has arrived."""
