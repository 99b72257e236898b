"""Turns a view into a page: layout, navigation by role, language, and headers that let nothing foreign run."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shared.database.unit_of_work import Unit
from shared.security.roles import Caller, Role
from shared.web.incoming import Incoming
from shared.web.pages import static
from shared.web.pages.formatting import FILTERS, number
from shared.web.pages.languages import LANGUAGE, LANGUAGES, SHARED, Translator, texts_of
from shared.web.pages.navigation import ROLES, Section, sections
from shared.web.pages.plain import said
from shared.web.pages.tables import stacking
from shared.web.pages.views import Form, View
from shared.web.problems import Problem
from shared.web.sign_in.sessions import Sessions

NOTICE: Final = "kursnav-notice"
"""The header with which a route hands a message to the next page, and the cookie that carries it there."""
SWITCH: Final = "sprak"
"""The parameter that switches the language, and the cookie that remembers it."""
SIGN_IN: Final = "/logga-in"


@dataclass(frozen=True)
class Frame:
    """What stands around every page: the project's name, and for whom the caller acts."""

    project: str = "kursnav"
    acting_for: str = ""


Framed = Callable[[Unit], Awaitable[Frame]]


def noted(notice: str, values: Mapping[str, Any]) -> str:
    """A notice as a header and a cookie can hold it."""
    return quote(json.dumps([notice, values], default=str))


@dataclass(frozen=True)
class Site:
    """What a service's pages are made of: the folder whose nouns have templates beside them, and what stands around
    each page.
    """

    folder: Path | None = None
    framed: Framed | None = None

    @property
    def templates(self) -> dict[str, Path]:
        """The folders of templates by noun."""
        return self._beside("templates")

    @property
    def static(self) -> dict[str, Path]:
        """The folders of what browsers load, by noun."""
        return self._beside("static")

    def _beside(self, name: str) -> dict[str, Path]:
        return {one.parent.name: one for one in sorted(self.folder.glob(f"*/{name}"))} if self.folder else {}


class Pages:
    """The pages of one service."""

    def __init__(self, service: str, site: Site, sessions: Sessions, issuer: str) -> None:
        folders = site.templates
        self.service = service
        self.sessions = sessions
        self.files = static.Files(site.static)
        self._framed = site.framed
        self._policy = policy(issuer)
        self._last = Frame()
        self._texts = texts_of([SHARED, *folders.values()])
        self.environment = environment(folders, Translator(self._texts))

    def says(self, text: Any) -> bool:
        """Whether a text is one of ours."""
        return text in self._texts

    async def frame(self, unit: Unit) -> Frame:
        """What stands around the page; the project's name also for the pages that are shown without a database."""
        frame = await self._framed(unit) if self._framed else Frame(acting_for=unit.municipality or "")
        self._last = Frame(frame.project)
        return frame

    def render(self, request: Request, view: View, frame: Frame, status: int = 200) -> HTMLResponse:
        """The page of a view; only its content when a page fetches it as a part of itself."""
        fragment = "hx-request" in request.headers
        layout = "fragment.html" if fragment else "layout.html"
        form = Form(request, view.revision)
        values = {**view.values, "form": form, "layout": layout, "page": Around(self, request, frame)}
        html = self.environment.get_template(view.template).render(values)
        response = HTMLResponse(html, status, headers={**self._policy, "Vary": "HX-Request, Cookie"})
        if NOTICE in request.cookies and not fragment:
            response.delete_cookie(NOTICE)
        return response

    def problem(self, request: Request, problem: Problem) -> HTMLResponse:
        """The page of a refusal or a fault; it needs no database."""
        if "switched" not in request.scope:  # no route has looked at it
            request = visit(request, self)
        response = self.render(request, View("problem.html", problem=problem), self._last, problem.status)
        for name, value in problem.headers.items():
            if name.lower() != "www-authenticate":  # a browser would ask for a password
                response.headers[name] = value
        return response

    def to_sign_in(self, request: Request, values: Mapping[str, Sequence[str]] | None = None) -> Response:
        """To the sign-in, and from there back to where one was; what was written is kept."""
        path, question = request.url.path, request.url.query
        there = path + (f"?{question}" if question else "")
        response = RedirectResponse(f"{SIGN_IN}?{urlencode({'till': there})}", 303)
        if values:
            self.sessions.keep(request, response, values)
        return response


def visit(request: Request, pages: Pages) -> Request:
    """The request with its language found: the switch, else what was chosen before, else Swedish.

    A filter that was left empty asks for nothing: a browser sends it all the same.
    """
    scope = request.scope
    asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    switched = next((value for name, value in asked if name == SWITCH and value in LANGUAGES), None)
    remembered = request.cookies.get(SWITCH)
    language = switched or (remembered if remembered in LANGUAGES else LANGUAGES[0])
    LANGUAGE.set(language)
    question = [pair for pair in asked if pair[0] != SWITCH]
    scope["query_string"] = urlencode([pair for pair in question if pair[1]]).encode()
    scope.update(pages=pages, switched=switched, searched=bool(question))
    headers = MutableHeaders(scope=scope)
    headers["accept-language"] = language  # problems and stored texts follow the page
    return Incoming(scope, request.receive)


def environment(folders: Mapping[str, Path], translator: Translator) -> Environment:
    """Jinja with the shared templates, those of the nouns by name, and the macros of the design system."""
    nouns = {noun: FileSystemLoader(folder) for noun, folder in folders.items()}
    system = {"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}
    made = Environment(
        loader=ChoiceLoader([PrefixLoader({**nouns, **system}), FileSystemLoader(SHARED)]),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def counted(one: str, many: str, count: int) -> str:
        return translator.ngettext(one, many, count).replace("%(num)s", number(count))

    made.install_gettext_callables(translator.gettext, counted, newstyle=True)  # type: ignore[attr-defined]  # it adds it
    made.filters.update(FILTERS, stacking=stacking, said=said)
    made.globals["language"] = LANGUAGE.get

    def wrong(form: Form, name: str, label: str, missing: str = "") -> dict[str, str] | None:
        """What is wrong with a field, as the macros of the design system take it."""
        text = form.error(name, label, missing=missing)
        hidden = translator.gettext("Error:").removesuffix(":")  # the macros add one
        return {"text": text, "visuallyHiddenText": hidden} if text else None

    made.globals.update(wrong=wrong, zipped=lambda texts: [(text, text) for text in texts])
    made.globals["parts"] = made.get_template("parts.html").module  # last: it is made of what stands above
    return made


def policy(issuer: str) -> dict[str, str]:
    """Nothing foreign, nothing inline. Forms go here, and on to the issuer: signing in and out are forms."""
    parts = urlsplit(issuer)
    elsewhere = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    rules = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        f"form-action 'self'{elsewhere}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(rules),
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


class Around:
    """What the layout asks about a request."""

    def __init__(self, pages: Pages, request: Request, frame: Frame) -> None:
        self._pages, self._request = pages, request
        self.frame = frame
        self.static = f"/{pages.service}/static/{pages.files.digest}"
        self.path: str = request.url.path
        caller: Caller | None = request.scope.get("caller")
        self.caller = caller if caller and caller.roles else None
        self.role: Role | None = request.scope.get("role")

    @property
    def role_name(self) -> str:
        return ROLES[self.role] if self.role else ""

    @property
    def navigation(self) -> list[dict[str, Any]]:
        """The menu of the caller's role; what leads to the present page is marked."""
        return [
            {"href": one.links[0][0], "text": one.text, "current": one.links[0][0] == self.path, "active": one is here}
            for one, here in ((one, self._here) for one in self._sections)
        ]

    @property
    def beside(self) -> list[dict[str, Any]]:
        """The links of the present section, when it has several."""
        links = self._here.links if self._here else ()
        near = self._nearest(address for address, _ in links)
        shown = [{"href": address, "text": text, "here": address == near} for address, text in links]
        return shown if len(shown) > 1 else []

    @cached_property
    def _sections(self) -> list[Section]:
        return sections(self.role)

    @cached_property
    def _here(self) -> Section | None:
        near = self._nearest(address for one in self._sections for address, _ in one.links)
        return next((one for one in self._sections if near in dict(one.links)), None)

    def _nearest(self, addresses: Iterable[str]) -> str:
        """The longest of the addresses that lead here."""
        leading = (each for each in addresses if self.path == each or self.path.startswith(f"{each}/"))
        return max(leading, key=len, default="")

    @property
    def notice(self) -> tuple[str, Mapping[str, Any]] | None:
        """What the page before asked to have said here."""
        try:
            text, values = json.loads(unquote(self._request.cookies[NOTICE]))
            given = {str(name): str(value) for name, value in values.items()}
        except (KeyError, ValueError, TypeError, AttributeError):
            return None
        return (text, given) if self._pages.says(text) else None  # a cookie may be anybody's

    def here(self, **changes: Any) -> str:
        """The address of this page with other parameters; None takes one away."""
        pairs = [(name, value) for name, value in self._request.query_params.multi_items() if name not in changes]
        pairs += [(name, str(value)) for name, value in changes.items() if value is not None]
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def asked(self, name: str) -> str:
        """A parameter of this page's address."""
        return self._request.query_params.get(name, "")
