"""The one-machine stack: the real parts (PostgreSQL, Kafka, issuer, mail) as processes of this machine."""
