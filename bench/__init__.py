"""Measurements of whole processes, as ratios: `make bench`. Never part of the tests."""
