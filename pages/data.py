"""Data: the rows themselves, with their units, sources and the split."""

import streamlit as st

from mbgd.ui.page import open_page

choices, dataset = open_page("Data")
st.title(dataset.name)
