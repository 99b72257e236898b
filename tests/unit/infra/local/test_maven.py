"""Kafka's jars: nothing is used whose SHA-256 is not the lock's."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from infra.local import maven
from infra.local.errors import StackError

JAR = maven.Jar("org.example", "thing", "1.0", hashlib.sha256(b"good").hexdigest())


class Registry:
    """Plays jgo's context: puts `content` where Maven's layout wants it."""

    def __init__(self, cache: Path, content: bytes | OSError) -> None:
        self.cache = cache
        self.content = content
        self.asked = 0

    def project(self, group: str, artifact: str) -> "Wanted":
        self.asked += 1
        return Wanted(replace(JAR, artifact=artifact).path(self.cache), self.content)


@dataclass
class Wanted:
    """One jar of it: several are fetched at once."""

    path: Path
    content: bytes | OSError

    def at_version(self, version: str) -> "Wanted":
        return self

    def artifact(self) -> "Wanted":
        return self

    def resolve(self) -> Path:
        if isinstance(self.content, OSError):
            raise self.content
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(self.content)
        return self.path


Serve = Callable[[bytes | OSError], Registry]


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    def serving(content: bytes | OSError) -> Registry:
        registry = Registry(tmp_path, content)
        monkeypatch.setattr(maven, "_context", lambda cache: registry)
        return registry

    return serving


def test_the_lock_names_the_broker_its_client_and_its_logging() -> None:
    locked = [jar.coordinate for jar in maven.read_lock()]
    assert set(maven.WANTED) <= set(locked)
    assert len(locked) == len(set(locked))


def test_no_file_names_a_registry() -> None:
    assert "http" not in maven.LOCK.read_text("utf-8")


def test_what_is_cached_is_not_fetched_again(tmp_path: Path, serve: Serve) -> None:
    registry = serve(b"good")
    assert maven.fetch([JAR], tmp_path) == maven.fetch([JAR], tmp_path) == [JAR.path(tmp_path)]
    assert registry.asked == 1


def test_a_damaged_jar_in_the_cache_is_fetched_again(tmp_path: Path, serve: Serve) -> None:
    serve(b"good")
    JAR.path(tmp_path).parent.mkdir(parents=True)
    JAR.path(tmp_path).write_bytes(b"half")
    maven.fetch([JAR], tmp_path)
    assert JAR.path(tmp_path).read_bytes() == b"good"


def test_a_jar_with_another_hash_is_thrown_away(tmp_path: Path, serve: Serve) -> None:
    serve(b"evil")
    with pytest.raises(StackError, match="another SHA-256"):
        maven.fetch([JAR], tmp_path)
    assert not JAR.path(tmp_path).exists()


def test_a_registry_out_of_reach_is_explained(tmp_path: Path, serve: Serve) -> None:
    serve(ConnectionError("no route"))
    with pytest.raises(StackError, match="Check the network or proxy"):
        maven.fetch([JAR], tmp_path)


def test_a_full_disk_is_explained(tmp_path: Path, serve: Serve) -> None:
    serve(OSError(28, "No space left on device"))
    with pytest.raises(StackError, match="No space left"):
        maven.fetch([JAR], tmp_path)


def test_progress_counts_the_jars_that_are_fetched(tmp_path: Path, serve: Serve) -> None:
    serve(b"good")
    seen: list[tuple[int, int]] = []
    maven.fetch([JAR, replace(JAR, artifact="other")], tmp_path, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2, 2)
