"""Rules: plain values in, plain values out. Nothing here knows Flask, SQLAlchemy or the language model."""
