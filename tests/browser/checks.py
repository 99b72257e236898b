"""What holds on every page, in both languages, on a phone and on a desk."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from playwright.async_api import ConsoleMessage, Page

from shared.assets import FOLDER
from tests.browser.site import Site

WIDTHS = (320, 1280)
LANGUAGES = ("sv", "en")
RUN = """
async (colours) => {
  const rules = {'color-contrast': {enabled: colours}}
  const found = await axe.run(document, {resultTypes: ['violations', 'incomplete'], preload: false, rules})
  const said = (node) => `${node.html.slice(0, 160)} (${node.failureSummary ?? ''})`
  const told = (one) => one.nodes.map((node) => `${one.id}: ${said(node)}`)
  return {violations: found.violations.flatMap(told), incomplete: found.incomplete.flatMap(told)}
}
"""
SHAPE = """
() => {
const pen = document.createElement('canvas').getContext('2d')
function* torn() {  // words on two lines, but for checksums
  if (innerWidth >= 640 || document.documentElement.lang !== 'sv') return  // no browser here hyphenates Swedish
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text; (text = texts.nextNode()); ) {
    for (const {0: word, index} of text.data.matchAll(/[^\\s\\u00ad–-]{4,}/g)) {
      const place = document.createRange()
      place.setStart(text, index)
      place.setEnd(text, index + word.length)
      const parts = [...place.getClientRects()].filter((one) => one.width > 1)
      if (new Set(parts.map((one) => Math.round(one.top))).size > 1 && !/^[0-9a-f]{64}$/.test(word)) yield word
    }
  }
}
return {
  torn: [...torn()],
  headings: [...document.querySelectorAll('h1')].map((one) => one.textContent.trim().replace(/\\s+/g, ' ')),
  title: document.title,
  lang: document.documentElement.lang,
  mains: document.querySelectorAll('main').length,
  sideways: Math.max(...[document.documentElement, ...(innerWidth < 640 ? document.querySelectorAll('.app-table') : [])]
    .map((one) => one.scrollWidth - one.clientWidth)),
  broken: [...document.querySelectorAll('.app-table td[data-label]')].filter((one) => {
    if (innerWidth >= 640 || document.documentElement.lang !== 'sv') return false  // no browser here hyphenates Swedish
    const style = getComputedStyle(one, '::before')
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
    return one.dataset.label.split(' ').some((word) => pen.measureText(word).width > parseFloat(style.width) + 1)
  }).map((one) => one.dataset.label),
}}
"""


@dataclass
class Watched:
    """What a page's console said, from its beginning."""

    said: list[str] = field(default_factory=list)
    _all: ClassVar[WeakKeyDictionary[Page, "Watched"]] = WeakKeyDictionary()

    @classmethod
    def of(cls, page: Page) -> "Watched":
        if page not in cls._all:
            watched = cls._all[page] = cls()
            page.on("console", watched.note)
            page.on("pageerror", lambda error: watched.said.append(str(error)))
        return cls._all[page]

    def note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.said.append(message.text)


@cache
def axe() -> str:
    """The checker's own source: it is evaluated in the page, which itself lets nothing in."""
    return (FOLDER / "axe-core" / "axe.min.js").read_text("utf-8")


async def sound(page: Page, language: str = "sv") -> None:
    """Fails with everything that is wrong with the page as it stands."""
    wrong = await faults(page, language)
    assert not wrong, "\n".join([page.url, *wrong])


async def faults(page: Page, language: str, *, colours: bool = True) -> list[str]:
    """Everything that is wrong with the page as it stands, and in what is folded there, which the checker passes over;
    contrast, half of the checker's time, where it is asked.
    """
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    shape = await page.evaluate(SHAPE)
    wrong = [f"{len(shape['headings'])} h1"] if len(shape["headings"]) != 1 else []
    title = shape["title"].removeprefix("Fel: ").removeprefix("Error: ")
    if shape["headings"] and not title.startswith(shape["headings"][0]):
        wrong.append(f"the title {shape['title']!r} does not begin with {shape['headings'][0]!r}")
    wrong += [f"lang is {shape['lang']}"] if shape["lang"] != language else []
    wrong += ["no main, or several"] if shape["mains"] != 1 else []
    wrong += [f"scrolls sideways by {shape['sideways']} px"] if shape["sideways"] > 0 else []
    wrong += [f"no room for a word of {label!r}" for label in shape["broken"]]
    wrong += [f"breaks within {word!r}" for word in shape["torn"]]
    wrong += [f"console: {text}" for text in Watched.of(page).said]
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(axe())
    found: dict[str, Any] = await page.evaluate(RUN, colours)
    wrong += found["violations"]
    return wrong + [f"incomplete {text}" for text in found["incomplete"]]


async def each_page(page: Page, site: Site, addresses: tuple[str, ...], language: str) -> None:
    """Every one of these addresses is sound in a language, at both widths. No language has colours of its own."""
    wrong: list[str] = []
    await page.add_init_script(axe())
    for address in addresses:
        await page.goto(site.address(address) + ("&" if "?" in address else "?") + f"sprak={language}")
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            found = await faults(page, language, colours=language == LANGUAGES[0])
            wrong += [f"{address} {language} {width}: {fault}" for fault in found]
            Watched.of(page).said.clear()
    assert not wrong, "\n".join(wrong)
