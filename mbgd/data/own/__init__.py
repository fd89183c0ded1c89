"""Your own data: from the bytes of a file to a data set.

decoding (bytes to text), dialect (text to cells), numerals and columns (cells to typed columns), sheet (the
whole table, and its preview), prepared (target, features and gaps chosen), door (what Python calls), predicting (in
your units).
"""

from mbgd.data.own.columns import Column
from mbgd.data.own.door import from_arrays, from_frame, read_csv
from mbgd.data.own.predicting import predict
from mbgd.data.own.prepared import Prepared, asks, can_be_target, prepare, why_no_target
from mbgd.data.own.sheet import Seen, Sheet, preview, read_sheet, sheet_of

__all__ = [
    "Column",
    "Prepared",
    "Seen",
    "Sheet",
    "asks",
    "can_be_target",
    "from_arrays",
    "from_frame",
    "predict",
    "prepare",
    "preview",
    "read_csv",
    "read_sheet",
    "sheet_of",
    "why_no_target",
]
