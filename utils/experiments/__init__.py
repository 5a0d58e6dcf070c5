"""Measured comparisons, a module per lesson. Each takes a seed, trains in seconds, returns numbers."""
