"""The AsyncAPI 3.0 document of kursnav's topics, generated from the registry: what is published is what the code
encodes.
"""

from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contracts import topics
from shared.contracts.envelope import CONTENT_TYPE, SPEC_VERSION
from shared.contracts.registry import EventData, all_contracts
from shared.contracts.topics import Topic

REFERENCE = "#/components/schemas/{model}"
PRODUCERS = {
    "booking": ("booking", "catalogue", "participants", "people", "signouts"),
    "attendance": ("attendance", "signatures", "surveys"),
    "reporting": ("reports",),
}
BOX = {
    "type": "object",
    "description": "The encrypted value: AES-256-GCM, associated data is the message key.",
    "required": ["kid", "nonce", "box"],
    "properties": {
        "kid": {"type": "string", "description": "Name of the key."},
        "nonce": {"type": "string", "contentEncoding": "base64"},
        "box": {"type": "string", "contentEncoding": "base64"},
    },
}
REQUIRED_HEADERS = {
    "ce_specversion": {"const": SPEC_VERSION},
    "ce_id": {"type": "string", "format": "uuid", "description": "The only key for removing duplicates."},
    "ce_source": {"type": "string", "description": "/kursnav/<service>"},
    "ce_subject": {"type": "string", "description": "What the key names."},
    "ce_time": {"type": "string", "format": "date-time", "description": "When it happened, UTC."},
    "ce_recordedtime": {"type": "string", "format": "date-time", "description": "When it was recorded, UTC."},
    "ce_sequence": {"type": "string", "pattern": "^[0-9]+$", "description": "Rises by one with each event of the key."},
}
TRACE_HEADERS = {
    "ce_correlationid": {"type": "string", "description": "The request that began it."},
    "ce_causationid": {"type": "string", "description": "The event that caused it."},
    "traceparent": {"type": "string", "description": "W3C trace context."},
}


def document() -> dict[str, Any]:
    """The whole document; equal contracts give equal text."""
    contracts = all_contracts()
    _, schemas = models_json_schema([(contract, "serialization") for contract in contracts], ref_template=REFERENCE)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "kursnav events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in binary mode on Apache Kafka. At least once, in order of ce_sequence per "
            "key; consumers remove duplicates by ce_id. A breaking change is a new major in ce_type.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {topic.name: _channel(topic, contracts) for topic in topics.ALL},
        "operations": {f"{service}.publish.{topic.name}": _operation(topic) for service, topic in _published()},
        "components": {
            "messages": {contract.ce_type: _message(contract) for contract in contracts},
            "schemas": {"EncryptedBox": BOX, **schemas["$defs"]},
        },
    }


def _published() -> list[tuple[str, Topic]]:
    """Who publishes on which topic, in a stable order."""
    contexts = {topic: topic.name.split(".")[1] for topic in topics.ALL}
    return [(service, topic) for service, own in PRODUCERS.items() for topic in topics.ALL if contexts[topic] in own]


def _channel(topic: Topic, contracts: tuple[type[EventData], ...]) -> dict[str, Any]:
    key = (
        "The key says it itself: <kind>/<id>."
        if topic.subject_kind is None
        else f"The key is the {topic.subject_kind} id."
    )
    return {
        "address": topic.name,
        "description": key + (" Values are encrypted; a tombstone erases." if topic.encrypted else ""),
        "messages": {
            contract.ce_type: {"$ref": f"#/components/messages/{contract.ce_type}"}
            for contract in contracts
            if contract.topic is topic
        },
        "bindings": {"kafka": {"partitions": topic.partitions, "topicConfiguration": _configuration(topic)}},
    }


def _configuration(topic: Topic) -> dict[str, Any]:
    """The settings in the binding's own form: the policy as a list, numbers as numbers, others left to the topic's
    declaration.
    """
    known = {"retention.ms", "retention.bytes", "delete.retention.ms"}
    numbers = {name: int(value) for name, value in topic.settings.items() if name in known}
    return {"cleanup.policy": [topic.settings["cleanup.policy"]], **numbers}


def _operation(topic: Topic) -> dict[str, Any]:
    return {"action": "send", "channel": {"$ref": f"#/channels/{topic.name}"}}


def _message(contract: type[EventData]) -> dict[str, Any]:
    headers = {
        "ce_type": {"const": contract.ce_type},
        "ce_dataschema": {"const": contract.dataschema},
        **REQUIRED_HEADERS,
        **(TRACE_HEADERS if contract.traced else {}),
    }
    data = {"$ref": REFERENCE.format(model=contract.__name__)}
    message = {
        "name": contract.ce_type,
        "title": contract.__name__,
        "summary": (contract.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ") or contract.__name__,
        "contentType": CONTENT_TYPE,
        "headers": {"type": "object", "required": ["ce_type", *REQUIRED_HEADERS], "properties": headers},
        "payload": {"$ref": REFERENCE.format(model="EncryptedBox")} if contract.topic.encrypted else data,
        "bindings": {"kafka": {"key": {"type": "string"}}},
    }
    return message | ({"x-decrypted-payload": data} if contract.topic.encrypted else {})
