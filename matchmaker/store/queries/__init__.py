"""Reads: one module per screen or report; each returns frozen rows, ordered."""
