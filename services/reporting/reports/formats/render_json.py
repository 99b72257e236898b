"""The JSON of a report: the document itself, with its hash."""

import json

from services.reporting.reports.content import Content


def render_json(content: Content) -> bytes:
    return (json.dumps(content.document(), ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
