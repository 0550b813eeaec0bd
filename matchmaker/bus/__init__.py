"""Messages in, deliveries out."""
