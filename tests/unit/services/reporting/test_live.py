"""What a state of the live figures is, and how it is known again."""

from services.reporting.live.feed import state_of

FIGURES = {
    "minutes": {"attested": 60},
    "cut_off": {"t": {"0": 1}},
    "data_as_of": "x",
    "suppressed": [],
    "surveys": None,
}


def test_a_state_is_every_figure_by_its_path_without_what_says_how_old_it_is() -> None:
    assert state_of(FIGURES).figures == {"minutes.attested": 60, "surveys": None}


def test_the_same_figures_are_the_same_state_whenever_they_were_counted() -> None:
    later = {**FIGURES, "cut_off": {"t": {"0": 9}}, "data_as_of": "y"}
    assert state_of(later).id == state_of(FIGURES).id
    assert state_of({**FIGURES, "minutes": {"attested": 61}}).id != state_of(FIGURES).id
