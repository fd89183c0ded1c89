"""From the bytes of a file to its text, or one sentence on why they are none."""

import json
import re

from mbgd.data.own.limits import MOST_BYTES

# What files of other kinds begin with, and what their owner can do.
SPREADSHEET = "open it in your spreadsheet program, and save or download it as CSV (in Excel: “Save as”, “CSV UTF-8”)"
OTHERS = {
    b"PK\x03\x04": f"a spreadsheet or a zip archive: {SPREADSHEET}",
    b"\xd0\xcf\x11\xe0": f"a spreadsheet of an older kind: {SPREADSHEET}",
    b"\x89PNG": "an image: give a table of numbers and words",
    b"\xff\xd8\xff": "an image: give a table of numbers and words",
    b"GIF8": "an image: give a table of numbers and words",
    b"RIFF": "an image, a sound or a film: give a table of numbers and words",
    b"%PDF": "a PDF: save the table in it as CSV",
    b"\x1f\x8b": "a compressed file: unpack it first",
    b"PAR1": "a Parquet file: save it as CSV, as with pandas.read_parquet(path).to_csv(...)",
    b"SQLite format 3": "a database: export one of its tables as CSV",
}
# What spreadsheet programs write. Where several fit a text equally well, the first of these is taken.
ENCODINGS = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "mac_roman", "shift_jis", "gb18030", "euc_kr", "big5"]
WIDE = ["utf_8", "utf_16", "utf_16_le", "utf_16_be", "utf_32"]
SAMPLE = 200_000  # bytes from which the encoding is told
PIECE = 500_000  # characters that are searched without a pause
NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")


def text_of(data: bytes) -> str:
    """The text of a file, whatever its encoding; ValueError if it is empty, too large, or no text."""
    if len(data) > MOST_BYTES:
        raise ValueError(
            f"The file has {len(data) / 1e6:,.1f} MB, and at most {MOST_BYTES / 1e6:g} MB can be read: "
            "leave out rows or columns."
        )
    for start, what in OTHERS.items():
        if data.startswith(start):
            raise ValueError(f"This is not a CSV file but {what}.")
    text = _decoded(data).removeprefix("\ufeff").rstrip("\x1a")  # what old programs end a file with
    if not text.strip():
        raise ValueError("The file is empty: give a table with a header and at least 10 rows.")
    if any(NOT_TEXT.search(text, i, i + PIECE) for i in range(0, len(text), PIECE)):
        raise ValueError("This is not a CSV file, because it holds bytes that no text has: save the table as CSV.")
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype", "<html", "<?xml")):
        raise ValueError("This is a web page or an XML file, not a CSV file: download the table itself, as CSV.")
    if start.startswith(("{", "[")) and _is_json(text):
        raise ValueError("This is a JSON file: save it as CSV, as with pandas.read_json(path).to_csv(...).")
    return text


def _decoded(data: bytes) -> str:
    from charset_normalizer import from_bytes  # here, so that importing mbgd stays quick

    if b"\x00" not in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
    matches = from_bytes(data[: SAMPLE - SAMPLE % 4], cp_isolation=WIDE + ENCODINGS)
    best = matches.best()
    unreadable = "The file's characters can't be told from its bytes: save it as CSV in the encoding UTF-8."
    if best is None:
        raise ValueError(unreadable)
    as_good = {
        encoding
        for match in matches
        if (match.chaos, match.coherence) == (best.chaos, best.coherence)
        for encoding in match.could_be_from_charset
    }
    encoding = next((one for one in ENCODINGS if one in as_good), best.encoding)
    if best.encoding in WIDE:
        encoding = best.encoding
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise ValueError(unreadable) from None


def _is_json(text: str) -> bool:
    if re.match(r'\s*(\[\s*)?\{\s*"[^"\n]*"\s*:', text):  # how almost every JSON file begins
        return True
    try:
        return len(text) < PIECE and isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False
