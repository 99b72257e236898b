"""The refusals of head counts, each with what to do."""

from shared.web.problems import Problem, conflict


def head_count_id_reused() -> Problem:
    """409: each count has an id of its own."""
    return conflict(
        "head-count-id-reused",
        "head_count_id har redan använts för en annan räkning. Ge varje räkning ett eget id.",
        "This head_count_id was used for another count. Give each count an id of its own.",
    )
