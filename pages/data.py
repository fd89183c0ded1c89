"""Data: the rows themselves, with their units, their source and the split."""

import streamlit as st

from mbgd.charts.data import class_chart, class_table, column_chart, column_table
from mbgd.data.catalogue import datasets, load
from mbgd.data.dataset import split_and_scale
from mbgd.ui.data.tables import features_frame, rows_frame
from mbgd.ui.frame.page import heading, open_page, title
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.source import source_panel

choices, dataset = open_page("Data")
n_train, n_val = len(dataset.X_train), len(dataset.X_val)
title(f"Data: {dataset.name}", datasets()[dataset.name])
st.markdown(
    f"**{n_train + n_val:,} rows**: {n_train:,} to train on, {n_val:,} held out for validation, drawn by seed "
    f"{choices.seed}. The network sees each column less its mean, divided by its deviation, **both of the training "
    "rows alone**: nothing of the validation rows leaks into training."
)
left, right = st.columns(2, gap="medium")
with left:
    heading("The columns", "mean and deviation of the training rows, in units")
    st.dataframe(features_frame(dataset), height=305, hide_index=True)
with right:
    if dataset.classes:
        heading("Rows of each class")
        draw(class_chart, (dataset.target_names,), class_table(dataset), key="classes", alt="Rows of each class.")
    else:
        titles = [*dataset.feature_titles, dataset.target_title]
        column = st.selectbox("How one column is spread", range(-1, len(titles) - 1), format_func=titles.__getitem__)
        chosen = titles[column]
        draw(column_chart, (chosen,), column_table(dataset, column), key="column", alt=f"Histogram of {chosen}.")
heading("The rows", "numbered as in the batches of the page Train")
seen = st.toggle("As the network sees them (standardised)", key="standardised")
st.dataframe(rows_frame(dataset, seen), height=320)
st.markdown(f"**Source.** {dataset.source}\n\n**Licence.** {dataset.licence}")
source_panel("The code that made this split", load, split_and_scale)
