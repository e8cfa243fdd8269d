"""Criteria hold for every tree and every text: there and back, no fall, no endless work."""

import random
import time
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from bot.domain.export import FileType, Query
from bot.domain.export_criteria import (
    EMPTY,
    LISTS,
    PAIRS,
    SAME,
    Comparison,
    Criteria,
    Group,
    Scalar,
)
from bot.domain.export_fields import USERS, Catalogue, Field, Kind
from bot.domain.meeting import Record
from bot.errors import NotUnderstood, Refused
from bot.language import Sense, query_of, read_criteria, read_export, typed, write_criteria
from tests.conftest import Cases

FIELDS = tuple(
    Field(api_name=name, label=label, data_type=data_type, module=module)
    for name, label, data_type, module in (
        ("Last_Name", "Last Name", "text", None),
        ("Amount", "Amount", "double", None),
        ("Count", "How Many", "bigint", None),
        ("Owner", "Owner", "ownerlookup", USERS),
        ("Account_Name", "Account Name", "lookup", "Accounts"),
        ("Created_Time", "Created Time", "datetime", None),
        ("Closing_Date", "Closing Date", "date", None),
        ("Opt_Out", "Opt Out", "boolean", None),
    )
)
PEOPLE = (
    Record(id="5545974000000393001", name="me"),
    Record(id="5545974000000393011", name="a@example.com"),
    Record(id="5545974000000393021", name="Ada and Ben"),
)
SENSE = Sense(
    catalogue=Catalogue(fields=FIELDS),
    people={one.name.casefold(): one for one in PEOPLE},
    now=datetime(2026, 6, 10, 12, tzinfo=UTC),
    zone=ZoneInfo("Asia/Kolkata"),
)
TEXTS = (
    *("Boyle", "and", "OR", "view", "as", "where", "x y", "O'Brien", "a,b", "(x)", "a = b", "me"),
    *('say "hi"', "back\\slash", "<@U1>", "R&D", "10,000", "true", "is empty", "'q'", "é ü", "[x]"),
    *("2026", "-", "a\\", "!", "!=", "${EMPTY}", "  ", "tab\tbed", "not in", "x" * 255),
)
PIECES = (
    *("Leads", "Last_Name", "Owner", "where", "view", "as", "csv", "ics", "and", "or", "(", ")"),
    *("=", "!=", ">", "<", "in", "not in", "between", "is empty", "is not", "contains", ",", "'"),
    *('"', "me", "a@example.com", "10", "1,000", "2026-04-15", "last month", "since", "1 May"),
    *("[", "]", "&gt;", "<@U1|x>", "\\", "é", "“", "”", "\u00a0", "\n", "not", "doesn't contain"),
)


def scalar(draw: random.Random, field: Field) -> Scalar:
    """Draw a value that fits a field."""
    day = date(2000, 1, 1) + timedelta(days=draw.randrange(15_000))
    if field.kind is Kind.TEXT:
        return draw.choice([*TEXTS, "".join(chr(draw.randrange(33, 0x250)) for _ in range(6))])
    if field.kind is Kind.NUMBER:
        whole = draw.randrange(-(10**18), 10**18)
        return whole if field.data_type == "bigint" else draw.choice([whole % 10**9, 0.5, -12.25])
    if field.kind is Kind.LOOKUP:
        free = Record(id="5545974000000393099", name="5545974000000393099")
        return draw.choice([*PEOPLE, free]) if field.of_users else free
    if field.kind is Kind.DATE:
        return day
    offset = timezone(timedelta(minutes=15 * draw.randrange(-48, 57)))
    return datetime.combine(day, datetime.min.time(), offset) + timedelta(
        seconds=draw.randrange(86_400)
    )


def condition(draw: random.Random) -> Comparison:
    """Draw a condition that the CRM takes."""
    field = draw.choice(FIELDS)
    comparator = draw.choice(field.comparators)
    if field.kind is Kind.BOOLEAN:
        return Comparison(field=field.api_name, comparator=comparator, value=draw.random() < 0.5)
    if comparator in SAME and draw.random() < 0.2:
        return Comparison(field=field.api_name, comparator=comparator, value=EMPTY)
    if comparator in LISTS:
        some = tuple(dict.fromkeys(scalar(draw, field) for _ in range(draw.randrange(1, 21))))
        return Comparison(field=field.api_name, comparator=comparator, value=some)
    one = scalar(draw, field)
    if comparator in PAIRS and isinstance(one, date):
        later = one + timedelta(days=draw.randrange(1, 400))
        return Comparison(field=field.api_name, comparator=comparator, value=(one, later))
    return Comparison(field=field.api_name, comparator=comparator, value=one)


def tree(draw: random.Random, depth: int = 0) -> Criteria:
    """Draw a tree of conditions."""
    if depth == 3 or draw.random() < 0.4:
        return condition(draw)
    members = tuple(tree(draw, depth + 1) for _ in range(draw.randrange(2, 4)))
    return Group(operator="and" if draw.random() < 0.5 else "or", members=members)


def test_every_tree_is_the_same_after_writing_and_reading(cases: Cases) -> None:
    """Operators, groups, texts that look like syntax, numbers, times with offsets, people."""
    draw = random.Random(31)
    for _ in range(cases(2_500, 100_000)):
        criteria = tree(draw)
        written = write_criteria(criteria)
        assert criteria == typed(read_criteria(written), SENSE), written


def test_every_query_is_the_same_after_it_was_kept(cases: Cases) -> None:
    """As JSON, in the job's row."""
    draw = random.Random(37)
    for _ in range(cases(1_000, 100_000)):
        try:
            query = Query(
                module=draw.choice(["Leads", "Events"]),
                fields=draw.choice([(), ("Last_Name", "Owner.last_name")]),
                criteria=draw.choice([None, tree(draw)]),
                view=draw.choice([None, Record(id="12345", name="Mine")]),
                file_type=draw.choice(list(FileType)),
            )
        except Refused:
            continue
        assert query == Query.from_json(query.as_json())


def ending(text: str) -> NotUnderstood | Refused | Query:
    """What becomes of a command."""
    try:
        return query_of(read_export(text), "Leads", SENSE, None)
    except (NotUnderstood, Refused) as error:
        return error


def test_no_text_makes_the_reader_fall(cases: Cases) -> None:
    """It is read, or refused at a place inside it."""
    draw = random.Random(41)
    seen = set()
    for _ in range(cases(10_000, 1_000_000)):
        text = draw.choice(["", " "]).join(draw.choices(PIECES, k=draw.randrange(1, 25)))
        text = draw.choice(["", "Leads where "]) + text
        found = ending(text)
        seen.add(found.code if isinstance(found, NotUnderstood) else type(found).__name__)
        if isinstance(found, NotUnderstood):
            assert 0 <= found.start <= found.end <= len(text), text
    assert "Query" in seen
    assert len(seen) > 15


def test_no_text_takes_long() -> None:
    """The longest texts of each sort: quotes, parentheses, words, commas, half signs."""
    hostile = ('"', "'", "(", "x ", "1,", "<@", "&lt;", "\\", "' ", "'a", '"\\', "and ", "= ", "é")
    for piece in hostile:
        for start in ("", "Leads where Last_Name = ", "Leads where Amount in ("):
            text = (start + piece * 4000)[:4000]
            begin = time.thread_time()
            ending(text)
            assert time.thread_time() - begin < 0.5, text[:40]
