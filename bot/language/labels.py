"""Names and labelled fields: "lead: Ann Lee", "deal: Acme", "where: Zoom", "with Jane"."""

from dataclasses import dataclass, field

from bot.domain.reminder import Reminder
from bot.language import lexicon as lex
from bot.language import request_words as asked
from bot.language.reading import Doubt, Guest, GuestKind, Named
from bot.language.reminders import Unsayable
from bot.language.scanner import Line

_STOPS = frozenset(",;|()[]\n")
_NAME_ENDS = (
    frozenset(lex.WEEKDAYS)
    | frozenset(lex.PLURAL_DAYS)
    | frozenset(lex.MONTHS)
    | lex.EVERY
    | frozenset(lex.TODAY)
    | frozenset(lex.NOON)
    | lex.NEXT
    | lex.UNTIL
    | lex.START
    | frozenset(lex.ADVERBS)
    | lex.WITH
    | frozenset(["at", "on", "from", "for", "via", "by", "and", "in", "the", "to", "re"])
    | {"remind", "every", "tonight", "last", "first", "second", "third", "fourth"}
)


@dataclass(slots=True)
class Parts:
    """What marks itself in the text.

    Attributes:
        people: In order.
        title: From quotes or a label.
        venue: From a label.
        link: The first link.
        related: The record.
        about: The contact it is about.
        invitations: Said or not.
        doubts: Places with several readings.
        heads: Labels of the title, venue or a record whose value is still to be read.
        strange: Places that were recognised and can't be used (channels, groups).
        unsayable: Reminders that were recognised and that the CRM has no form for.
        reminders: The others, in order.
        left: Words that mean nothing and aren't the title.
    """

    people: list[Guest] = field(default_factory=list)
    title: str | None = None
    venue: str | None = None
    link: str | None = None
    related: Named | None = None
    about: str | None = None
    invitations: bool | None = None
    doubts: list[Doubt] = field(default_factory=list)
    heads: list[tuple[str, int, int]] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    unsayable: Unsayable = field(default_factory=list)
    reminders: list[Reminder] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def add(self, guest: Guest) -> None:
        """Keep *guest* unless the same one was named before."""
        same = [(one.kind, one.slack_id, one.email, one.name) for one in self.people]
        if (guest.kind, guest.slack_id, guest.email, guest.name) not in same:
            self.people.append(guest)

    def doubt(self, code: str, *readings: str) -> None:
        """Note a doubt once a code."""
        if all(one.code != code for one in self.doubts):
            self.doubts.append(Doubt(code=code, readings=readings))


def labelled(line: Line, i: int, parts: Parts) -> int:
    """Read a label and its value at *i*; return the place after, or 0."""
    low, j = line.low(i), i + 1
    if low in ("purchase", "sales") and line.low(j) in ("order", "orders"):
        low, j = f"{low} order", j + 1
    if line.low(j) != ":" or not line.at(j).glued:
        return 0
    if low in asked.PERSON_LABELS:
        return _person(line, i, j + 1, asked.PERSON_LABELS[low], parts)
    if low in asked.RECORDS:
        line.take(i, j + 2, "record")
        parts.heads.append((low, i, j + 1))
        return j + 2
    kind = asked.FIELD_LABELS.get(low)
    if kind is None:
        return 0
    if kind == "title":
        return _title(line, i, j + 1, parts)
    if kind == "venue":
        line.take(i, j + 1, "venue")
        parts.heads.append(("venue", i, j + 1))
        return j + 1
    if kind == "about":
        k = line.skip(j + 1, "contact", ":")
        return _about(line, i, k, parts)
    if kind == "skip":
        line.take(i, j + 1, "label")
        return (
            with_names(line, j + 1, parts)
            if low in ("who", "with", "guests", "attendees", "participants", "invite")
            else j + 1
        )
    return 0


def _closing_quote(line: Line, j: int) -> int:
    # The place after a value in quotes at *j*, or 0.
    if line.low(j) != '"':
        return 0
    return next((k + 1 for k in range(j + 1, len(line)) if line.low(k) == '"'), 0)


def _code_end(line: Line, j: int) -> int:
    # The place after a record's number at *j*, "PO-2291"; or 0.
    name, dash, count = [*line.tokens[j : j + 3], *[line.at(-1)] * 3][:3]
    glued = dash.text == "-" and dash.glued and count.glued and count.kind == "num"
    return j + 3 if glued and name.text.isupper() else 0


def _person(line: Line, i: int, j: int, kind: str, parts: Parts) -> int:
    token = line.at(j)
    if token.kind in ("slack", "email"):
        line.take(i, j, "people")
        return j
    quoted = _closing_quote(line, j)
    end = quoted or _name_end(line, j)
    if end == j:
        return 0
    kinds: dict[str, GuestKind] = {"lead": "lead", "contact": "contact", "user": "user"}
    name = line.words(j, end).strip('"')
    parts.add(Guest(kind=kinds[kind], name=name, span=line.span(i, end)))
    line.take(i, end, "people")
    return end


def about_contact(line: Line, i: int, parts: Parts) -> int:
    """Read "about contact Jane Doe" at *i*; return the place after, or 0."""
    j = line.skip(i + 1, "the")
    return _about(line, i, line.skip(j + 1, ":"), parts) if line.low(j) == "contact" else 0


def _about(line: Line, i: int, j: int, parts: Parts) -> int:
    end = _name_end(line, j)
    if end == j:
        return 0
    parts.about = line.words(j, end)
    line.take(i, end, "about")
    return end


def _name_end(line: Line, i: int) -> int:
    """Return the end of a person's name: up to four words, capitals or all small."""
    if line.low(i) == '"':
        return i
    j = i
    small = line.at(i).text.islower()
    while j < len(line) and j - i < 7:
        token = line.at(j)
        joined = token.glued and j > i
        if token.text in ("-", ".", "'") and joined:
            if not line.at(j + 1).glued and token.text != ".":
                break
        elif (
            token.kind != "word"
            or (j > i and not joined and (_ends_name(line, j) or line.low(j + 1) == ":"))
            or (j > i and not joined and not small and not token.text[0].isupper())
            or (j > i and not joined and small and (token.text[0].isupper() or j > i + 1))
        ):
            break
        j += 1
    return j


def _ends_name(line: Line, j: int) -> bool:
    low = line.low(j)
    if low not in _NAME_ENDS:
        return False
    # "lead: May Sunday" at the end of a text that names its day elsewhere is a name.
    surname = (low in lex.WEEKDAYS or low in lex.MONTHS) and line.at(j).text.istitle()
    if surname and low in lex.MONTHS and line.low(j + 1) in lex.EVERY:
        return False
    after = line.at(j + 1)
    closed = not after.text or after.text in ",;|\n)" or after.low in lex.TODAY
    if surname and after.kind == "num" and line.low(j + 2) in lex.MONTHS and low in lex.MONTHS:
        return False  # "lead: April May 23 Sept"
    if surname and after.low == "on" and (line.at(j + 2).kind == "num" or _dates(line, j + 2)):
        return False  # "contact: April March on 19 Mar"
    return not (surname and closed and any(_dates(line, k) for k in (*range(j - 1), j + 1)))


def _dates(line: Line, k: int) -> bool:
    low = line.low(k)
    named = low in lex.TODAY or low in lex.WEEKDAYS or low in lex.PLURAL_DAYS
    return named or line.at(k).kind in ("iso", "slash", "ord") or low in ("daily", "every")


def _title(line: Line, i: int, j: int, parts: Parts) -> int:
    k = j
    if line.low(j) in ('"', "'"):
        line.take(i, j, "label")
        return j
    while k < len(line) and line.at(k).text and line.at(k).text not in ",;|\n":
        if k > j and (line.low(k) in lex.EVERY or line.at(k).kind in ("slack", "clock", "email")):
            break
        if k > j and line.low(k + 1) == ":" and _is_label(line.low(k)):
            break
        if k > j and (line.low(k) in lex.TODAY or line.low(k) in ("with", "w")):
            break
        k += 1
    if k == j or parts.title is not None:
        return 0
    parts.title = line.words(j, k).strip(" -\u2013\u2014")
    line.take(i, k, "title")
    return k


def _is_label(low: str) -> bool:
    return low in asked.FIELD_LABELS or low in asked.RECORDS or low in asked.PERSON_LABELS


def with_names(line: Line, j: int, parts: Parts) -> int:
    """Read unmarked names from *j* on, capitals only; who they are has to be asked."""
    i = j
    while True:
        k = line.skip(j, ",", "and", "&", "+", "&amp;") if j > i else j
        token = line.at(k)
        if token.kind != "word" or not token.text[0].isupper() or line.low(k + 1) == ":":
            return j
        if k > i and (token.low in _NAME_ENDS or (token.text.isupper() and len(token.text) > 3)):
            return j
        if token.low in asked.NOT_A_PERSON or _is_label(token.low):
            return j
        end = _name_end(line, k)
        parts.add(Guest(kind="unresolved", name=line.words(k, end), span=line.span(k, end)))
        parts.doubt("participant_type", line.words(k, end))
        line.take(j, end, "people")
        j = end


def read_small_names(line: Line, parts: Parts) -> None:
    """Take "with jane and bob" in small letters, once the dates are known."""
    for i in range(len(line)):
        if line.low(i) not in lex.WITH:
            continue
        j = line.skip(i + 1, "/")
        while True:
            token = line.at(j)
            if token.kind != "word" or token.low in asked.NOT_A_PERSON or token.low in lex.JOINERS:
                break
            if len(token.text) == 1:
                break  # "w/c 5 Oct"
            after = line.at(j + 1)
            if after.kind == "word" and after.low not in lex.JOINERS:
                break
            if after.glued and after.text in "-/.:":
                break
            parts.add(Guest(kind="unresolved", name=token.text, span=line.span(j, j + 1)))
            parts.doubt("participant_type", token.text)
            line.take(j, j + 1, "people")
            if line.low(j + 1) not in ("and", ",", "&", "+"):
                break
            j += 2


_VALUE_ENDS = frozenset({"on", "at", "via", "@", "for", "by", "from"})


def read_values(line: Line, parts: Parts) -> None:
    """Read the values of the labels of venue and record, up to the next known part."""
    for label, _i, j in parts.heads:
        k = _closing_quote(line, j) or _code_end(line, j) or _value_end(line, j, label)
        value = line.words(j, k).strip(' .-"') if k > j else ""
        if not value:
            continue
        if label == "venue":
            parts.venue = parts.venue or value
            line.take(j, k, "venue")
        else:
            parts.related = parts.related or Named(module=asked.RECORDS[label], name=value)
            line.take(j, k, "record")


def _value_end(line: Line, j: int, label: str) -> int:
    k = j
    while k < len(line) and (line.at(k).text or (k == j and label != "venue")):
        token, after = line.at(k), line.low(k + 1)
        if token.text and token.text in _STOPS:
            break
        if (k > j and token.low in ("with", "w", "remind")) or token.text == "<":
            break
        if k > j and token.low in lex.JOINERS and not after and token.low != ".":
            break
        if k > j and token.text in lex.DASHES and not token.glued:
            break
        if k > j and label != "venue" and token.low in _VALUE_ENDS:
            break
        k += 1
    return k
