"""What all tests share: errors on a page are shown in full."""

import os

os.environ["STREAMLIT_CLIENT_SHOW_ERROR_DETAILS"] = "full"
