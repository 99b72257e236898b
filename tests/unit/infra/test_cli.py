"""What the `kursnav` command says before any command begins."""

import subprocess

from infra.local.stack import kursnav


def test_an_argument_that_is_no_text_is_refused_in_words() -> None:
    command: list[str | bytes] = [*map(str, kursnav("dead-letters", "list", "booking", "--key")), b"\xff"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == "kursnav: Argument 5 is not UTF-8. Write it in a terminal that speaks UTF-8."
