"""What becomes of a group in one request."""

from services.booking.registrations.policy import Group, Outcome, Policy, Verdict, judge

CONFIRMED, WAITING, GROUPED = Outcome.CONFIRMED, Outcome.WAITING, Outcome.GROUPED
FULL, INELIGIBLE, GROUP_FAILED = Outcome.FULL, Outcome.INELIGIBLE, Outcome.GROUP_FAILED


def test_all_are_confirmed_when_all_fit() -> None:
    assert judge(Group(Policy.ALL, [True, True]), [True, True], True) == Verdict((CONFIRMED, CONFIRMED), met=True)


def test_all_wait_as_one_group_when_they_do_not_fit() -> None:
    assert judge(Group(Policy.ALL, [True, True]), [False, False], True) == Verdict((GROUPED, GROUPED), met=False)


def test_all_get_nothing_without_a_waiting_list() -> None:
    assert judge(Group(Policy.ALL, [True, True]), [False, False], False) == Verdict((FULL, FULL), met=False)


def test_one_who_may_not_take_part_fails_a_group_all() -> None:
    group = Group(Policy.ALL, [True, False])
    assert not group.possible
    assert judge(group, [], True) == Verdict((GROUP_FAILED, INELIGIBLE), met=False)


def test_a_person_alone_waits_alone_under_every_policy() -> None:
    for policy in Policy:
        assert judge(Group(policy, [True]), [False], True).outcomes == (WAITING,)


def test_any_confirms_those_that_fit_in_the_order_of_the_request() -> None:
    assert judge(Group(Policy.ANY, [True, False, True, True]), [True, True, False], True) == Verdict(
        (CONFIRMED, INELIGIBLE, CONFIRMED, WAITING), met=True
    )


def test_any_waits_singly_when_nobody_fits() -> None:
    assert judge(Group(Policy.ANY, [True, True]), [False, False], True) == Verdict((WAITING, WAITING), met=False)


def test_any_rejects_the_rest_without_a_waiting_list() -> None:
    assert judge(Group(Policy.ANY, [True, True]), [True, False], False) == Verdict((CONFIRMED, FULL), met=True)


def test_at_least_so_many_at_once_and_the_rest_waits_singly() -> None:
    assert judge(Group(Policy.AT_LEAST, [True, True, True], at_least=2), [True, True, False], True) == Verdict(
        (CONFIRMED, CONFIRMED, WAITING), met=True
    )


def test_at_least_waits_as_one_group_while_too_few_fit() -> None:
    group = Group(Policy.AT_LEAST, [True, True, False], at_least=2)
    assert group.minimum == 2
    assert judge(group, [False, False], True).outcomes == (GROUPED, GROUPED, INELIGIBLE)


def test_at_least_fails_when_too_few_may_take_part() -> None:
    group = Group(Policy.AT_LEAST, [True, False, False], at_least=2)
    assert judge(group, [], True) == Verdict((GROUP_FAILED, INELIGIBLE, INELIGIBLE), met=False)
