"""The sidebar: the controls that all pages share. Their values survive a change of page and are in the address."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from mbgd.charts.words import count
from mbgd.data.catalogue import datasets, load
from mbgd.data.dataset import Dataset
from mbgd.data.made import MADE
from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.batches import LAST_BATCH, plan_epoch
from mbgd.share.address import from_query, to_query, unusable, usual
from mbgd.share.allowed import YES_OR_NO, Between, Text
from mbgd.share.choices import (
    DEFAULT,
    LAST_NAMES,
    MODES,
    MOST_EPOCHS,
    MOST_NOISE,
    MOST_SEED,
    OWN,
    RATES,
    SHARES,
    SIZES,
    Choices,
    arithmetic,
    batch_sizes,
    most_units,
    parse_hidden,
    short_batch,
    show_hidden,
)
from mbgd.ui.frame.controls import CONTROLS, settings_line
from mbgd.ui.frame.menu import go_to, page_of
from mbgd.ui.frame.own import own_data, own_dataset, short_print, title_of
from mbgd.ui.kit.draw import keep_charts_private, note_settings
from mbgd.ui.kit.html import refusal, summed
from mbgd.ui.kit.state import complain, forget, seeded, write_address

Rests = dict[str, bool]  # whether each control rests on the page
BAR_SIZES = (4, 16, 64)  # the batch sizes of the bar, besides one row, all rows and the chosen size


@st.cache_resource(max_entries=200, show_spinner=False)
def cached_load(**options: Any) -> Dataset:
    """`load`, once per process for each choice of data. Sharing is safe because nobody can write into a data set."""
    return load(**options)


def dataset_of(choices: Choices) -> Dataset:
    """The data set of these choices. Own data is kept by the session alone; ValueError if it can't be had."""
    return own_dataset(choices) if choices.data == OWN else cached_load(**choices.data_options())


def _usable(choices: Choices) -> tuple[Choices, list[str]]:
    """The choices, or those of the default data set and a sentence on why own data can't be had."""
    if choices.data != OWN:
        return replace(choices, own=""), []
    try:
        own_dataset(choices)
    except ValueError as refused:
        sentence = unusable("data", OWN, str(refused), DEFAULT.data)
        return replace(choices, data=DEFAULT.data, own=""), [sentence]
    prepared = own_data()
    return replace(choices, own=short_print(prepared) if prepared else ""), []


def sidebar(used: Collection[str]) -> tuple[Choices, Dataset]:
    """Draw the controls; return the choices and their data set. The names of CONTROLS that are not `used` rest."""
    before: Choices = st.session_state["choices"]
    choices, dataset = _controls(before, {name: name not in used for name in CONTROLS})
    st.session_state["choices"] = choices
    keep_charts_private(choices.data == OWN)
    note_settings(settings_line(choices, len(dataset.X_train), used))
    write_address(to_query(choices))
    return choices, dataset


def enter_choices(query: Mapping[str, str]) -> Choices:
    """Take the choices of an address: the sidebar's controls then begin at them."""
    choices, sentences = from_query(query)
    choices, refused = _usable(choices)
    sentences += refused
    n_train = len(dataset_of(choices).X_train)
    if sum(choices.hidden) > most_units(n_train):
        sentences.append(unusable("hidden", query.get("hidden", ""), too_many_units(n_train), usual("hidden")))
        choices = replace(choices, hidden=DEFAULT.hidden)
    if "batch" in query and choices.mode == "mini" and choices.batch > n_train:
        why = f"The data set has {count(n_train, 'training row')}, and a batch can't have more."
        sentences.append(unusable("batch", query["batch"], why, str(n_train)))
    forget("choose_")
    st.session_state["choices"] = choices
    complain(*sentences)
    return choices


def _controls(before: Choices, rests: Rests) -> tuple[Choices, Dataset]:
    choices, refused = _usable(replace(before, **_data_controls(before, rests["data"])))
    complain(*refused)
    dataset = dataset_of(choices)
    n_train = len(dataset.X_train)
    choices = replace(choices, **_batch_controls(choices, n_train, rests["batch"]))
    choices = replace(choices, **_training_controls(choices, rests))
    settings = choices.settings(n_train)
    plan = plan_epoch(n_train, settings.batch_size, settings.last_batch)
    rest = "mbgd-rests" * (rests["batch"] and rests["epochs"])
    st.html(summed(arithmetic(n_train, settings, plan.updates, plan.last_rows), rest))
    if not rests["batch"] and (short := short_batch(plan.batch_size, plan.last_rows)):
        st.caption(short)
        go_to(
            page_of("Common mistakes"), "What a short last batch does", to_query(choices) | {"mistake": "last_dropped"}
        )
    choices = replace(choices, **_network_controls(choices, n_train, rests["network"]))
    choices, refused = _usable(replace(choices, **_detail_controls(choices, rests)))
    complain(*refused)
    return choices, dataset_of(choices)  # another seed draws other rows


def _data_controls(before: Choices, rests: bool) -> dict[str, Any]:
    prepared = own_data()
    known = datasets() | ({OWN: ""} if prepared else {})
    mine = title_of(replace(before, data=OWN, own=short_print(prepared))) if prepared else ""
    data = st.selectbox(
        "Data set",
        list(known),
        key=seeded("choose_data", before.data, known),
        disabled=rests,
        # The description's end fits.
        format_func=lambda name: f"{OWN} ({mine})" if name == OWN else f"{name} ({known[name].rpartition(' (')[2]}",
        on_change=_take_own_noise,
        help="Real data sets come with the app; made-up ones are random, decided by the seed.",
    )
    chosen: dict[str, Any] = {"data": data}
    real = data not in MADE
    columns = st.columns([1] if real else [1.3, 1.15, 1], gap="small")
    shares = sorted({*SHARES, before.validation})
    chosen["validation"] = columns[0].selectbox(
        "Held out",
        shares,
        key=seeded("choose_validation", before.validation, shares),
        disabled=rests,
        format_func=lambda share: f"{share}%",
        help="Share of the rows kept for validation: the network never trains on them.",
    )
    if not real:
        sizes = sorted({*SIZES, before.size})
        chosen["size"] = columns[1].selectbox(
            "Rows",
            sizes,
            key=seeded("choose_size", before.size, sizes),
            disabled=rests,
            help="How many rows the made-up set has.",
        )
        level = replace(before, data=data).noise_level
        chosen["noise"] = columns[2].number_input(
            "Noise",
            0.0,
            MOST_NOISE,
            key=seeded("choose_noise", level, Between(0.0, MOST_NOISE)),
            disabled=rests,
            step=0.05,
            format="%.2f",
            help="How far each made-up point is moved from its exact place, at random.",
        )
        if chosen["noise"] == MADE[data].noise:
            chosen["noise"] = None
    return chosen


def _take_own_noise() -> None:
    """Another data set begins with its own noise."""
    st.session_state.pop("choose_noise", None)
    st.session_state["choices"] = replace(st.session_state["choices"], noise=None)


def _batch_controls(before: Choices, n_train: int, rests: bool) -> dict[str, Any]:
    names = {"sgd": "SGD (1)", "mini": "mini-batch", "full": f"full batch ({n_train:,})"}
    mode = st.segmented_control(
        "Batch size",
        MODES,
        key=seeded("choose_mode", before.mode, MODES),
        disabled=rests,
        format_func=names.__getitem__,
        required=True,
        width="stretch",
        help="How many rows the network sees before each update of its weights: one, some, or all of them.",
    )
    mode = mode or before.mode  # for a moment, a click during a redraw may leave none picked
    if mode != "mini":
        only = 1 if mode == "sgd" else n_train
        st.select_slider(
            "Rows in a batch",
            sorted({1, n_train}),
            only,
            disabled=True,
            label_visibility="collapsed",
            key=f"fixed_{mode}",
            format_func="{:,}".format,
        )
        return {"mode": mode}
    stops = batch_sizes(n_train, before.batch)
    batch = st.select_slider(
        "Rows in a batch",
        stops,
        key=seeded("choose_batch", min(before.batch, n_train), stops),
        disabled=rests,
        format_func="{:,}".format,
        label_visibility="collapsed",
    )
    return {"mode": mode, "batch": batch}


def batch_bar(choices: Choices, n_train: int) -> None:
    """A few batch sizes in one row, for a screen on which the sidebar would cover the page (style.css shows it there).

    Its value is the sidebar's: a press changes the sidebar's choice, and nothing else is kept here.
    """
    chosen = min(choices.settings(n_train).batch_size, n_train)
    sizes = sorted({1, *(size for size in BAR_SIZES if size < n_train), chosen, n_train})
    st.session_state["bar_batch"] = chosen
    with st.container(key="batch_bar"):
        st.segmented_control(
            "Batch size, here",
            sizes,
            key="bar_batch",
            format_func=lambda size: {1: "B = 1", n_train: f"all {n_train:,}"}.get(size, f"{size:,}"),
            required=True,
            width="stretch",
            label_visibility="collapsed",
            on_change=_take_bar_batch,
            args=(n_train,),
        )


def _take_bar_batch(n_train: int) -> None:
    """The bar's batch size becomes the sidebar's choice, whose widgets begin anew with it."""
    size = st.session_state["bar_batch"]
    if size is None:  # for a moment, a click during a redraw may leave none picked
        return
    st.session_state["choices"] = st.session_state["choices"].with_batch(size, n_train)
    for key in ("choose_mode", "choose_batch"):
        st.session_state.pop(key, None)


def _training_controls(before: Choices, rests: Rests) -> dict[str, Any]:
    left, right = st.columns([2, 3], gap="small")
    epochs = left.number_input(
        "Epochs",
        1,
        MOST_EPOCHS,
        key=seeded("choose_epochs", before.epochs, Between(1, MOST_EPOCHS, whole=True)),
        disabled=rests["epochs"],
        step=10,
        help="How many times training goes through all training rows; you can change it while training runs.",
    )
    rates = sorted({*RATES, before.rate})
    rate = right.select_slider(
        "Learning rate",
        rates,
        key=seeded("choose_rate", before.rate, rates),
        disabled=rests["rate"],
        format_func=_rate_name,
        help="The factor η in step = −η × gradient; a change takes effect at once, even during a run.",
    )
    return {"epochs": epochs, "rate": rate}


def _rate_name(rate: float) -> str:
    return f"{rate:.6f}".rstrip("0").rstrip(".") if rate >= 1e-4 else f"{rate:g}"


def too_many_units(n_train: int) -> str:
    """The sentence on a network that is too large for so many rows."""
    return (
        f"With {count(n_train, 'training row')}, all hidden layers together can have at most "
        f"{count(most_units(n_train), 'unit')}."
    )


def _network_controls(before: Choices, n_train: int, rests: bool) -> dict[str, Any]:
    left, right = st.columns(2, gap="small")
    text = left.text_input(
        "Hidden layers",
        key=seeded("choose_hidden", show_hidden(before.hidden), Text()),
        disabled=rests,
        placeholder="none",
        help="Number of units in each hidden layer, from the first to the last, such as 16, 8; empty: a linear model.",
    )
    activation = right.selectbox(
        "Activation",
        list(ACTIVATIONS),
        key=seeded("choose_activation", before.activation, ACTIVATIONS),
        disabled=rests,
        help="The function that each hidden unit applies to Z, its weighted sum plus bias; with identity, hidden "
        "layers add nothing.",
    )
    try:
        hidden = parse_hidden(text or "")
        if sum(hidden) > most_units(n_train):
            raise ValueError(too_many_units(n_train))
    except ValueError as refused:
        fits = sum(before.hidden) <= most_units(n_train)
        kept = (show_hidden(before.hidden) if fits else "") or "no hidden layers"
        st.html(refusal(f"{refused} Until then, the network keeps {kept}.", "hidden layers", "bad"))
        hidden = before.hidden if fits else ()
    return {"hidden": hidden, "activation": activation}


def _detail_controls(before: Choices, rests: Rests) -> dict[str, Any]:
    left, right = st.columns(2, gap="small")
    last = left.selectbox(
        "Last batch",
        LAST_BATCH,
        key=seeded("choose_last", before.last, LAST_BATCH),
        disabled=rests["last"],
        format_func=LAST_NAMES.__getitem__,
        help="Whether a shorter last batch is kept or dropped when N is not a multiple of B.",
    )
    seed = right.number_input(
        "Seed",
        0,
        MOST_SEED,
        key=seeded("choose_seed", before.seed, Between(0, MOST_SEED, whole=True)),
        disabled=rests["seed"],
        help="Decides the split, the first weights and the order of the rows: the same seed gives the same run.",
    )
    shuffle = st.toggle(
        "Shuffle the rows each epoch",
        key=seeded("choose_shuffle", before.shuffle, YES_OR_NO),
        disabled=rests["shuffle"],
        help="Take the rows in a new random order in each epoch, instead of the same order every time.",
    )
    return {"last": last, "seed": seed, "shuffle": shuffle}
