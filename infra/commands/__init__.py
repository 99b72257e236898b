"""One module per `kursnav` command."""
