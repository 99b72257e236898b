"""The contract between the services: topics, envelope and every published event type."""
