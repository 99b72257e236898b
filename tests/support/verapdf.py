"""veraPDF, another program on whether a PDF is PDF/UA-1: its jar as a locked package, on the stack's own Java."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from infra.local import kafka, maven

JAR: Final = maven.Jar(
    "org.verapdf.apps",
    "greenfield-apps",
    "1.28.2",
    "687d4d8bcfec48c9f7e931cf78ed061f1eeccfba55d4cdc000ba9b4d8aa46ce6",
)
MAIN: Final = "org.verapdf.apps.GreenfieldCliWrapper"  # the manifest's own opens a window
SECONDS: Final = 120


def inaccessible(pdfs: dict[str, bytes]) -> list[str]:
    """What it says of those of the named PDFs that are not PDF/UA-1; one start of Java for all of them."""
    [jar] = maven.fetch([JAR], maven.cache_folder())
    with TemporaryDirectory(prefix="kursnav-pdf-") as name:
        paths = {kind: Path(name, f"{kind}.pdf") for kind in pdfs}
        for kind, path in paths.items():
            path.write_bytes(pdfs[kind])
        asked: list[str | Path] = [
            kafka.java_program(),
            "-Xmx256m",
            "-cp",
            jar,
            MAIN,
            "-f",
            "ua1",
            "--format",
            "text",
            "-v",
            *paths.values(),
        ]
        ran = subprocess.run(asked, capture_output=True, text=True, timeout=SECONDS, check=False)
        said = ran.stdout + ran.stderr
        return [f"{kind}: {said}" for kind, path in paths.items() if f"PASS {path} ua1" not in said]
