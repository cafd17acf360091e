"""What makers' services are told, and what they say."""
