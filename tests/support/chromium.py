"""The browser of this machine, in which the pages are tried."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
MISSING = "NO BROWSER: the pages were not tried in one. Install Chromium (Debian: apt install chromium libatomic1)."
REQUIRED = "KURSNAV_BROWSER_REQUIRED"


def chromium() -> str | None:
    """Its path, None where there is none; `KURSNAV_BROWSER` names another."""
    return os.environ.get("KURSNAV_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
