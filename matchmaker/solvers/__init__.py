"""Exact solvers over the plain questions of `matchmaker.domain`; they know neither database nor web."""
