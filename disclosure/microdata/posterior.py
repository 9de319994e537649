"""The posterior mean of 1/Fk given fk, to full precision for every fk.

With a negative binomial population frequency and sampling fraction p it is p^f/f 2F1(f, f; f+1; 1-p), whose textbook
sums alternate in sign and lose every digit for larger f. Euler's transformation turns it into
p/f 2F1(1, 1; f+1; 1-p): a series of positive terms that is short for large f or p. Else it is the integral of
1 / (p + (1-p) v^(1/f)) over v from 0 to 1, which is smooth under the double exponential rule, with closed forms for 1
and 2.

R. Benedetti and L. Franconi, "Statistical and technological solutions for controlled data dissemination" (1998);
NIST Digital Library of Mathematical Functions 15.8.1 and 15.6.1, dlmf.nist.gov; H. Takahasi and M. Mori, "Double
exponential formulas for numerical integration" (1974), doi:10.2977/prims/1195192451.
"""

from __future__ import annotations

import numpy as np

from disclosure.model.microdata import Numbers

_LARGE = 40.0
_TERMS = 60
_STEP = 1 / 64
_REACH = 4.0


def posterior_mean(fk: Numbers, fraction: Numbers) -> Numbers:
    """Return the mean of 1/Fk.

    Args:
        fk: frequencies of at least 1, not necessarily whole.
        fraction: fk / Fk of each, over 0 and at most 1.

    >>> round(float(posterior_mean(np.array([1.0]), np.array([0.5]))[0]), 6)
    0.693147
    """
    found = np.empty_like(fk)
    short = (fk >= _LARGE) | (fraction >= 0.5)
    found[short] = _series(fk[short], fraction[short])
    one, two = ~short & (fk == 1), ~short & (fk == 2)
    found[one] = -np.log(fraction[one]) / (1 - fraction[one])
    found[two] = 2 * (1 - fraction[two] + fraction[two] * np.log(fraction[two])) / (1 - fraction[two]) ** 2
    rest = ~(short | one | two)
    pairs, places = np.unique(fk[rest] + 1j * fraction[rest], return_inverse=True)
    found[rest] = _integral(pairs.real, pairs.imag)[places]
    return fraction / fk * found


def _series(fk: Numbers, fraction: Numbers) -> Numbers:
    """Return 2F1(1, 1; f+1; 1-p): the terms fall like (1-p)^n / binomial(n+f, n)."""
    total = np.ones_like(fk)
    term = np.ones_like(fk)
    for place in range(1, _TERMS):
        term = term * (place / (fk + place)) * (1 - fraction)
        total += term
    return total


def _integral(fk: Numbers, fraction: Numbers) -> Numbers:
    """Return the integral of 1 / (p + (1-p) v^(1/f)) over v from 0 to 1."""
    steps = np.arange(-_REACH, _REACH + _STEP / 2, _STEP)
    # log v and the weights of v = 1 / (1 + exp(-pi sinh t)), written so that no v is rounded to 0 or 1.
    inner = np.pi * np.sinh(steps)
    log_v = -np.logaddexp(0.0, -inner)
    weight = np.pi * np.cosh(steps) * np.exp(log_v - np.logaddexp(0.0, inner)) * _STEP
    total = np.zeros_like(fk)
    for one, share in zip(log_v, weight, strict=True):
        total += share / (fraction + (1 - fraction) * np.exp(one / fk))
    return total
