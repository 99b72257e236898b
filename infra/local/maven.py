"""Kafka's jars by Maven coordinates: fetched once per user, each checked against the SHA-256 in `kafka.lock`.

No address of a registry stands in any file: jgo takes Maven Central, or the mirror named under `[repositories]` in the
user's jgo settings (`~/.config/jgo.conf`).
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.local.errors import StackError

if TYPE_CHECKING:
    from jgo.maven import MavenContext

LOCK = Path(__file__).with_name("kafka.lock")
WANTED = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    "org.apache.kafka:kafka-clients:4.3.1",  # named, or a resolver may pick 3.9.1
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",  # without it Kafka logs nothing
)
DOWNLOADS_AT_ONCE = 4
TIMEOUT_SECONDS = 60

Progress = Callable[[int, int], None]  # jars done, jars in all


@dataclass(frozen=True)
class Jar:
    """One locked jar."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def coordinate(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"

    def path(self, cache: Path) -> Path:
        """Where Maven's layout puts the jar below `cache`."""
        return cache.joinpath(
            *self.group.split("."), self.artifact, self.version, f"{self.artifact}-{self.version}.jar"
        )


def cache_folder() -> Path:
    """The jars' folder of this user; `KURSNAV_CACHE` moves it."""
    base = os.environ.get("KURSNAV_CACHE") or os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "kursnav" / "maven"


def read_lock(lock: Path = LOCK) -> list[Jar]:
    """The jars that the lock names, in class path order."""
    lines = (line for line in lock.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return [_parse(line) for line in lines]


def _parse(line: str) -> Jar:
    coordinate, digest = line.split(" sha256:")
    group, artifact, version = coordinate.split(":")
    return Jar(group, artifact, version, digest)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(jars: Sequence[Jar], cache: Path, progress: Progress = lambda done, total: None) -> list[Path]:
    """Paths of all jars, downloading those that the cache lacks or holds damaged. Raises `StackError`."""
    if not all(_intact(jar, cache) for jar in jars):
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two stacks of one user may start at once
            _download([jar for jar in jars if not _intact(jar, cache)], cache, progress)
    return [jar.path(cache) for jar in jars]


def _intact(jar: Jar, cache: Path) -> bool:
    path = jar.path(cache)
    return path.is_file() and sha256(path) == jar.sha256


def _download(jars: Sequence[Jar], cache: Path, progress: Progress) -> None:
    context = _context(cache)
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        for done, _ in enumerate(pool.map(lambda jar: _download_one(context, jar, cache), jars), start=1):
            progress(done, len(jars))


def _context(cache: Path) -> "MavenContext":
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext

    mirrors: dict[str, str] = GlobalSettings.load().repositories
    return MavenContext(repo_cache=cache, remote_repos=mirrors or None, timeout=TIMEOUT_SECONDS)


def _download_one(context: "MavenContext", jar: Jar, cache: Path) -> None:
    path = jar.path(cache)
    path.unlink(missing_ok=True)  # an interrupted or damaged download
    try:
        context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
    except OSError as error:  # also every error of requests
        raise StackError(_unreachable(jar, error)) from error
    except RuntimeError as error:
        raise StackError(f"The Maven registry has no {jar.coordinate}: {error}") from error
    if sha256(path) != jar.sha256:
        path.unlink()
        raise StackError(
            f"{jar.coordinate} came with another SHA-256 than kafka.lock says and was thrown away.\n"
            "Try again; if it stays so, the registry or a proxy in between changes files: do not use it."
        )


def _unreachable(jar: Jar, error: OSError) -> str:
    if getattr(error, "errno", None) == 28:
        return (
            f"No space left for Kafka's jars (44 MB) in {cache_folder()}. Free some, or point KURSNAV_CACHE elsewhere."
        )
    return (
        f"Cannot fetch Kafka's {jar.coordinate}: {error}\n"
        "The first start needs the Maven registry (44 MB, once per user). Check the network or proxy (HTTPS_PROXY),\n"
        "name a mirror under [repositories] in ~/.config/jgo.conf, or use a running broker:\n"
        "KAFKA_BOOTSTRAP_SERVERS=host:port. Then start again; nothing is lost."
    )


def resolve_lock(cache: Path) -> str:
    """The lock's text for `WANTED` as the registry resolves it now (`make lock`)."""
    context = _context(cache)
    inputs, transitive = context.resolver.resolve([context.create_dependency(wanted) for wanted in WANTED])
    lines = [_lock_line(dependency) for dependency in [*inputs, *sorted(transitive, key=str)]]
    return "# Kafka's jars; made by `make lock`, checked on every start\n" + "\n".join(lines) + "\n"


def _lock_line(dependency: Any) -> str:
    path = dependency.artifact.resolve()
    return f"{dependency.groupId}:{dependency.artifactId}:{dependency.version} sha256:{sha256(path)}"


if __name__ == "__main__":
    LOCK.write_text(resolve_lock(cache_folder()), "utf-8")
