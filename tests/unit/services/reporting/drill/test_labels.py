"""Every figure has a name in both languages, and every path that leads to rows is a figure's."""

import pytest

from services.reporting.drill.labels import label
from services.reporting.drill.measures import MEASURES, found, leads_to_rows
from services.reporting.reports.words import Words

NAMES = {"courses": {"A": "Demens A"}, "municipalities": {"1884": "Nora"}}


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("figure", MEASURES)
def test_every_figure_has_a_name(figure: str, language: str) -> None:
    assert label(figure.replace("*", "1884"), NAMES, Words(language))


@pytest.mark.parametrize(
    ("figure", "name"),
    [
        ("minutes.attested", "Intygad närvaro"),
        ("minutes.unmatched_minutes", "Utan gällande anställning"),
        ("unique_participants.total", "Unika deltagare"),
        ("unique_participants.by_gender.woman", "Unika deltagare: Kvinnor"),
        ("unique_participants.by_municipality.1884", "Unika deltagare: Nora"),
        ("participations.by_course.A", "Deltaganden: Demens A"),
        ("participations.by_title.boende.stöd nr 1", "Deltaganden: boende.stöd nr 1"),
        ("participations.by_municipality.unmatched", "Deltaganden: Utan gällande anställning"),
        ("sessions.cancelled_by_cause.too-few", "Inställda kurstillfällen: För få anmälda"),
        ("surveys.participant.helped.high", "I hög grad"),
        ("surveys.manager.questions.used.values.yes", "Chefernas svar efter tre månader: used, yes"),
        ("trainers.qualified.KlinSim1", "Utbildningsledare med KlinSim1"),
    ],
)
def test_it_says_what_a_reader_knows(figure: str, name: str) -> None:
    assert label(figure, NAMES, Words("sv")) == name


@pytest.mark.parametrize(
    "path", ["minutes", "seats.fill_rate", "surveys.participant.helped.share", "cofinancing.project", ""]
)
def test_shares_and_what_is_no_figure_lead_nowhere(path: str) -> None:
    assert not leads_to_rows(path)


def test_a_title_may_hold_dots() -> None:
    assert found("participations.by_title.boende.stöd") == ("participations.by_title.*", ("boende.stöd",))
