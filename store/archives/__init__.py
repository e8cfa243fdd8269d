"""Downloaded results on disk: taken in, checked, counted, merged and made safe for spreadsheets.

Knows neither the CRM nor Slack: bytes come from an iterator and go out as files.
"""

from store.archives.folder import Archives
from store.archives.limits import Limits

__all__ = ["Archives", "Limits"]
