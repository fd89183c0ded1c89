"""Pictures of runs: some functions turn arrays into tables, others build Altair charts. No Streamlit here.

A live chart is built once over a named table. Later only new rows of that table are sent. So the function that builds
a chart knows no data, and the ends of the axes are rows of the table too.
"""

from mbgd.charts.arrow import STAND_IN as STAND_IN  # first: whatever imports pyarrow afterwards gets the real one
