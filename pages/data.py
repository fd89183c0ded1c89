"""Data: the rows themselves, with their units, their source and the split."""

from html import escape

import streamlit as st

from mbgd.charts.data import class_chart, class_table, column_chart, column_table
from mbgd.data.catalogue import datasets, load
from mbgd.data.dataset import scaled, split_rows
from mbgd.data.own import Prepared, prepare
from mbgd.share.allowed import YES_OR_NO, Among, link_text
from mbgd.share.choices import OWN
from mbgd.ui.data.bring import bring
from mbgd.ui.data.tables import MOST_SHOWN, features_frame, readable, rows_frame
from mbgd.ui.frame.own import own_data, title_of
from mbgd.ui.frame.page import heading, open_page, title
from mbgd.ui.frame.terms import lead
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.html import summed
from mbgd.ui.kit.source import folded, source_panel
from mbgd.ui.kit.state import keep, linked, refuse

choices, dataset = open_page("Data")
n_train, n_val = len(dataset.X_train), len(dataset.X_val)
own = own_data() if choices.data == OWN else None
title(f"Data: {title_of(choices) if own else dataset.name}", "brought by you" if own else datasets()[dataset.name])
lead(
    f"**{n_train + n_val:,} rows**: {n_train:,} for training, {n_val:,} held out for validation. Seed {choices.seed} "
    "decides which rows are held out. Each column is standardised: its mean is subtracted, then the result is divided "
    "by its standard deviation. **Mean and standard deviation come from the training rows alone**, so nothing of the "
    "validation rows leaks into training. A constant column (standard deviation 0) is divided by 1."
)
folded("Bring your own data: upload or paste a table", "own_fold", bring)
left, right = st.columns(2, gap="medium")
with left:
    heading("The columns", "mean and standard deviation of the training rows, before standardising")
    st.dataframe(readable(features_frame(dataset)), height=305, hide_index=True)
with right:
    if dataset.classes:
        refuse("column", "A classification data set has no column to choose here.")
        heading("Rows of each class")
        words = "Rows of each class"
        draw(class_chart, (dataset.target_names,), class_table(dataset), key="classes", alt=f"{words}.", caption=words)
    else:
        titles = [*dataset.feature_titles, dataset.target_title]
        names = [*dataset.feature_names, *dataset.target_names]
        columns = range(-1, len(titles) - 1)
        key = linked("column", f"column_{dataset.name}", -1, Among(columns, lambda number: link_text(names[number])))
        st.selectbox("Distribution of a column", columns, key=key, format_func=titles.__getitem__)
        column = keep(key)
        chosen = titles[column]
        words = f"Histogram of {chosen}"
        draw(column_chart, (chosen,), column_table(dataset, column), key="column", alt=f"{words}.", caption=words)
heading(
    "All rows" if n_train + n_val <= MOST_SHOWN else f"The first {MOST_SHOWN:,} rows", "numbered as on the page Train"
)
key = linked("standardised", "standardised", False, YES_OR_NO)
st.toggle("Show them as the network sees them (standardised)", key=key)
seen = keep(key)
st.dataframe(readable(rows_frame(dataset, seen)), height=320)
if own:
    st.html(summed(escape(dataset.source), "mbgd-source"))  # it has names from the file
else:
    st.markdown(f"**Source.** {dataset.source}\n\n**Licence.** {dataset.licence}")
source_panel("The code that made this split", *((prepare, Prepared) if own else (load,)), split_rows, scaled)
