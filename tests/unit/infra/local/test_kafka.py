"""What the broker is told when its data folder is made."""

from infra.local.kafka import cluster_id


def test_no_cluster_begins_with_what_the_command_takes_for_an_option() -> None:
    """One in 64 would."""
    made = {cluster_id() for _ in range(2000)}
    assert len(made) == 2000
    assert {len(one) for one in made} == {22}
    assert not any(one.startswith("-") for one in made)
