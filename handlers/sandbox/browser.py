"""A browser without a screen: follows links and redirects, keeps cookies, submits forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

_SECONDS = 30.0


@dataclass
class Form:
    """One form of a page: where it goes and what it holds."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """What the browser shows: address, status, visible text, forms."""

    url: str
    status: int
    text: str
    forms: tuple[Form, ...]


class Browser:
    """One browser with its own cookies; another one is another person's."""

    def __init__(self) -> None:
        """Open an empty browser."""
        self._cookies = CookieJar()
        self._open = build_opener(ProxyHandler({}), HTTPCookieProcessor(self._cookies)).open

    def open(self, url: str, data: dict[str, str] | None = None) -> Page:
        """Go to `url` (with `data`, posting it as a form) and wherever it leads."""
        body = urlencode(data).encode() if data is not None else None
        request = Request(url, data=body, headers={"Sec-Fetch-Site": "same-origin"})  # noqa: S310 - http on loopback
        try:
            with self._open(request, timeout=_SECONDS) as answer:
                return _page(answer.geturl(), answer.status, answer.read().decode())
        except HTTPError as refusal:
            with refusal:
                return _page(refusal.geturl(), refusal.code, refusal.read().decode())

    def press(self, page: Page, button: str, **values: str) -> Page:
        """Fill `values` into the form that has this button, and press it."""
        for form in page.forms:
            if button in form.buttons:
                name, value = form.buttons[button]
                fields = form.fields | values | ({name: value} if name else {})
                target = urljoin(page.url, form.action)
                if form.method == "post":
                    return self.open(target, fields)
                return self.open(f"{target}?{urlencode(fields)}")
        seen = [text for form in page.forms for text in form.buttons]
        raise AssertionError(f"no button {button!r}; the page has {seen}:\n{page.text}")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.text: list[str] = []
        self._button: tuple[str, str] | None = None
        self._words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in ("style", "script", "title"):
            self._silent += 1
        elif tag == "form":
            self.forms.append(Form(found.get("action", ""), found.get("method", "get").lower()))
        elif tag == "input" and self.forms and "name" in found:
            if found.get("type") not in ("radio", "checkbox") or "checked" in found:
                self.forms[-1].fields[found["name"]] = found.get("value", "")
        elif tag == "button":
            self._button, self._words = (found.get("name", ""), found.get("value", "")), []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "title"):
            self._silent -= 1
        elif tag == "button" and self._button is not None:
            if self.forms:
                self.forms[-1].buttons["".join(self._words).strip()] = self._button
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._words.append(data)
        elif not self._silent and data.strip():
            self.text.append(" ".join(data.split()))


def _page(url: str, status: int, html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    return Page(url, status, "\n".join(reader.text), tuple(reader.forms))
