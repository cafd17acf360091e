"""What make runs before there is an environment."""
