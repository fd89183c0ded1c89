"""What all tests share: errors on a page are shown in full, and one BLAS thread, as in the app."""

import os

os.environ["STREAMLIT_CLIENT_SHOW_ERROR_DETAILS"] = "full"
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
