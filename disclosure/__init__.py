"""The disclosure check. ``import disclosure as sdc`` is all that a researcher needs.

>>> import disclosure as sdc
>>> out = sdc.table(frame, rows=["wijk"], values="inkomen", statistic="sum", unit="RINPERSOON")  # doctest: +SKIP
>>> out.verdict.status, out.remedies(), out.to_pandas()  # doctest: +SKIP
"""

from disclosure import errors
from disclosure.model.tables import WITHHELD
from disclosure.model.verdicts import Level, Status
from disclosure.notebook.basket import basket, submit
from disclosure.notebook.camp import data
from disclosure.notebook.output import Output
from disclosure.notebook.table import table
from disclosure.texts import language

__all__ = ["WITHHELD", "Level", "Output", "Status", "basket", "data", "errors", "language", "submit", "table"]
