"""Bring your own data: upload or paste a table, see what its columns are, choose a target, use it."""

from collections.abc import Callable

import streamlit as st

from mbgd.charts.words import count
from mbgd.data.own import Column, Seen, Sheet, asks, can_be_target, prepare, preview, read_sheet, why_no_target
from mbgd.engine.checks import shown
from mbgd.share.allowed import Among, Several
from mbgd.share.choices import DEFAULT, OWN
from mbgd.ui.frame.menu import go_to, page_of
from mbgd.ui.frame.own import forget_own, own_data, use_own
from mbgd.ui.kit.html import note, refusal, table
from mbgd.ui.kit.pace import SHARE
from mbgd.ui.kit.state import forget, keep, kept
from mbgd.ui.kit.versions import known

SHEET = "own_sheet"  # the table that was read last, as typed columns
FILE = "own_file_read"  # the id of the uploaded file that was read last
UPLOADERS = "own_uploaders"  # how many uploaders were left behind: a new one begins without a file
USED = "own_used"  # the choices, as those of `_choose`, that the session's data were made with
REFUSED = "own_refused"  # the sentence on why a table can't be read, or used
KINDS = {"classes": True, "amounts": False}
GAPS = {"drop": "leave out rows with gaps", "mean": "fill gaps with the mean of the training rows"}
MOST_MB = 10
FEW = 12  # columns that the preview shows without a box in which they scroll
HEIGHT = 480
PROMISE = (
    "The table stays in the memory of this session: it is not written to a disk, and no other session sees it. It is "
    "gone when you reload the page. At most 100,000 rows and 200 columns."
)


def bring() -> None:
    """Draw all of it: the ways to bring a table, and what to choose once there is one."""
    left, right = st.columns(2, gap="medium")
    with left:
        _upload()
    with right:
        _paste()
    st.caption(PROMISE)
    if sentence := st.session_state.get(REFUSED):
        st.html(refusal(sentence, "own data", "bad"))
    sheet: Sheet | None = st.session_state.get(SHEET)
    if sheet is not None:
        _show(sheet)
        _choose(sheet)
    if sheet is not None or own_data() is not None:
        st.button("Forget my data", key="own_forget", on_click=_forget)


def _upload() -> None:
    limit = known(st.file_uploader, max_upload_size=MOST_MB)
    key = f"own_file_{st.session_state.get(UPLOADERS, 0)}"
    file = st.file_uploader("A CSV file: choose it, or drop it here", key=key, **limit)
    st.caption(
        f"At most {MOST_MB} MB. A larger file gets a red sign and is not read: save fewer of its rows or columns."
    )
    if file is not None and file.file_id != st.session_state.get(FILE):
        _read(file.getvalue(), file.name)
        st.session_state[FILE] = file.file_id  # only now: a click may have stopped the script before


def _paste() -> None:
    text = st.text_area(
        "Or paste a table, such as cells of a spreadsheet", key="own_paste", height=100, placeholder="a,b,c\n1,2,3"
    )
    if st.button("Read what I pasted", key="own_read", disabled=not text):
        _read((text or "").encode("utf-8", "replace"), "pasted table")


def _read(data: bytes, name: str) -> None:
    """Read a table into the session, in pieces between which other sessions have their turn."""
    st.session_state.pop(SHEET, None)  # two at a time would take twice the memory
    st.session_state.pop(REFUSED, None)
    with st.spinner("Reading the table"):
        _or_refuse(lambda: st.session_state.update({SHEET: read_sheet(data, name, lambda: SHARE.turn(ahead=True))}))


def _or_refuse(do: Callable[[], object]) -> None:
    try:
        do()
    except ValueError as refused:
        st.session_state[REFUSED] = str(refused)


def _show(sheet: Sheet) -> None:
    """The columns with their types, and how the table was read."""
    st.text(f"{sheet.name}: {count(sheet.rows, 'row')}, {count(len(sheet.columns), 'column')}. {' '.join(sheet.notes)}")
    rows = [(seen.name, _holds(seen), seen.examples, seen.use) for seen in preview(sheet)]
    scrolls = len(rows) > FEW
    if scrolls:
        st.caption(f"Scroll in the frame to see all {len(rows)} columns.")
    with st.container(key="own_preview", height=HEIGHT if scrolls else "content", border=scrolls):
        st.html(
            table(
                ["column", "holds", "first values", "as an input"],
                rows,
                name="The columns of your table",
                kind="mbgd-claims mbgd-columns",
            )
        )


def _holds(seen: Seen) -> str:
    """The values of a column, counted."""
    written = f" ({seen.gaps_as})" if seen.gaps_as else ""
    gaps = f", {count(seen.gaps, 'gap')}{written}" if seen.gaps else ""
    return f"{seen.different:,} different {seen.kind}{gaps}" if seen.different else f"nothing{gaps}"


def _choose(sheet: Sheet) -> None:
    """The choices of target, features, gaps, and of classes or amounts; and the button that takes them."""
    targets = [column.name for column in sheet.columns if can_be_target(column)]
    if not targets:
        why = "No column can be the target: none has numbers that change, or 2 to 20 different words."
        st.html(refusal(why, "target", "bad"))
        return
    if sentence := _why_not_last(sheet, targets):
        st.html(refusal(sentence, "target"))
    target, features = _target_and_features(sheet, targets)
    about = f"{_about(sheet)}_{targets.index(target)}"
    missing = _missing(sheet, [target, *features])
    asked = asks(sheet.column(target))
    is_classes = _meaning(sheet.column(target), about) if asked else None
    ready = bool(features) and not (asked and is_classes is None)
    arguments = (sheet, target, features, is_classes, missing)
    st.button("Use this data", key="own_use", type="primary", disabled=not ready, on_click=_use, args=arguments)
    if not ready:
        st.caption("Choose at least one feature." if not features else "Say first whether the target is classes.")
    if st.session_state["choices"].data == OWN:
        _say_what_is_used(ready and st.session_state.get(USED) == _told_apart(*arguments))


def _say_what_is_used(is_shown: bool) -> None:
    """Whether the pages use what is shown here, or still what was chosen before."""
    if not is_shown:
        st.html(note("changed", "The pages still use what you chose before: <b>Use this data</b> changes that."))
        return
    st.html(note("good", "All pages use your data now. The sidebar lists it as a data set, as long as you stay."))
    go_to(page_of("Train"), "Train on it")


def _told_apart(sheet: Sheet, target: str, features: list[str], is_classes: bool | None, missing: str) -> tuple:
    """What tells these choices from others."""
    return sheet.content, target, tuple(features), is_classes, missing


def _why_not_last(sheet: Sheet, targets: list[str]) -> str:
    """A sentence if the last column, where most tables have their target, can't be the target; else empty."""
    last = sheet.columns[-1]
    if not (why := why_no_target(last)):
        return ""
    return f"The last column, {shown(last.name)}, can't be the target, because it {why}: choose a target from the list."


def _about(sheet: Sheet) -> str:
    """A part of the keys of widgets: another table begins at its own defaults."""
    return sheet.content[:8]


def _target_and_features(sheet: Sheet, targets: list[str]) -> tuple[str, list[str]]:
    left, right = st.columns([1, 2], gap="medium")
    key = kept(f"own_target_{_about(sheet)}", targets[-1], Among(targets))
    left.selectbox("Target: the column to predict", targets, key=key)
    target: str = keep(key)
    others = [column.name for column in sheet.columns if column.name != target and not column.problem]
    allowed = Several(others, most=len(others))
    key = kept(f"own_features_{_about(sheet)}_{targets.index(target)}", others, allowed)
    right.multiselect("Features: the columns to predict it from", others, key=key)
    return target, keep(key)


def _missing(sheet: Sheet, names: list[str]) -> str:
    """What becomes of the gaps in these columns; asked only if there are any."""
    gaps = sum(int(sheet.column(name).gaps.sum()) for name in names)
    if not gaps:
        return "drop"
    key = kept(f"own_gaps_{_about(sheet)}", "drop", GAPS)
    st.radio(f"{count(gaps, 'gap')} in these columns", list(GAPS), key=key, format_func=GAPS.__getitem__)
    return keep(key)


def _meaning(target: Column, about: str) -> bool | None:
    """Whether the whole numbers of this target are classes; None until it is said."""
    key = kept(f"own_classes_{about}", None, Among([None, *KINDS]))
    st.radio(
        f"The target has {count(target.different, 'different whole number')}. What are they?",
        list(KINDS),
        key=key,
        captions=["like kinds of flowers: one of them is right", "like a number of rooms: near is better than far"],
    )
    chosen = keep(key)
    return None if chosen is None else KINDS[chosen]


def _use(sheet: Sheet, target: str, features: list[str], is_classes: bool | None, missing: str) -> None:
    st.session_state.pop(REFUSED, None)
    with SHARE.turn(ahead=True):
        _or_refuse(lambda: use_own(prepare(sheet, target, features, is_classes, missing)))
    if REFUSED not in st.session_state:
        st.session_state[USED] = _told_apart(sheet, target, features, is_classes, missing)


def _forget() -> None:
    """Forget the table and the data set made from it. The uploader begins anew, so that its file can come again."""
    for key in (SHEET, REFUSED, FILE, USED, "own_paste"):
        st.session_state.pop(key, None)
    st.session_state[UPLOADERS] = st.session_state.get(UPLOADERS, 0) + 1
    forget("own_")  # the names of its columns
    forget_own(DEFAULT.data)
