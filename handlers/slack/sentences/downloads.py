"""What the page behind an export's link says; the person came there from Slack."""

from collections.abc import Mapping

TITLE = "Your export"
SHOWN = "{module}: {rows}. The files are here until {until}; they can be fetched {left}."
ONCE = "once more"
TIMES = "{left} more times"
SHOWN_NEXT = "Press the file you want. The link is for you alone: don't pass it on."
OFFERS: Mapping[str, str] = {
    "safe": "{name}, {size}: opens in Excel and other spreadsheets, which run nothing in it. If all stands in one column there, import it with Data, From Text/CSV, and a comma. SHA-256 {sha256}",
    "raw": "{name}, {size}: exactly as the CRM has it. For other programs. SHA-256 {sha256}",
}
LABELS: Mapping[str, str] = {"safe": "Download {name}", "raw": "Download {name}"}
NOTHING_TITLE = "There is nothing here"
NOTHING = "This link isn't good, or isn't any more."
NOTHING_NEXT = "Look into your messages with Parley in Slack, or type {export} list there."
USED_UP_TITLE = "This export was fetched five times"
USED_UP = "An export can be fetched five times, and this one was."
USED_UP_NEXT = "Type {export} list in Slack, and press “Again” to have it made anew."
