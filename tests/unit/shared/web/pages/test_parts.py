"""Lists to choose from, which pages write themselves because they are long, are what the design system would write."""

import re
from typing import Any

import pytest

from shared.web.pages.languages import LANGUAGE, Translator
from shared.web.pages.rendering import environment

OPTIONS: list[tuple[Any, ...]] = [("a", "Första"), ("b", "Andra & sista", "Om inget annat går"), (3, "Tredje")]
MACROS = {"select": "govukSelect", "radios": "govukRadios", "checkboxes": "govukCheckboxes"}
OURS = """
{{ parts[what](form, "unit.0", "Enhet", options, chosen, hint=hint, **more) }}"""
THEIRS = """{% import "govuk_frontend_jinja/components/" ~ what ~ "/macro.html" as system %}
{{ system[macro](params) }}"""


@pytest.mark.parametrize(("language", "shown"), [("sv", "1\u00a0835 personer"), ("en", "1,835 people")])
def test_how_many_are_told_as_a_number_of_the_language(language: str, shown: str) -> None:
    pages = environment({}, Translator({"%(num)s person": ("%(num)s person", "%(num)s personer")}))
    before = LANGUAGE.set(language)
    told = pages.from_string('{{ ngettext("%(num)s person", "%(num)s people", 1835) }}').render()
    LANGUAGE.reset(before)
    assert told == shown


@pytest.mark.parametrize(
    ("number", "more", "shown"),
    [(0, False, "No people"), (0, True, "No people on this page"), (10, False, "10 people")],
)
def test_nothing_is_counted_in_words_and_the_page_is_named_only_when_there_are_others(
    number: int, more: bool, shown: str
) -> None:
    counted = '{{ parts.counted(page, {"next": more}, ngettext("%(num)s person", "%(num)s people", number)) }}'
    assert f">{shown}</p>" in environment({}, ENGLISH).from_string(counted).render(
        page=Asked(), number=number, more=more
    )


@pytest.mark.parametrize(("fields", "wrong", "folded"), [(2, "", ""), (3, "", ">"), (3, "Fel", " open>")])
def test_more_filters_than_two_are_folded_unless_one_is_wrong(fields: int, wrong: str, folded: str) -> None:
    filters = """{% call parts.filters(page, "Filter") %}
    {% for _none in range(fields) %}{{ parts.select(form, "unit.0", "Unit", [("a", "A")]) }}{% endfor %}{% endcall %}"""
    page = environment({}, ENGLISH).from_string(filters).render(page=Asked(), form=Written(wrong), fields=fields)
    fold = re.search(r"<details class=\"govuk-details app-filter__fold\"(.*)", page)
    assert (fold[1] if fold else "") == folded


ENGLISH = Translator({})


class Asked:
    """A page of whose address nothing was asked."""

    def asked(self, name: str) -> str:
        return ""


def ours(what: str, hint: str, error: str) -> dict[str, Any]:
    """What our macro is given."""
    chosen = {"select": 3, "radios": "b", "checkboxes": ["b"]}[what]
    more = {"empty": "Alla", "optional": True} if what == "select" else {"size": "s"}
    options = [one[:2] for one in OPTIONS] if what == "select" else OPTIONS
    return {"what": what, "form": Written(error), "options": options, "chosen": chosen, "hint": hint, "more": more}


def theirs(what: str, hint: str, error: str) -> dict[str, Any]:
    """What the design system's macro is given for the same."""
    options = OPTIONS if what != "select" else [("", "Alla"), *OPTIONS]
    items = [
        {
            "value": str(value),
            "text": text,
            "id": "unit.0" if place == 1 else f"unit.0-{place}",
            "hint": {"text": told[0]} if told and what != "select" else None,
            "checked": value == "b",
            "selected": value == 3,
        }
        for place, (value, text, *told) in enumerate(options, start=1)
    ]
    named = {"text": "Enhet", "classes": "govuk-fieldset__legend--s"}
    params = {
        "id": "unit.0",
        "idPrefix": "unit.0",
        "name": "unit.0",
        "items": items,
        "label": {"text": "Enhet (optional)"},
        "fieldset": {"legend": named},
        "hint": {"text": hint} if hint else None,
        "errorMessage": {"text": error, "visuallyHiddenText": "Error"} if error else None,
    }
    return {"what": what, "macro": MACROS[what], "params": params}


class Written:
    """A form in which nobody has written yet."""

    def __init__(self, error: str) -> None:
        self._error = error

    def value(self, _name: str, value: Any) -> Any:
        return value

    def chosen(self, _name: str, _value: Any, otherwise: bool) -> bool:
        return otherwise

    def error(self, _name: str, _label: str, **_: Any) -> str:
        return self._error


def tags(html: str) -> list[str]:
    """Tags, with their attributes in order, and texts, without the space between them."""
    found = re.findall(r"<[^>]+>|[^<]+", html)
    named = (" ".join(sorted(re.findall(r'[\w-]+="[^"]*"|[^\s<>]+', one))) if one[0] == "<" else one for one in found)
    return [" ".join(one.split()) for one in named if one.strip()]


@pytest.mark.parametrize("what", MACROS)
@pytest.mark.parametrize("hint", ["", "Den du arbetar på"])
@pytest.mark.parametrize("error", ["", "Välj en enhet."])
def test_it_is_the_same(what: str, hint: str, error: str) -> None:
    made = environment({}, Translator({}))
    written = tags(made.from_string(OURS).render(ours(what, hint, error)))
    assert written == tags(made.from_string(THEIRS).render(theirs(what, hint, error)))


WRITTEN_OUT = """{% call parts.table(page, "Folk", [["Namn"], ["Ort"]]) %}
{% for one in people %}<tr class="govuk-table__row"><th>{{ one.name }}</th><td>{{ one.town }}</td></tr>{% endfor %}
{% endcall %}"""
GIVEN = """{% call(one) parts.table(page, "Folk", [["Namn"], ["Ort"]], rows=people) %}
<th>{{ one.name }}</th><td>{{ one.town }}</td>
{% endcall %}"""


@pytest.mark.parametrize("names", [[], ["Åsa & Bo"], ["Åsa", "<Bo>"]])
def test_a_table_that_is_given_its_rows_is_what_they_would_be_written_out(names: list[str]) -> None:
    jinja, people = environment({}, Translator({})), [{"name": name, "town": "Nora"} for name in names]
    written_out, given = (jinja.from_string(one).render(page=None, people=people) for one in (WRITTEN_OUT, GIVEN))
    assert "".join(given.split()) == "".join(written_out.split())
    assert given.count('role="rowheader"') == len(names)
