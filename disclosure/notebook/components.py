"""`sdc.pca`: principal components are refused by name, with what may be asked for instead."""

from __future__ import annotations

from typing import Any, Final

from disclosure.errors import RefusedError
from disclosure.texts import text

OBJECTS: Final = frozenset({"PCA", "IncrementalPCA", "KernelPCA", "SparsePCA", "TruncatedSVD"}) | frozenset(
    {"Factor", "FactorResults", "FactorAnalysis", "FastICA", "NMF"}
)
"""Classes of statsmodels and scikit-learn that hold components or factors."""


def pca(*_columns: Any, **_named: Any) -> Any:
    """Refuse principal components.

    Raises:
        RefusedError: always; the hint names what can be judged.
    """
    raise refused()


def refused() -> RefusedError:
    """Return the error for components and factors."""
    return RefusedError(
        text(
            "Principal components and factors are not released: scores show single units, and loadings give back "
            "covariances, of which nothing here says how many units they rest on."
        ),
        hint=text(
            "Instead: sdc.correlation of two columns at a time, or a regression, sdc.model. For loadings that the "
            "output needs: sdc.result(values, support=frame, by=[...]), whose values a reviewer judges."
        ),
    )
