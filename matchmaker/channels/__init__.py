"""Ways of telling somebody something."""
