"""The flag of the European Union as geometry, by the EU's graphical specification of the emblem.

3 : 2; twelve upright five-pointed stars on a circle whose radius is a third of the height, placed like the hours of a
clock; each star's points touch a circle whose radius is 1/18 of the height. Pantone Reflex Blue (#003399) and Yellow
(#FFCC00). The PDF's template draws the same.
"""

from math import cos, pi, sin

HEIGHT = 540
WIDTH = HEIGHT * 3 // 2
_INNER = (3 - 5**0.5) / 2  # a regular pentagram's inner corners lie at this part of its radius


def stars() -> tuple[str, ...]:
    """The corners of the twelve stars as SVG `points` in a picture of 810 × 540."""
    ring = HEIGHT / 3
    hours = (hour * pi / 6 for hour in range(12))
    return tuple(_star(WIDTH / 2 + ring * sin(angle), HEIGHT / 2 - ring * cos(angle)) for angle in hours)


def _star(x: float, y: float) -> str:
    corners = []
    for corner in range(10):
        radius = HEIGHT / 18 * (1 if corner % 2 == 0 else _INNER)
        angle = corner * pi / 5
        corners.append(f"{x + radius * sin(angle):.2f},{y - radius * cos(angle):.2f}")
    return " ".join(corners)
