"""Disaster-recovery drills: a plan as data, carried out step by step, measured from outside, and recorded."""
