"""The stack's variables."""

import pytest

from infra.local.errors import StackError
from infra.settings import StackSettings


def test_without_variables_everything_is_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KURSNAV_PORT", "KAFKA_BOOTSTRAP_SERVERS", "KURSNAV_POSTGRES", "KURSNAV_SMTP", "KURSNAV_PROCESSES"):
        monkeypatch.delenv(name, raising=False)
    assert StackSettings.from_environment() == StackSettings(8000, 1, None, None, None)


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1", "80.0"])
def test_a_port_that_is_none_is_refused_with_its_name(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("KURSNAV_PORT", text)
    with pytest.raises(StackError, match=f"KURSNAV_PORT={text} must be a whole number"):
        StackSettings.from_environment()
