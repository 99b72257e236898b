"""The texts that the project office writes into a report: a safe part of Markdown, as HTML and as a tree for the PDF.

Paragraphs, headings, emphasis, strong, code, lists, quotes and links. Raw HTML is shown as the text it is; images are
left out.
"""

from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

Node = dict[str, Any]

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")
_BLOCKS = {
    "paragraph": "paragraph",
    "bullet_list": "bullets",
    "ordered_list": "numbers",
    "list_item": "item",
    "blockquote": "quote",
    "heading": "heading",
    "em": "emphasis",
    "strong": "strong",
}


def to_html(text: str) -> str:
    """HTML of a text; its headings begin below the section's own (h3), so the outline of the page has no gap."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h3"
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def to_tree(text: str) -> list[Node]:
    """The text as nodes `{kind, children}` or `{kind: "text", text}`: data, so nothing in it can act as Typst code."""
    return list(_nodes(iter(_MARKDOWN.parse(text))))


def _nodes(tokens: Iterator[Token]) -> Iterator[Node]:
    """The nodes up to the end of the block that the caller opened."""
    for token in tokens:
        if token.nesting == -1:
            return
        if token.nesting == 1:
            yield _block(token, list(_nodes(tokens)))
        elif token.type == "inline":
            yield from _nodes(iter(token.children or ()))
        else:
            yield from _leaf(token)


def _block(token: Token, children: list[Node]) -> Node:
    name = token.type.removesuffix("_open")
    if name == "link":
        return {"kind": "link", "url": str(token.attrs.get("href", "")), "children": children}
    return {"kind": _BLOCKS[name], "children": children}


def _leaf(token: Token) -> Iterator[Node]:
    if token.type in ("softbreak", "hardbreak"):
        yield {"kind": "break" if token.type == "hardbreak" else "text", "text": " "}
    elif token.type in ("code_block", "fence", "code_inline"):
        yield {"kind": "code", "text": token.content}
    elif token.content:
        yield {"kind": "text", "text": token.content}
