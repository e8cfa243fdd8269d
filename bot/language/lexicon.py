"""The words: data apart from grammar. Everything is lower case, as the scanner gives it."""

from bot.domain.recurrence import Weekday
from bot.domain.reminder import Period

# Tables are read line by line, so the formatter keeps out.
# fmt: off
_MO, _TU, _WE, _TH, _FR, _SA, _SU = Weekday

_FULL_DAYS = {
    "monday": _MO, "tuesday": _TU, "wednesday": _WE, "thursday": _TH, "friday": _FR,
    "saturday": _SA, "sunday": _SU,
}
_FULL_MONTHS = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7,
    "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
}

WEEKDAYS = {
    **_FULL_DAYS, "mon": _MO, "tue": _TU, "tues": _TU, "wed": _WE, "wensday": _WE,
    "wendsday": _WE, "weds": _WE, "thu": _TH, "thur": _TH, "thurs": _TH, "fri": _FR, "sat": _SA,
    "sun": _SU,
}
PLURAL_DAYS = {
    **{f"{word}s": day for word, day in WEEKDAYS.items() if len(word) > 4},
    **{f"{word}'s": day for word, day in _FULL_DAYS.items()}, "fris": _FR, "sats": _SA,
}
DAY_LETTERS = {
    "m": _MO, "mo": _MO, "t": _TU, "tu": _TU, "w": _WE, "we": _WE, "th": _TH, "r": _TH, "f": _FR,
    "fr": _FR, "sa": _SA, "su": _SU,
    **{word: day for word, day in WEEKDAYS.items() if len(word) < 5},
}
SHORT_DAYS = frozenset({"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"})
"""Days in a calendar's two letters: after "every" alone, and with their capital."""
SHAKY_DAYS = frozenset({"sun", "sat", "wed", "mon", "thu", "fri"})
"""Short day names that are also other words or parts of names: they need company."""
WORKDAY_WORDS = frozenset(
    {"weeknight", "weeknights", "weekday", "workday", "workdays", "weekdays", "businessday"}
)
ONE_WORKDAY = frozenset({"weeknight", "weekday", "workday", "businessday"})
DAY_KINDS = frozenset({"business", "working", "work", "week"})
WEEKEND_WORDS = frozenset({"weekend", "weekends"})

MONTHS = {
    **_FULL_MONTHS, "febuary": 2,
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9,
    "oct": 10, "nov": 11, "dec": 12,
}

NUMBERS = {
    word: n
    for n, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
}
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}
ORDINALS = {
    word: n
    for n, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ],
        start=1,
    )
} | {"thirtieth": 30}

UNITS = {
    "second": "second", "seconds": "second", "sec": "second", "secs": "second", "s": "second",
    "minute": "minute", "minutes": "minute", "min": "minute", "mins": "minute", "m": "minute",
    "minuets": "minute", "minuts": "minute", "hour": "hour", "hours": "hour", "hr": "hour",
    "hrs": "hour", "h": "hour", "day": "day", "days": "day", "d": "day", "week": "week",
    "weeks": "week", "wk": "week", "wks": "week", "w": "week", "month": "month", "months": "month",
    "month's": "month",
    "mth": "month", "mths": "month", "mo": "month", "quarter": "quarter", "quarters": "quarter",
    "qtr": "quarter", "year": "year", "years": "year", "yr": "year", "yrs": "year",
    "fortnight": "fortnight", "fortnights": "fortnight", "semester": "half", "semesters": "half",
}
"""Letters alone count only when they stick to their number."""
LONG_UNITS = frozenset({"day", "week", "month", "quarter", "year", "fortnight", "half"})
ENDS = frozenset({"eom", "eoq", "eoy"})
"""Last days of a month, a quarter, a year."""
STEPS = {
    "day": ("day", 1), "week": ("week", 1), "fortnight": ("week", 2), "month": ("month", 1),
    "quarter": ("month", 3), "half": ("month", 6), "year": ("year", 1),
}
"""What a unit is in the dialect's four frequencies."""

ADVERBS = {
    "daily": ("day", 1), "everyday": ("day", 1), "nightly": ("day", 1), "weekly": ("week", 1),
    "biweekly": ("week", 2), "fortnightly": ("week", 2), "monthly": ("month", 1),
    "bimonthly": ("month", 2), "quarterly": ("month", 3), "semiannual": ("month", 6),
    "semiannually": ("month", 6), "halfyearly": ("month", 6), "biannual": ("month", 6),
    "biannually": ("month", 6), "yearly": ("year", 1), "annual": ("year", 1),
    "annually": ("year", 1), "biennial": ("year", 2), "biennially": ("year", 2),
    "biyearly": ("month", 6),
}
DOUBTFUL_ADVERBS = {
    "biweekly": ("biweekly", ("every 2 weeks", "twice a week"), ("times", 2)),
    "bimonthly": ("bimonthly", ("every 2 months", "twice a month"), ("times", 2)),
    "biannual": ("biannual", ("every 6 months", "every 2 years"), ("year", 2)),
    "biannually": ("biannual", ("every 6 months", "every 2 years"), ("year", 2)),
    "biyearly": ("biannual", ("every 6 months", "every 2 years"), ("year", 2)),
}
"""The code of the doubt, both readings, and the second one's step."""
REFUSED_ADVERBS = {
    "hourly": "sub_daily", "minutely": "sub_daily", "semiweekly": "no_days",
    "semimonthly": "no_days", "triweekly": "vague", "trimonthly": "vague", "bidaily": "multi_time",
}
PREFIXES = frozenset({"bi", "semi", "half", "tri"})

EVERY = frozenset({
    "every", "each", "evry", "evrey", "evey", "eveyr", "evrery", "everry", "ea",
    "ev",
})
OTHER = frozenset({"other", "alternate", "alternating", "alternative", "alt"})
DASHES = ("-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\u2192")
AND = frozenset({"and", "&", "&amp;", "+", ",", "/", "plus", "n"})
TO = frozenset({*DASHES, "to", "thru", "through", "till", "til", "until"})
UNTIL = frozenset(
    {"until", "till", "til", "untill", "thru", "through", "ending", "ends", "end", "upto", "unti",
     "stop", "stops", "stopping"}
)
START = frozenset({
    "starting", "starts", "start", "beginning", "begins", "begining", "effective", "commencing",
    "commences", "startin", "wef",
})
HANGING = frozenset({"of", "the", "in", "on", "all", "after", "before", "day", "each", "during"})
BOUNDING = frozenset({"until", "till", "til", "untill", "unti", "starting", "beginning"})
"""Left unread beside a rule, these change it: the rule isn't safe to use."""
EXCEPT = frozenset({
    "except", "excluding", "minus", "besides", "excepting", "excl", "excepted", "skipping", "skip",
    "exclude", "omitting", "barring", "exc",
})
VAGUE = frozenset({
    "needed", "sometimes", "occasionally", "maybe", "perhaps", "whichever", "whenever", "roughly",
    "probably", "often", "usually", "regularly", "periodically", "unless", "either", "permitting",
    "permits", "minimum", "maximum", "optional", "ideally", "preferably", "alternatively",
    "sunset", "sunrise", "dusk", "dawn", "swapping", "rotating", "flexible", "depending",
    "tentatively", "approximately", "frequently", "infrequently", "rarely", "seldom",
    "intermittently", "sporadically", "irregularly", "randomly", "eventually", "tide", "tides",
    "sundown", "sunup", "nightfall", "daybreak",
})
SOME = frozenset({
    "most", "some", "sometime", "many", "few", "certain", "various", "random", "any", "somewhere",
    "nearly", "almost", "about", "half",
})
"""Before the days of a series they leave open which."""
COUNT_NOUNS = frozenset({
    "times", "time", "occurrences", "occurrence", "occurences", "meetings", "sessions", "x",
    "repetitions", "meeting", "session", "instances", "events",
})
COUNT_WORDS = {"once": 1, "twice": 2, "thrice": 3}

DAY_PARTS = {
    "morning": "am", "mornings": "am", "afternoon": "pm", "afternoons": "pm", "evening": "pm",
    "evenings": "pm", "night": "pm", "nights": "pm", "lunchtime": "pm",
}
NAMED_DAYS = frozenset({
    ("black", "friday"), ("cyber", "monday"), ("giving", "tuesday"), ("super", "sunday"),
    ("ash", "wednesday"), ("palm", "sunday"), ("easter", "sunday"), ("easter", "monday"),
    ("good", "friday"), ("small", "saturday"), ("super", "tuesday"), ("casual", "friday"),
})
"""Days with a name of their own: no weekday is meant."""
THINGS = frozenset({
    "floor", "avenue", "street", "ave", "st", "anniversary", "birthday", "round", "version",
    "draft", "edition", "party", "grade", "gate",
})
"""After a number these are counted: "2nd floor"."""
NEVER_DATES = frozenset({"24/7", "9/11", "50/50", "7/11"})
SEASONS = frozenset({"summer", "winter", "spring", "autumn", "fall"})
PLURAL_PARTS = frozenset({"mornings", "afternoons", "evenings", "nights"})
NOON = {"noon": (12, 0), "midday": (12, 0), "midnight": (0, 0)}
AM_PM = {"am": "am", "a": "am", "pm": "pm", "p": "pm"}
CLOCK_WORDS = frozenset({*WEEKDAYS, *NOON, *AM_PM})
TODAY = {
    "yesterday": -1, "today": 0, "tod": 0, "tonight": 0, "tomorrow": 1, "tmrw": 1, "tmr": 1,
    "tmw": 1, "tom": 1, "tomorow": 1, "tommorow": 1, "tommorrow": 1, "tomorrrow": 1, "2moro": 1,
    "2morrow": 1, "tmrow": 1, "tomorro": 1, "tomrrow": 1,
    "tonite": 0, "2nite": 0, "tomoz": 1,
}
NEXT = frozenset({"next", "nxt"})
THIS = frozenset({"this", "coming", "upcoming"})
HOLIDAYS = frozenset({
    "easter", "thanksgiving", "christmas", "xmas", "diwali", "ramadan", "eid", "hanukkah",
    "advent", "lent", "holiday", "holidays", "pentecost", "passover", "halloween", "holi", "pongal",
    "dussehra", "onam", "navratri", "juneteenth", "kwanzaa", "purim", "whitsun", "nye",
})

FESTIVALS = {"christmas": (12, 25), "xmas": (12, 25), "halloween": (10, 31)}
"""Those that always fall on one date: the end of a series may be said so."""

PERIODS = {"minute": Period.MINUTES, "hour": Period.HOURS, "day": Period.DAYS, "week": Period.WEEKS}
WITH = frozenset({"with", "w"})
TIMELIKE = (
    frozenset(word for word in UNITS if len(word) > 2) | frozenset(NUMBERS) | frozenset(TENS)
    | frozenset(ORDINALS) | frozenset({"end", "half", "few", "times", "last", "fortnight", "eom"})
)
"""Words of time: a text's leftover made of these alone was meant for the time."""
POLITE = frozenset({"pls", "plz", "please", "thanks", "thx", "ty"})
JOINERS = frozenset({
    *DASHES, "on", "at", "the", "of", "for", "from", "in", "and", "a", "an", "to", "with", "w",
    "by", "occurs", "occur", "recurs", "recur", "repeat", "repeats", "repeating", "until",
    "day", "will", "last", "lasts", "lasting", "which", "ish", "around", "about", "between",
    "is", "/", "(", ")", "[", "]", ",", ";", ":", "-", "|", ".", "+", "&", "@", "!", "?", "#",
    "*", "•", "then", "sharp", "exactly", "up", "me", "my", "going",
})
"""Words with no meaning of their own beside what they join."""
