"""Sealed Jupyter: where researchers' code meets microdata, and the only place where it does.

`isolation` builds and verifies the seal; `execution` runs notebooks and scripts inside it.
"""
