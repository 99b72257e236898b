"""`kursnav dead-letters`: what could not be applied; list it, look at it, replay it, discard it."""

import json
import os
from typing import Annotated, Any

import httpx
import typer

from infra.commands.console import console
from infra.local.errors import StackError

app = typer.Typer(no_args_is_help=True, help=__doc__)

Service = Annotated[str, typer.Argument(help="booking, attendance or reporting")]
Letter = Annotated[str, typer.Argument(help="Id of the dead letter.")]


@app.command("list")
def listed(service: Service) -> None:
    """List the dead letters of a service."""
    items = _call("GET", f"/{service}/v1/dead-letters")["items"]
    for item in items:
        fields = (item.get(name) for name in ("id", "state", "consumer", "type", "key", "reason"))
        console.print("  ".join(str(field) for field in fields if field), soft_wrap=True)
    console.print(f"{len(items)} dead letters" if items else "No dead letters.")


@app.command()
def show(service: Service, letter: Letter) -> None:
    """Print one dead letter with its bytes, headers and reason."""
    console.print_json(json.dumps(_call("GET", f"/{service}/v1/dead-letters/{letter}")))


@app.command()
def replay(service: Service, letter: Letter, reason: Annotated[str, typer.Option()] = "replayed by command") -> None:
    """Apply it again, with what is parked behind it, in order."""
    console.print_json(json.dumps(_call("POST", f"/{service}/v1/dead-letters/{letter}/replay", {"reason": reason})))


@app.command()
def discard(service: Service, letter: Letter, reason: Annotated[str, typer.Option()]) -> None:
    """Close it without applying it; the reason is kept."""
    console.print_json(json.dumps(_call("POST", f"/{service}/v1/dead-letters/{letter}/discard", {"reason": reason})))


def _call(method: str, path: str, body: dict[str, str] | None = None) -> Any:
    """The API's answer, as operator: with `KURSNAV_TOKEN`, or a token of the development issuer."""
    from infra.commands import token
    from infra.commands.addresses import chosen, origin

    chosen([path.split("/")[1]])
    access = os.environ.get("KURSNAV_TOKEN") or token.make("operator")
    try:
        answer = httpx.request(
            method, origin() + path, json=body, headers={"Authorization": f"Bearer {access}"}, timeout=30
        )
    except httpx.HTTPError as error:
        raise StackError(f"{origin()} does not answer ({error}). Start the stack, or mend KURSNAV_URL.") from error
    if answer.is_error:
        problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        raise StackError(f"{answer.status_code}: {problem.get('detail') or answer.reason_phrase}")
    return answer.json()
