"""The check for R: `sdc.R` gives R the functions of `sdc`, and this package answers them in a Python process beside it.

R and Python exchange columns as files of plain numbers, never as text that is parsed again: what R holds is what is
judged, to the last bit. The process lives as long as the R session does, and sees what that sees.
"""
