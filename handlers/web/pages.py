"""The few pages people see: constant HTML, every foreign text escaped, a next step last."""

import base64
import hashlib
from collections.abc import Iterable
from html import escape

from handlers.web.http import Response

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;"
    "color:#1d1c1d;background:#fff;overflow-wrap:anywhere}h1{font-size:1.4rem}"
    "button{font:inherit;padding:.5rem 1rem;border:0;border-radius:4px;background:#007a5a;"
    "color:#fff;cursor:pointer}.code{font:600 1.8rem ui-monospace,monospace;letter-spacing:.1em}"
    ".next{margin-top:2rem;border-top:1px solid #ddd;padding-top:1rem}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def paragraph(words: str) -> str:
    """Return *words* as an escaped paragraph."""
    return f"<p>{escape(words)}</p>"


def code(letters: str) -> str:
    """Return a code in large letters."""
    return f'<p class="code">{escape(letters)}</p>'


def form(action: str, hidden: Iterable[tuple[str, str]], label: str) -> str:
    """Return a form of one button that posts the *hidden* fields to *action*."""
    inputs = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in hidden
    )
    return (
        f'<form method="post" action="{escape(action)}">{inputs}'
        f"<button>{escape(label)}</button></form>"
    )


def page(
    status: int,
    title: str,
    *parts: str,
    next_step: str,
    form_origins: Iterable[str] = (),
    headers: Iterable[tuple[str, str]] = (),
) -> Response:
    """Return a page that loads nothing, runs nothing, is framed and kept by nobody.

    Args:
        status: HTTP status.
        title: Plain text; the headline too.
        parts: HTML from this module's helpers.
        next_step: Plain text; what to do now.
        form_origins: Where a form's post may lead on to, beside our own origin. Browsers
            hold redirects after a form against ``form-action`` (W3C, CSP 3).
        headers: More headers.
    """
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{escape(title)} - Parley</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1>{''.join(parts)}"
        f'<p class="next">{escape(next_step)}</p></body></html>'
    )
    targets = " ".join(("'self'", *form_origins))
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        f"form-action {targets}; frame-ancestors 'none'"
    )
    return Response(
        status=status,
        headers=(
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", policy),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            *headers,
        ),
        body=html.encode("utf-8", "replace"),
    )
