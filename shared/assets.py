"""What others made and pages and reports show: packages of `requirements/assets`, installed by `make install`."""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[1] / ".assets" / "node_modules"
