"""Kafka: does it answer, does it keep what it is given, are the topics as declared?"""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from infra.doctor.configuration import Configuration
from infra.doctor.findings import Finding, error, ok, warning
from shared.contracts.topics import TopicsRefused, compare_topics

LARGEST_EVENT = 1_048_576  # what the relay may send
PART = "Kafka"


async def examine(configuration: Configuration) -> list[Finding]:
    """The broker and the topics with the installation's prefix."""
    servers = configuration.get("KAFKA_BOOTSTRAP_SERVERS")
    if not servers:
        return [error(PART, "no address is known", "Set KAFKA_BOOTSTRAP_SERVERS, or start the stack here: kursnav up.")]
    admin = AIOKafkaAdminClient(bootstrap_servers=servers, client_id="kursnav-doctor", request_timeout_ms=10_000)
    try:
        await admin.start()
        return [*await _brokers(admin, servers), *await _topics(admin, configuration.get("KURSNAV_TOPIC_PREFIX"))]
    except (KafkaError, OSError, TopicsRefused) as wrong:
        return [error(PART, f"{servers} does not answer: {wrong}", "Start it, or mend KAFKA_BOOTSTRAP_SERVERS.")]
    finally:
        await admin.close()


async def _brokers(admin: AIOKafkaAdminClient, servers: str) -> list[Finding]:
    brokers = (await admin.describe_cluster())["brokers"]
    settings = await _settings(admin, brokers[0]["node_id"])
    findings = [ok(PART, f"{servers} answers, {len(brokers)} broker{'s' if len(brokers) > 1 else ''}")]
    if old := settings.get("inter.broker.protocol.version"):  # Kafka 4 has no such setting any more
        findings.append(warning(PART, f"version {old} is older than what is tested", "Use Apache Kafka 4.3."))
    if settings.get("auto.create.topics.enable") == "true":
        advice = "Set auto.create.topics.enable=false: topics are made by kursnav topics, with their settings."
        findings.append(warning(PART, "makes topics by itself, with other settings than ours", advice))
    if int(settings.get("message.max.bytes") or LARGEST_EVENT) < LARGEST_EVENT:
        advice = f"Set message.max.bytes to at least {LARGEST_EVENT}."
        findings.append(error(PART, "takes only messages smaller than our largest", advice))
    return findings


async def _settings(admin: AIOKafkaAdminClient, broker: int) -> dict[str, str]:
    [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, str(broker))])
    [(_, _, _, _, entries)] = answer.resources
    return {entry[0]: entry[1] for entry in entries}


async def _topics(admin: AIOKafkaAdminClient, prefix: str) -> list[Finding]:
    missing, states = await compare_topics(admin, prefix=prefix)
    findings = [error(f"topic {name}", "is missing", "kursnav topics") for name in missing]
    for topic in states:
        if topic.differences:
            advice = "kafka-configs.sh --alter mends a setting; partitions are never changed: keys would move."
            findings.append(error(f"topic {topic.name}", "; ".join(topic.differences), advice))
    return findings or [ok(PART, f"all {len(states)} topics are as declared")]
