"""sdcMicro, the reference for the risk of microdata, in a process of its own: the only place of R and rpy2.

R lives in no kernel and in no web process: rpy2 is not safe among threads, and a fault in R ends the process that
holds it. So a worker is started for a job, finds its frames in files, leaves its results in files and ends.
"""

from __future__ import annotations
