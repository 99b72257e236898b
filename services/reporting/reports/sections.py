"""From a report's content to its sections: which figures stand where, in the words of its language."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.reporting.reports.charts import bars, columns
from services.reporting.reports.content import Content, Json
from services.reporting.reports.formatting import Unit, day, hours, instant, month_name, shown, swedish_order
from services.reporting.reports.periods import Period, period_of
from services.reporting.reports.presentation import Cell, Presentation, Row, Section, Table, cell
from services.reporting.reports.words import Words


def present(content: Content) -> Presentation:
    """The presentation of a report in its language."""
    return _Presenter(content).present()


class _Presenter:
    """Holds the content and its words while the sections are written."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.figures = content.figures
        self.words = Words(content.order.language)
        self.language = content.order.language
        self.period = period_of(content.order.period)

    def present(self) -> Presentation:
        words = self.words
        names = self.content.names
        municipality = self.content.order.municipality
        subtitle = names["municipalities"].get(municipality, municipality) if municipality else words("whole_project")
        return Presentation(
            language=self.language,
            title=f"{words(self.content.order.kind)} {period_words(self.period, words)}",
            project=names["project"],
            subtitle=subtitle,
            period_line=words(
                "period_line", first=day(self.period.first, self.language), last=day(self.period.last, self.language)
            ),
            key_figures=self.key_figures(),
            sections=(
                self.summary(),
                self.cofinancing(),
                self.participants(),
                self.participations(),
                self.hours(),
                self.sessions(),
                self.surveys(),
                self.trainers(),
            ),
            texts=tuple(self.content.order.texts.items()),
            about=self.about(),
            positions=tuple(
                (topic, ", ".join(f"{partition}: {offset}" for partition, offset in _by_number(partitions)))
                for topic, partitions in sorted(self.content.order.cut_off.items())
            ),
            rules=tuple(
                (words.named("rule", name), self._rule(value))
                for name, value in sorted(self.content.rule_versions.items())
            ),
        )

    # cells

    def at(self, path: str, unit: Unit) -> Cell:
        """The cell of a figure by its dotted path; minutes become hours when the unit is hours."""
        value: Any = self.figures
        for part in path.split("."):
            value = value[part]
        return cell(path, value, unit)

    def row(self, word: str, path: str, unit: Unit) -> Row:
        return Row(self.words(word), (self.at(path, unit),))

    def key_figures(self) -> tuple[Row, ...]:
        project = self.content.cofinancing["project"]
        rows = [
            self.row("key_persons", "unique_participants.total", Unit.PERSONS),
            self.row("key_hours", "minutes.attested", Unit.HOURS),
            Row(
                self.words("key_attainment"),
                (cell("cofinancing.project.attainment", project["attainment"], Unit.SHARE),),
            ),
            self.row("key_sessions", "sessions.held", Unit.SESSIONS),
        ]
        if self.figures["surveys"] is not None:
            rows.append(self.row("key_helped", "surveys.participant.helped.share", Unit.SHARE))
            rows.append(self.row("key_confidence", "surveys.participant.confidence.mean", Unit.MEAN))
        return tuple(rows)

    # sections

    def summary(self) -> Section:
        words, text = self.words, self._text
        project = self.content.cofinancing["project"]
        courses = sum(1 for count in self.figures["participations"]["by_course"].values() if count)
        paragraphs = [
            words(
                "summary_people",
                period=period_words(self.period, words, running=True),
                courses=courses,
                persons=text("unique_participants.total", Unit.PERSONS),
                participations=text("participations.total", Unit.PARTICIPATIONS),
                held=text("sessions.held", Unit.SESSIONS),
                cancelled=text("sessions.cancelled", Unit.SESSIONS),
            ),
            words(
                "summary_hours",
                attested=text("minutes.attested", Unit.HOURS),
                last=day(self.period.last, self.language),
                attainment=shown(project["attainment"], Unit.SHARE, self.language),
                commitment=shown(hours(project["commitment_minutes"]), Unit.HOURS, self.language),
            ),
        ]
        helped = (self.figures["surveys"] or {}).get("participant", {}).get("helped", {})
        if helped.get("n"):
            paragraphs.append(
                words(
                    "summary_helped",
                    share=shown(helped["share"], Unit.SHARE, self.language),
                    n=shown(helped["n"], Unit.ANSWERS, self.language),
                )
            )
        return Section("summary", words("summary"), tuple(paragraphs))

    def cofinancing(self) -> Section:
        words, stated = self.words, self.content.cofinancing
        named = sorted(stated["municipalities"], key=lambda each: swedish_order(each["name"]))
        rows = [
            Row(each["name"], _attainment_cells(f"cofinancing.municipalities.{each['code']}", each)) for each in named
        ]
        total = Row(words("total"), _attainment_cells("cofinancing.project", stated["project"]), total=True)
        header = (
            words("municipality"),
            words("commitment_h"),
            words("attested_h"),
            words("claimable_h"),
            words("attainment"),
        )
        paragraphs = [words("cofinancing_intro", last=day(self.period.last, self.language))]
        if stated["project"]["unmatched_minutes"]:
            unmatched = shown(hours(stated["project"]["unmatched_minutes"]), Unit.HOURS, self.language)
            paragraphs.append(words("cofinancing_unmatched", hours=unmatched))
        chart = bars(
            "attainment",
            words("attainment_chart"),
            self.language,
            Unit.SHARE,
            [(row.label, row.cells[3].value) for row in rows],
            alt=self._alt("attainment_alt"),
        )
        return Section(
            "cofinancing",
            words("cofinancing"),
            tuple(paragraphs),
            (Table("cofinancing", words("cofinancing.caption"), header, (*rows, total)), self._forecast(named)),
            chart,
        )

    def participants(self) -> Section:
        words = self.words
        tables = [
            self._shares("by_gender", "unique_participants", "by_gender", "gender"),
            self._shares("by_age", "unique_participants", "by_age", "age"),
        ]
        by_municipality = self._by_municipality()
        ages = [(row.label, row.cells[0].value) for row in tables[1].rows if not row.total]
        chart = columns("age", words("age_chart"), self.language, Unit.PERSONS, ages, alt=self._alt("age_alt"))
        return Section(
            "participants", words("participants"), (words("participants_intro"),), (*tables, *by_municipality), chart
        )

    def participations(self) -> Section:
        words, names = self.words, self.content.names
        courses = self._counts(
            "by_course", "participations.by_course", lambda code: str(names["courses"].get(code, code))
        )
        categories = self._counts(
            "by_category", "participations.by_category", lambda code: words.named("category", code)
        )
        titles = self._counts("by_title", "participations.by_title", lambda code: words.named("title", code))
        values = [(row.label, row.cells[0].value) for row in courses.rows if not row.total]
        chart = bars(
            "courses", words("course_chart"), self.language, Unit.PARTICIPATIONS, values, alt=self._alt("course_alt")
        )
        return Section(
            "participations",
            words("participations"),
            (words("participations_intro"),),
            (courses, categories, titles),
            chart,
        )

    def hours(self) -> Section:
        words = self.words
        kinds = ("scheduled", "attended", "attested", "signed", "claimable", "lost_to_rounding")
        rows = tuple(
            Row(
                words(f"minutes.{kind}"),
                (self.at(f"minutes.{kind}", Unit.MINUTES), self.at(f"minutes.{kind}", Unit.HOURS)),
            )
            for kind in kinds
        )
        tables = [
            Table("minutes", words("hours.caption"), (words("figure"), words("minutes"), words("hours_column")), rows)
        ]
        months = [Row(self._month(each["month"]), _month_cells(each)) for each in self.content.months]
        if len(months) > 1:
            header = (words("by_month"), words("minutes"), words("hours_column"))
            total = Row(
                words("total"),
                (self.at("minutes.attested", Unit.MINUTES), self.at("minutes.attested", Unit.HOURS)),
                total=True,
            )
            tables.append(Table("months", words("by_month.caption"), header, (*months, total)))
        values = [(row.label.split()[0][:3], row.cells[1].value) for row in months] if len(months) > 1 else []
        chart = columns("months", words("month_chart"), self.language, Unit.HOURS, values, alt=self._alt("month_alt"))
        return Section("hours", words("hours"), (words("hours_intro"),), tuple(tables), chart)

    def sessions(self) -> Section:
        words = self.words
        held = tuple(
            self.row(f"sessions.{name}", f"sessions.{name}", unit)
            for name, unit in (("held", Unit.SESSIONS), ("cancelled", Unit.SESSIONS), ("courses_offered", Unit.COURSES))
        )
        seats = tuple(
            self.row(f"seats.{name}", f"seats.{name}", Unit.SEATS)
            for name in ("offered", "confirmed", "cancelled_in_time", "cancelled_late", "no_show", "walk_in")
        )
        seats += (self.row("seats.fill_rate", "seats.fill_rate", Unit.SHARE),)
        header = (words("figure"), words("number_of"))
        tables = [
            Table("sessions", words("sessions.caption"), header, held),
            Table("seats", words("seats"), header, seats),
        ]
        if self.figures["sessions"]["cancelled_by_cause"]:
            tables.append(
                self._counts(
                    "cause", "sessions.cancelled_by_cause", lambda code: words.named("cause", code), Unit.SESSIONS
                )
            )
        return Section("sessions", words("sessions"), (), tuple(tables))

    def surveys(self) -> Section:
        words = self.words
        if self.figures["surveys"] is None:
            return Section("surveys", words("surveys"), (words("surveys_not_by_municipality"),))
        header = (words("question"), words("answers_n"), words("result"))
        replies = tuple(
            self.row(f"survey.{name}", f"surveys.participant.{name}", Unit.ANSWERS) for name in ("invited", "answered")
        )
        tables = [
            Table("surveys", words("surveys.caption"), (words("figure"), words("number_of")), replies),
            Table("answers", words("answers.caption"), header, self._answers()),
            Table("manager", words("manager_survey"), header, self._manager_answers()),
        ]
        return Section("surveys", words("surveys"), (words("surveys_intro"),), tuple(tables))

    def _answers(self) -> tuple[Row, ...]:
        base = "surveys.participant"
        n_helped = self.at(f"{base}.helped.n", Unit.ANSWERS)
        needed = self.at(f"{base}.language_support.needed", Unit.ANSWERS)
        lines = [
            ("survey.helped", n_helped, self.at(f"{base}.helped.share", Unit.SHARE)),
            *(
                (f"survey.helped.{kind}", n_helped, self.at(f"{base}.helped.{kind}", Unit.ANSWERS))
                for kind in ("high", "fairly_high")
            ),
            (
                "survey.confidence",
                self.at(f"{base}.confidence.n", Unit.ANSWERS),
                self.at(f"{base}.confidence.mean", Unit.MEAN),
            ),
            ("survey.language", needed, self.at(f"{base}.language_support.share", Unit.SHARE)),
            *(
                (f"survey.language.{kind}", needed, self.at(f"{base}.language_support.{kind}", Unit.ANSWERS))
                for kind in ("fully", "partly", "no")
            ),
        ]
        return tuple(Row(self.words(word), (n, result)) for word, n, result in lines)

    def _manager_answers(self) -> tuple[Row, ...]:
        base = "surveys.manager"
        rows = [
            Row(self.words(f"survey.{name}"), (self.at(f"{base}.{name}", Unit.ANSWERS), Cell(base, None, Unit.MEAN)))
            for name in ("invited", "answered")
        ]
        for question, found in self.figures["surveys"]["manager"]["questions"].items():
            path = f"{base}.questions.{question}"
            rows.append(
                Row(
                    question,
                    (cell(f"{path}.n", found["n"], Unit.ANSWERS), cell(f"{path}.mean", found.get("mean"), Unit.MEAN)),
                )
            )
            rows += [
                Row(
                    f"– {value}",
                    (cell(f"{path}.n", found["n"], Unit.ANSWERS), cell(f"{path}.values.{value}", count, Unit.ANSWERS)),
                )
                for value, count in found["values"].items()
            ]
        return tuple(rows)

    def trainers(self) -> Section:
        words = self.words
        rows = [
            Row(words("trainers.qualified", code=code), (self.at(f"trainers.qualified.{code}", Unit.TRAINERS),))
            for code in sorted(self.figures["trainers"]["qualified"])
        ]
        rows += [self.row(f"trainers.{name}", f"trainers.{name}", Unit.TRAINERS) for name in ("starting_later", "left")]
        heads = (self.row("approximate.head_counts", "approximate.head_counts", Unit.COUNT),)
        header = (words("figure"), words("number_of"))
        tables = (
            Table("trainers", words("trainers.caption"), header, tuple(rows)),
            Table("approximate", words("approximate.caption"), header, heads),
        )
        return Section("trainers", words("trainers"), (), tables)

    def about(self) -> tuple[tuple[str, str], ...]:
        words, content, order = self.words, self.content, self.content.order
        created = instant(datetime.fromisoformat(order.created_at), self.language)
        as_of = (
            instant(datetime.fromisoformat(content.data_as_of), self.language)
            if content.data_as_of
            else shown(None, Unit.COUNT, self.language)
        )
        facts = [("about.id", order.id), ("about.version", str(order.version))]
        facts += [("about.supersedes", order.supersedes)] if order.supersedes else []
        facts += [
            ("about.created_at", created),
            ("about.data_as_of", as_of),
            ("about.rows", words("about.row_count", count=shown(content.row_count, Unit.COUNT, self.language))),
            ("about.hash", content.hash),
        ]
        return tuple((words(word), value) for word, value in facts)

    # parts of sections

    def _forecast(self, municipalities: list[Json]) -> Table:
        words = self.words
        header = tuple(
            words(word) for word in ("municipality", "forecast.low", "forecast.at_end", "forecast.high", "to_close_gap")
        )
        rows = tuple(
            Row(each["name"], _forecast_cells(f"cofinancing.municipalities.{each['code']}", each))
            for each in municipalities
        )
        return Table("forecast", words("forecast.caption"), header, rows)

    def _shares(self, word: str, group: str, name: str, kind: str) -> Table:
        """A table of persons and their share of the total."""
        counts: Json = self.figures[group][name]
        total = self.figures[group]["total"]
        rows = tuple(
            Row(self.words.named(kind, code), _with_share(f"{group}.{name}.{code}", count, total))
            for code, count in counts.items()
        )
        sum_row = Row(self.words("total"), _with_share(f"{group}.total", total, total), total=True)
        return Table(
            f"{group}-{name}",
            self.words(f"{word}.caption"),
            (self.words(word), self.words("persons"), self.words("share")),
            (*rows, sum_row),
        )

    def _counts(self, word: str, path: str, label: Callable[[str], str], unit: Unit = Unit.PARTICIPATIONS) -> Table:
        """A table of counts that add up to the total of their group, in Swedish order of the labels."""
        group, name = path.split(".")
        total_name = "cancelled" if group == "sessions" else "total"
        rows = sorted(
            (
                Row(label(code), (cell(f"{path}.{code}", count, unit),))
                for code, count in self.figures[group][name].items()
            ),
            key=lambda row: swedish_order(row.label),
        )
        total = Row(self.words("total"), (self.at(f"{group}.{total_name}", unit),), total=True)
        return Table(
            f"{group}-{name}",
            self.words(f"{word}.caption"),
            (self.words(word), self.words("number_of")),
            (*rows, total),
        )

    def _by_municipality(self) -> tuple[Table, ...]:
        words = self.words
        persons: Json = self.figures["unique_participants"]["by_municipality"]
        participations: Json = self.figures["participations"]["by_municipality"]
        codes = sorted(persons.keys() | participations.keys(), key=lambda code: swedish_order(self._municipality(code)))
        rows = tuple(
            Row(
                self._municipality(code),
                (
                    cell(f"unique_participants.by_municipality.{code}", persons.get(code, 0), Unit.PERSONS),
                    cell(f"participations.by_municipality.{code}", participations.get(code, 0), Unit.PARTICIPATIONS),
                ),
            )
            for code in codes
        )
        total = Row(
            words("total"),
            (self.at("unique_participants.total", Unit.PERSONS), self.at("participations.total", Unit.PARTICIPATIONS)),
            total=True,
        )
        header = (words("municipality"), words("participants"), words("participations"))
        return (Table("municipalities", words("by_municipality"), header, (*rows, total)),) if rows else ()

    def _municipality(self, code: str) -> str:
        if code == "unmatched":
            return self.words("unmatched")
        return str(self.content.names["municipalities"].get(code, code))

    def _month(self, written: str) -> str:
        return month_name(int(written[5:]), self.language).capitalize()

    def _rule(self, value: object) -> str:
        if isinstance(value, bool):
            return self.words("yes" if value else "no")
        if isinstance(value, list):
            return "; ".join(
                f"{self._rule(one['value'])} ({self.words('rules.from', day=one['valid_from'])})" for one in value
            )
        if isinstance(value, dict):
            return ", ".join(f"{name}: {self._rule(inner)}" for name, inner in value.items())
        return shown(None, Unit.COUNT, self.language) if value is None else str(value)

    def _text(self, path: str, unit: Unit) -> str:
        return self.at(path, unit).text(self.language)

    def _alt(self, word: str) -> Callable[..., str]:
        """Fills the highest and the lowest bar into an alternative text."""
        return lambda **values: self.words(word, **values)


def period_words(period: Period, words: Words, *, running: bool = False) -> str:
    """`2025`, `kvartal 4 2025`, `november 2025`; in running text a year is `året 2025`."""
    if period.quarter:
        return words("quarter", quarter=period.quarter, year=period.year)
    if period.month:
        return words("month", month=month_name(period.month, words.language), year=period.year)
    return words("year", year=period.year) if running else str(period.year)


def _attainment_cells(path: str, stated: Json) -> tuple[Cell, ...]:
    return (
        cell(f"{path}.commitment_minutes", stated["commitment_minutes"], Unit.HOURS),
        cell(f"{path}.attested_minutes", stated["attested_minutes"], Unit.HOURS),
        cell(f"{path}.claimable_minutes", stated["claimable_minutes"], Unit.HOURS),
        cell(f"{path}.attainment", stated["attainment"], Unit.SHARE),
    )


def _forecast_cells(path: str, stated: Json) -> tuple[Cell, ...]:
    shares = (
        cell(f"{path}.forecast.{name}", stated["forecast"][name], Unit.SHARE) for name in ("low", "at_end", "high")
    )
    return *shares, cell(f"{path}.to_close_gap_minutes", stated["to_close_gap_minutes"], Unit.HOURS)


def _month_cells(month: Json) -> tuple[Cell, ...]:
    path = f"months.{month['month']}.attested"
    return cell(path, month["attested"], Unit.MINUTES), cell(path, month["attested"], Unit.HOURS)


def _with_share(path: str, count: int, total: int) -> tuple[Cell, ...]:
    share = Decimal(count) / total if total else None
    return cell(path, count, Unit.PERSONS), Cell(f"{path}.share", share, Unit.SHARE)


def _by_number(partitions: dict[str, int]) -> Iterable[tuple[str, int]]:
    return sorted(partitions.items(), key=lambda item: int(item[0]))
