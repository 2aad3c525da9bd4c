"""Measurements, outside the test suite. `python -m bench` runs them all and writes RESULTS.md.

Every module here whose name does not start with an underscore is one measurement: it prints
Markdown, with a heading of its own, and can be run alone (`python -m bench.slots`). Figures of
one machine mean little; read the ratios, which come from A B A B rounds within one run.
"""
