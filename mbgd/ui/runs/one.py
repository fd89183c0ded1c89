"""One run of the page Runs: its name and its pin, its files, and the way back to the page Train."""

from functools import partial

import streamlit as st

from mbgd.charts.words import count
from mbgd.share.allowed import Among
from mbgd.share.runs.checking import check_data
from mbgd.share.runs.record import Record
from mbgd.share.runs.store import LONGEST_NAME, Runs
from mbgd.share.runs.writing import to_csv, to_json, to_npz
from mbgd.ui.frame.menu import page_of
from mbgd.ui.frame.sidebar import dataset_of
from mbgd.ui.kit.live import action_button, owner
from mbgd.ui.kit.state import address_of, choose, complain, keep, linked, remembered
from mbgd.ui.kit.versions import known
from mbgd.ui.runs.curves import CHOSEN
from mbgd.ui.runs.words import numbered
from mbgd.ui.train.choosing import set_choices
from mbgd.ui.train.run import Run, Stage

ONE = "runs_one"
NEWEST = "runs_newest"  # the session's note of the newest run that was offered
GO_ON = "train_follows"  # the session's note that the page Train follows


def one_run(run: Run) -> None:
    """Draw what can be done with one of the runs, and with all of them."""
    runs = run.runs
    numbers = [record.number for record in runs]
    newest = max(numbers)
    if remembered(ONE) not in numbers or newest > st.session_state.get(NEWEST, newest):
        choose(ONE, newest)
    st.session_state[NEWEST] = newest
    st.selectbox(
        "Run",
        numbers,
        key=linked("one", ONE, newest, Among(numbers)),
        format_func=lambda number: numbered(chosen_run(runs, number)),
    )
    one = chosen_run(runs, keep(ONE))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="runs_do"):
        _name(runs, one)
        action_button(
            f"{'Unpin' if one.pinned else 'Pin'} run {one.number}",
            partial(runs.change, one.number, pinned=not one.pinned),
            key="runs_pin",
            icon="keep_off" if one.pinned else "keep",
            help="A pinned run is not dropped when the list is full.",
        )
        action_button(f"Delete run {one.number}", partial(runs.delete, one.number), key="runs_delete", icon="delete")
        action_button(
            "Go on with it on Train",
            partial(_bring_back, run, one),
            key="runs_go_on",
            icon="play_arrow",
            help="The page Train makes it again, with the same numbers, and can then train it longer.",
        )
    with st.container(horizontal=True, gap="small", key="runs_files"):
        _download("Download the run (JSON)", partial(to_json, one), f"run-{one.number}.json", "application/json")
        if one.layers is not None:
            _download("Its weights (.npz)", partial(to_npz, one), f"run-{one.number}.npz", "application/octet-stream")
        _download("All runs (CSV)", partial(to_csv, list(runs)), "runs.csv", "text/csv")


def offer_pin(run: Run) -> None:
    """Offer to pin the run of the page Train, if it has trained and is not in the list."""
    if updates := run.not_noted:
        label = f"Pin the run of the page Train ({count(updates, 'update')} so far)"
        action_button(label, run.pin, key="pin", icon="keep")


def chosen_run(runs: Runs, number: int) -> Record:
    """The run with this number, or the last one."""
    return runs.get(number) or runs.kept[-1]


def _name(runs: Runs, one: Record) -> None:
    key = f"runs_name_{one.number}"
    st.session_state.setdefault(key, one.name)
    st.text_input(
        f"Name of run {one.number}",
        key=key,
        placeholder="a name of your own",
        max_chars=LONGEST_NAME,
        width=260,
        on_change=lambda: owner().ask(partial(_rename, runs, one.number, st.session_state[key] or "")),
    )


def _rename(runs: Runs, number: int, name: str) -> None:
    """Name a run. The lists of runs begin anew: a browser sends the words of what is picked, and these change."""
    runs.change(number, name=name)
    for key in (ONE, CHOSEN):
        choose(key, remembered(key))


def _download(label: str, make: partial[bytes], name: str, mime: str) -> None:
    """A button for a file that is only made when it is pressed."""
    key = f"runs_{name.rpartition('.')[2]}"
    st.download_button(
        label, make, name, mime, key=key, icon=":material/download:", **known(st.download_button, on_click="ignore")
    )


def _bring_back(run: Run, one: Record) -> None:
    """The sidebar takes the choices of a run, and the page Train makes it again."""
    try:
        dataset = dataset_of(one.choices)
        check_data(one, dataset)
    except ValueError as refused:  # own data that the session has no longer
        complain(str(refused))
        return
    set_choices(**vars(one.choices))
    run.bring_back(one.choices, dataset, [Stage(*stage) for stage in one.stages])
    st.session_state[GO_ON] = True


def follow_to_train() -> None:
    """Open the page Train if a click has brought a run back to it."""
    if st.session_state.pop(GO_ON, False):
        train = page_of("Train")
        st.switch_page(train.file, **known(st.switch_page, query_params=address_of(train.title)))
