"""The frame of a report: title, key figures, summary, and what identifies it. Puts the sections in their order."""

from collections.abc import Iterable
from datetime import datetime

from services.reporting.reports.content import Content
from services.reporting.reports.formatting import Unit, day, hours, instant
from services.reporting.reports.forms import headed
from services.reporting.reports.kinds.kind import of_lists
from services.reporting.reports.kinds.register import KINDS
from services.reporting.reports.presentation import Presentation, Row, Section, cell
from services.reporting.reports.sections.reading import Reading
from services.reporting.reports.sections.surveys import surveys


def present(content: Content) -> Presentation:
    """The presentation of a report in its language."""
    reading = Reading(content)
    words, order, kind = reading.words, content.order, KINDS[content.order.kind]
    first = day(reading.period.first, reading.language)
    return Presentation(
        language=reading.language,
        title=f"{words(f'kind.{order.kind}')} {reading.period_words()}",
        project=content.names["project"],
        subtitle=reading.municipality(order.municipality) if order.municipality else words("whole_project"),
        period_line=words("period_line", first=first, last=reading.last_day),
        key_figures=tuple(_key_figures(reading)),
        sections=(_summary(reading), *(section(reading) for section in kind.sections), *of_lists(reading)),
        texts=tuple(headed(order.kind, order.texts, order.language)),
        about=tuple((words(word), value) for word, value in _about(reading)),
        positions=tuple(_positions(content)),
        rules=tuple(
            (words.named("rule", name), _rule(reading, value)) for name, value in sorted(content.rule_versions.items())
        ),
    )


def _key_figures(reading: Reading) -> Iterable[Row]:
    yield reading.row("key_persons", "unique_participants.total", Unit.PERSONS)
    yield reading.row("key_hours", "minutes.attested", Unit.HOURS)
    if reading.content.cofinancing:
        path, standing = reading.standing
        attainment = cell(f"{path}.attainment", standing["attainment"], Unit.SHARE)
        yield Row(reading.words("key_attainment"), (attainment,))
    yield reading.row("key_sessions", "sessions.held", Unit.SESSIONS)
    if reading.figures["surveys"] is not None and surveys in KINDS[reading.content.order.kind].sections:
        yield reading.row("key_helped", "surveys.participant.helped.share", Unit.SHARE)
        yield reading.row("key_confidence", "surveys.participant.confidence.mean", Unit.MEAN)


def _summary(reading: Reading) -> Section:
    words, kind = reading.words, reading.content.order.kind
    intro = [words(f"intro.{kind}")] if words.has(f"intro.{kind}") else []
    sums = _sums(reading) if KINDS[kind].sums_up else ()
    return Section("summary", words("summary"), (*_under_way(reading), *intro, *sums))


def _sums(reading: Reading) -> Iterable[str]:
    words, text = reading.words, reading.text
    courses = sum(1 for count in reading.figures["participations"]["by_course"].values() if count)
    yield words(
        "summary_people",
        period=reading.period_words(running=True),
        courses=courses,
        persons=text("unique_participants.total", Unit.PERSONS),
        participations=text("participations.total", Unit.PARTICIPATIONS),
        held=text("sessions.held", Unit.SESSIONS),
        cancelled=text("sessions.cancelled", Unit.SESSIONS),
    )
    yield _hours_sentence(reading)
    yield from _helped_sentence(reading)


def _under_way(reading: Reading) -> Iterable[str]:
    if reading.content.under_way:
        at = instant(datetime.fromisoformat(reading.content.order.created_at), reading.language)
        yield reading.words("under_way", at=at)


def _hours_sentence(reading: Reading) -> str:
    path, standing = reading.standing
    return reading.words(
        "summary_hours" if path == "cofinancing.project" else "summary_hours_own",
        attested=reading.text("minutes.attested", Unit.HOURS),
        last=reading.last_day,
        attainment=reading.shown(standing["attainment"], Unit.SHARE),
        commitment=reading.shown(hours(standing["commitment_minutes"]), Unit.HOURS),
    )


def _helped_sentence(reading: Reading) -> Iterable[str]:
    helped = (reading.figures["surveys"] or {}).get("participant", {}).get("helped", {})
    if helped.get("n"):
        share, n = reading.shown(helped["share"], Unit.SHARE), reading.shown(helped["n"], Unit.ANSWERS)
        yield reading.words("summary_helped", share=share, n=n)


def _about(reading: Reading) -> Iterable[tuple[str, str]]:
    content, order = reading.content, reading.content.order
    yield "about.id", order.id
    yield "about.version", str(order.version)
    if order.supersedes:
        yield "about.supersedes", order.supersedes
    yield "about.created_at", instant(datetime.fromisoformat(order.created_at), reading.language)
    as_of = content.data_as_of
    yield (
        "about.data_as_of",
        instant(datetime.fromisoformat(as_of), reading.language) if as_of else reading.shown(None, Unit.COUNT),
    )
    count = reading.shown(content.row_count, Unit.COUNT)
    yield "about.rows", reading.words("about.row_count", count=count)
    yield "about.hash", content.hash


def _positions(content: Content) -> Iterable[tuple[str, str]]:
    for topic, partitions in sorted(content.order.cut_off.items()):
        by_number = sorted(partitions.items(), key=lambda item: int(item[0]))
        yield topic, ", ".join(f"{partition}: {offset}" for partition, offset in by_number)


def _rule(reading: Reading, value: object) -> str:
    """A setting's value with the day from which it holds, for readers who know the setting."""
    if isinstance(value, bool):
        return reading.words("yes" if value else "no")
    if isinstance(value, list):
        return "; ".join(_dated(reading, one) for one in value)
    if isinstance(value, dict):
        named = reading.words.named
        return ", ".join(f"{named('rule', name)}: {_rule(reading, inner)}" for name, inner in value.items())
    return reading.shown(None, Unit.COUNT) if value is None else reading.words.named("setting", str(value))


def _dated(reading: Reading, one: dict[str, object]) -> str:
    return f"{_rule(reading, one['value'])} ({reading.words('rules.from', day=str(one['valid_from']))})"
