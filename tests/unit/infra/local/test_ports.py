"""A port in use is named with its holder and the way out."""

import os
import socket
from functools import partial

import pytest

from infra.local import ports
from infra.local.errors import StackError
from infra.local.process import free_port


def test_the_message_names_the_holder_and_the_variable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(StackError) as refused:
            ports.listen(port)
    assert f"process {os.getpid()} (" in str(refused.value)
    assert f"KURSNAV_PORT={port + 1}" in str(refused.value)


def test_a_taken_port_is_replaced_by_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = holder.getsockname()[1]
        assert free_port(taken) != taken


def test_an_ended_listener_can_be_followed_at_once() -> None:
    first = ports.listen(free_port())
    port = first.getsockname()[1]
    first.close()
    ports.listen(port).close()


def test_no_port_is_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """One in 14,000 would be, to two parts of a stack: neither has bound its own when the other one is chosen."""
    first = free_port()
    monkeypatch.setattr(socket, "socket", partial(Offering, [first, first]))
    assert free_port() != first


class Offering(socket.socket):
    """Where the system chooses, it chooses these ports, one after the other, and then itself."""

    def __init__(self, ports: list[int]) -> None:
        super().__init__()
        self.ports = ports

    def bind(self, address: tuple[str, int]) -> None:  # type: ignore[override]  # addresses of IPv4 only
        super().bind((address[0], address[1] or (self.ports.pop(0) if self.ports else 0)))
