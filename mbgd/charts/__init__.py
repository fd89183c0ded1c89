"""Pictures of runs: functions from arrays to tables, and from names to Altair charts. No Streamlit here.

A live chart is built once, over a named table, and is then sent only new rows of that table. So a chart's
builder knows no data, and what frames the data (the ends of the axes) comes as rows of the table too.
"""
