"""Measurements of what the check costs, as ratios within one run: ``make bench`` or ``python -m benchmarks``.

Seconds of one machine say nothing on another, so every figure stands beside a baseline that was measured in turn with
it, on the same file. Nothing here is a test: no figure makes a command fail.
"""
