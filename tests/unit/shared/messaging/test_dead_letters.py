"""What a dead letter says about its cause: enough to mend it, and no value of a row."""

import pytest
from sqlalchemy.exc import DBAPIError

from shared.messaging.dead_letters import one_line


class Refused(Exception):
    """As the driver raises it."""

    def __init__(self, text: str, sqlstate: str | None) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


def of_the_database(text: str, sqlstate: str | None) -> DBAPIError:
    return DBAPIError("INSERT INTO people", {"name": "Anna"}, Refused(text, sqlstate))


@pytest.mark.parametrize(
    ("text", "sqlstate"),
    [('invalid input syntax for type integer: "Anna"', "22P02"), ("invalid input for query argument $1: 'Anna'", None)],
)
def test_a_database_error_that_quotes_a_value_is_told_by_its_class(text: str, sqlstate: str | None) -> None:
    assert one_line(of_the_database(text, sqlstate)) == f"Refused, SQLSTATE {sqlstate or 'none'}"


def test_a_constraint_is_told_by_its_name_without_the_row() -> None:
    text = 'insert violates foreign key constraint "rolls_session"\nDETAIL: Key (name)=(Anna) is not present.'
    assert one_line(of_the_database(text, "23503")) == 'insert violates foreign key constraint "rolls_session"'


@pytest.mark.parametrize(
    ("error", "said"),
    [(ValueError("not yet"), "not yet"), (KeyError(), "KeyError"), (ValueError("x" * 400), "x" * 300)],
)
def test_other_errors_speak_for_themselves(error: Exception, said: str) -> None:
    assert one_line(error) == said
