"""Text and numbers only: words, encoders, scores, ranking, quoted reasons, and their measurement."""
