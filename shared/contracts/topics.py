"""Every topic of kursnav, declared once; created by command, never by the broker itself."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

DAY_MS = 24 * 60 * 60 * 1000
PARTITIONS = 6
VISIBLE_ATTEMPTS, VISIBLE_PAUSE_SECONDS = 150, 0.1
UNLIMITED = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
COMPACT = {"cleanup.policy": "compact"}


@dataclass(frozen=True)
class Topic:
    """One topic: its name without prefix, what its key names, and the settings it must have.

    `subject_kind` is what a bare id as key names (`session`); None when the key says it itself (`course/TR1`).
    `encrypted` values are `{kid, nonce, box}`; on a `compacted` topic a tombstone is a message, elsewhere it is damage.
    """

    name: str
    subject_kind: str | None
    settings: Mapping[str, str] = field(hash=False)
    partitions: int = PARTITIONS
    encrypted: bool = False

    @property
    def compacted(self) -> bool:
        return self.settings["cleanup.policy"] == "compact"

    def subject_of(self, key: str) -> str:
        """What `key` names, as `ce_subject` says it: `session/<uuid>`."""
        return key if self.subject_kind is None else f"{self.subject_kind}/{key}"


BOOKING = Topic("kursnav.booking.v1", "session", UNLIMITED)
ATTENDANCE = Topic("kursnav.attendance.v1", "session", UNLIMITED)
SIGNATURES = Topic("kursnav.signatures.v1", "participant", UNLIMITED)
SURVEYS = Topic("kursnav.surveys.v1", "session", UNLIMITED)
CATALOGUE = Topic("kursnav.catalogue.v1", None, COMPACT)
PARTICIPANTS = Topic("kursnav.participants.v1", "participant", COMPACT)
# The two times bound how long the broker keeps a name after its tombstone.
PEOPLE = Topic(
    "kursnav.people.v1",
    None,
    {**COMPACT, "max.compaction.lag.ms": str(DAY_MS), "delete.retention.ms": str(30 * DAY_MS)},
    encrypted=True,
)
REPORTS = Topic("kursnav.reports.v1", "report", UNLIMITED, partitions=3)
SIGNOUTS = Topic(
    "kursnav.signouts.v1", "session", {"cleanup.policy": "delete", "retention.ms": str(DAY_MS)}, partitions=3
)

ALL: tuple[Topic, ...] = (
    BOOKING,
    ATTENDANCE,
    SIGNATURES,
    SURVEYS,
    CATALOGUE,
    PARTICIPANTS,
    PEOPLE,
    REPORTS,
    SIGNOUTS,
)


@dataclass(frozen=True)
class TopicState:
    """What `create_topics` found or did for one topic; `differences` are settings that are not as declared."""

    name: str
    created: bool
    differences: tuple[str, ...] = ()


class TopicsRefused(Exception):
    """The broker did not create or describe topics; the message names each and the broker's reason."""


async def create_topics(
    admin: AIOKafkaAdminClient, *, prefix: str = "", replication_factor: int = 1, topics: Sequence[Topic] = ALL
) -> list[TopicState]:
    """Create the topics that are missing and compare the others with their declaration.

    A topic that differs is reported, never changed: more partitions would move keys, other retention could delete.
    Raises TopicsRefused when the broker refuses to create one.
    """
    existing = set(await admin.list_topics())
    missing = [topic for topic in topics if prefix + topic.name not in existing]
    created = await _create(admin, missing, prefix, replication_factor) if missing else set()
    await _until_visible(admin, {prefix + topic.name for topic in topics})
    return [
        TopicState(name, created=True)
        if (name := prefix + topic.name) in created
        else TopicState(name, created=False, differences=await _differences(admin, topic, name))
        for topic in topics
    ]


async def compare_topics(
    admin: AIOKafkaAdminClient, *, prefix: str = "", topics: Sequence[Topic] = ALL
) -> tuple[list[str], list[TopicState]]:
    """The names that are missing, and how the others differ from their declaration; changes nothing."""
    existing = set(await admin.list_topics())
    names = {prefix + topic.name: topic for topic in topics}
    states = [
        TopicState(name, created=False, differences=await _differences(admin, topic, name))
        for name, topic in names.items()
        if name in existing
    ]
    return [name for name in names if name not in existing], states


async def _create(
    admin: AIOKafkaAdminClient, topics: Sequence[Topic], prefix: str, replication_factor: int
) -> set[str]:
    """The names that were created; those that another process created meanwhile are not among them."""
    response = await admin.create_topics(
        [
            NewTopic(prefix + topic.name, topic.partitions, replication_factor, topic_configs=dict(topic.settings))
            for topic in topics
        ]
    )
    codes = {name: code for name, code, *_ in response.topic_errors}
    refused = [
        f"{name}: {for_code(code).__name__}"
        for name, code in codes.items()
        if code not in (0, TopicAlreadyExistsError.errno)
    ]
    if refused:
        raise TopicsRefused("the broker did not create " + ", ".join(refused))
    return {name for name, code in codes.items() if code == 0}


async def _until_visible(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    """The controller answers before every broker knows the topic; a consumer that starts now would find nothing."""
    for _ in range(VISIBLE_ATTEMPTS):
        absent = names - set(await admin.list_topics())
        if not absent:
            return
        await asyncio.sleep(VISIBLE_PAUSE_SECONDS)
    raise TopicsRefused(f"the broker does not show {', '.join(sorted(absent))} yet; run the command again")


async def _differences(admin: AIOKafkaAdminClient, topic: Topic, name: str) -> tuple[str, ...]:
    [described] = await admin.describe_topics([name])
    partitions = len(described["partitions"])
    wrong = [] if partitions == topic.partitions else [f"partitions is {partitions}, not {topic.partitions}"]
    actual = await _settings(admin, name)
    for setting, wanted in topic.settings.items():
        if actual.get(setting) != wanted:
            wrong.append(f"{setting} is {actual.get(setting)}, not {wanted}")
    return tuple(wrong)


async def _settings(admin: AIOKafkaAdminClient, name: str) -> dict[str, str]:
    [response] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    [(code, message, _, _, entries)] = response.resources
    if code:
        raise TopicsRefused(f"the broker did not describe {name}: {message or for_code(code).__name__}")
    return {entry[0]: entry[1] for entry in entries}
