"""How a share of a whole is shown, everywhere."""


def share(part: int, whole: int, decimals: int = 4) -> float | None:
    """part / whole, rounded half up; None of nothing. Exact: only the last step is a float."""
    if whole == 0:
        return None
    scale: int = 10**decimals
    return ((2 * part * scale + whole) // (2 * whole)) / scale
