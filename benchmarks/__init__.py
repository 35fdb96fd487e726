"""Measurements of the whole bot beside others of its kind: `python3 run.py bench`. Never part of the tests."""
