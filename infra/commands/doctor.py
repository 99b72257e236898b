"""`kursnav doctor`: examines a configuration and says what to do."""

import asyncio

import typer
from rich.markup import escape

from infra.commands.console import console
from infra.doctor import broker, configuration, databases, issuer, machine, restored
from infra.doctor.configuration import Configuration
from infra.doctor.findings import Finding, Level
from infra.settings import SERVICES

COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.ERROR: "bold red"}


def doctor() -> None:
    """Prints every finding; ends with code 1 when there is an error."""
    chosen = configuration.found()
    if not chosen.services:
        console.print(
            "No service is configured here: start the stack (kursnav up), or set BOOKING_DATABASE_URL and so on."
        )
        raise typer.Exit(1)
    if left_out := [service for service in SERVICES if service not in chosen.services]:
        console.print(f"Not configured here, not examined: {', '.join(left_out)}")
    findings = asyncio.run(examine(chosen))
    for finding in findings:
        _say(finding)
    errors, warnings = (sum(finding.level is level for finding in findings) for level in (Level.ERROR, Level.WARNING))
    console.print(f"{errors} errors, {warnings} warnings" if errors or warnings else "All is well.")
    raise typer.Exit(1 if errors else 0)


async def examine(chosen: Configuration) -> list[Finding]:
    """All findings, part by part."""
    return [
        *configuration.examine(chosen),
        *await databases.examine(chosen),
        *await restored.examine(chosen),
        *await broker.examine(chosen),
        *await issuer.examine(chosen),
        *await machine.keys(chosen),
        *machine.disk(),
    ]


def _say(finding: Finding) -> None:
    colour = COLOURS[finding.level]
    console.print(
        f"[{colour}]{finding.level:<8}[/{colour}]{escape(finding.part)}: {escape(finding.text)}", soft_wrap=True
    )
    if finding.advice:
        console.print(f"        {escape(finding.advice)}", soft_wrap=True)
