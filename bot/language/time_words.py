"""Which words speak of time, and which of them a slip of the hand may be read as: data."""

from bot.language import lexicon as lex

_SPELT = frozenset({
    "every", "other", "alternate", "until", "starting", "beginning", "ending", "effective",
    "except", "excluding", "today", "tomorrow", "tonight", "yesterday", "morning", "mornings",
    "afternoon", "afternoons", "evening", "evenings", "night", "nights", "midnight", "midday",
    "weekday", "weekdays", "weekend", "weekends", "workday", "workdays", "second", "third",
    "fourth", "occurrences", "occurrence", "times", "noon", "each", "from", "next", "last",
    "first", "once", "twice", "half", "till", "through", "minus", "sessions", "meetings", "june",
    "july", "after", "ends",
})  # fmt: skip
_UNITS = frozenset({
    "minute", "minutes", "hours", "weeks", "month", "months", "quarter", "years", "fortnight",
    "hour", "days", "week", "year", "mins", "day",
})  # fmt: skip
MENDABLE = (
    _SPELT | _UNITS
    | frozenset(
        word
        for word in (*lex.WEEKDAYS, *lex.PLURAL_DAYS, *lex.MONTHS, *lex.ADVERBS)
        if len(word) > 4
    )
)  # fmt: skip
"""What a slip may have been meant to be."""
KNOWN = frozenset(
    word
    for table in vars(lex).values()
    if isinstance(table, dict | frozenset)
    for word in table
    if isinstance(word, str)
)
"""Words the reader knows: no slips."""
NO_SLIPS = frozenset({
    "form", "nest", "neat", "list", "lest", "fist", "ounce", "halt", "hall", "tell", "tall",
    "minis", "weak", "weed", "weep", "marc", "yea", "yeah", "dads", "alter", "hal", "mini", "mind",
    "mine", "firm", "fires", "tills", "tile", "lasts", "lass", "lash", "text", "session", "meeting",
    "max", "dave", "dan", "wes", "halo", "halve", "thorough", "though", "julia", "jane", "jude",
    "jule", "jules", "juno", "frog", "frame", "fro", "prom", "yeas", "meets", "mains", "dry", "dye",
    "dab", "dam", "dad", "dray", "bay", "say", "son", "set", "fit", "met", "sit", "sum", "sub",
    "fun", "for", "web", "wet", "tie", "tub", "mom", "man", "men", "the", "two", "sad", "least",
    "menus", "stating",
    "endings", "thus", "non", "true", "stat", "toe", "wee",
    "alternative", "august", "dairy", "daisy", "dally", "emery", "env", "expect", "fridge",
    "marsh", "match", "maths", "monday's", "mondo", "mouth", "mount", "moth", "mooring", "mourning",
    "otter", "others", "outer", "quartet", "quarterback", "starling", "staring", "sundry", "toady",
    "tines", "weakly", "weeds", "weekender", "month's", "week's", "timer", "timers", "times",
    "everyone", "everybody", "nightly", "ending", "exempt", "novel", "septembers", "junior",
    "hourly", "house", "hose", "thirds", "second's", "seconds", "marcy", "march's", "aprils",
    "other's", "until", "untie", "nigh", "eight", "fights", "fridays", "quarters", "quarterly",
    "thirst", "fourths", "forth", "fort", "minuet", "minus", "minutely", "years", "yearn",
    "yearns", "minuted", "today's", "tonight's", "tomorrow's", "everyday", "seconded", "mortals",
    "augusta", "augustin", "julie", "marchi", "decembers", "monty", "sunday's", "friday's",
})  # fmt: skip
"""Words of their own, one edit away from a word of time."""
TIME_WORDS = (
    frozenset(word for word in lex.UNITS if len(word) > 1)
    | frozenset(lex.WEEKDAYS) | frozenset(lex.PLURAL_DAYS) | frozenset(lex.MONTHS)
    | frozenset(lex.ADVERBS) | frozenset(lex.TODAY) | frozenset(lex.NOON)
    | frozenset(lex.DAY_PARTS) | frozenset(lex.ORDINALS) | frozenset(lex.NUMBERS)
    | lex.EVERY | lex.OTHER | lex.UNTIL | lex.NEXT | lex.THIS | lex.WORKDAY_WORDS
    | lex.WEEKEND_WORDS | lex.DAY_KINDS
)  # fmt: skip
"""Words that speak of time: a slip is one only beside them, or beside a number."""
BETWEEN_TIMES = frozenset({"on", "the", "at", "of", "in", "a", "for", "and", ",", "-", "@", "from"})
LEAVING_OUT = frozenset({
    "omit", "omits", "without", "exception", "exceptions", "save", "bar", "no", "not", "never",
    "cancel", "cancelled", "canceled", "cancelling", "off", "closed", "drop", "dropping",
    "pause", "paused", "pausing", "break", "skipped", "miss", "missing", "ignore", "ignoring",
    "leave", "leaving", "unless", "but", "besides", "sans", "ex",
})  # fmt: skip
"""After a rule and before a day, these leave the day out."""
ONE_OF_THEM = frozenset({"last", "first", "one", "ones", "final"})
"""After the same they name meetings of the series: "save for the last one"."""
NAMES_A_DAY = lex.HOLIDAYS | frozenset(lex.MONTHS) | lex.SHAKY_DAYS | {
    "day", "days", "week", "weeks", "month", "months", "eve", "quarter", "year",
}  # fmt: skip
"""Unread in a text without a day, these may name it: it isn't today's then."""
ROUND_A_FESTIVAL = frozenset({
    "break", "breaks", "holiday", "holidays", "hols", "vacation", "party", "parties", "shutdown",
    "week", "weekend", "season", "time", "closure", "recess", "leave", "period", "dinner", "lunch",
    "rush", "sale", "sales", "or",
})  # fmt: skip
"""After "until Christmas" they leave the day open."""
UNSURE = frozenset({
    "occasional", "occasionally", "irregular", "sporadic", "several", "multiple", "numerous",
    "selected", "alternating", "ad-hoc", "adhoc", "intermittent", "thereabouts", "approx",
    "circa", "possibly", "potentially", "likely", "typically", "generally", "mostly", "normally",
    "often", "sometimes", "odd", "even", "least", "hoc",
})  # fmt: skip
"""Right before the days of a series, or closing it, they leave open which are meant."""
SHIFTING = frozenset({
    "after", "before", "following", "preceding", "prior", "near", "closest", "nearest", "within",
    "past",
})  # fmt: skip
"""Right before a day they mean another one."""
OF_A_SEASON = frozenset({
    "in", "of", "for", "during", "over", "through", "throughout", "all", "whole", "entire",
})  # fmt: skip
"""Before a month or a season that a series was meant to keep to."""
COUNTED_BACK = frozenset({"penultimate", "antepenultimate"})
CONDITIONAL = frozenset({"when", "if", "subject", "provided", "assuming"})
STRETCHES = lex.SEASONS | lex.HOLIDAYS | frozenset(lex.MONTHS) | frozenset(lex.PLURAL_DAYS) | {
    "days", "weeks", "wks", "months", "quarters", "years", "sprints", "season", "seasons", "term",
    "terms", "while", "bit", "future", "hols", "payday", "paydays", "moons", "mornings",
    "afternoons", "evenings", "nights", "am", "pm", "q",
}  # fmt: skip
"""A run of unread words after a series that closes with one of these limits it."""
ONE_STRETCH = frozenset({
    "week", "month", "quarter", "year", "sprint", "day", "morning", "evening", "time", "now",
    "point", "stage",
})  # fmt: skip
LISTED = lex.AND | lex.TO | {"or"}
WHICH_STRETCH = frozenset({
    "this", "next", "that", "last", "final", "each", "every", "same", "other", "per", "alternate",
    "only", "a", "any", "some",
})  # fmt: skip
"""Before one of those, they say which: "the first week"."""
LEADING_STRETCH = frozenset({"in", "for", "during", "over", "through", "within", "from", "between"})
SO_LONG = frozenset({"few", "several", "bit", "while", "some", "now"})
"""After "for" they say how long, but not quite."""
EXCLUDED = frozenset({
    "excluded", "excludes", "excepted", "exempt", "exempted", "excl", "avoid", "avoiding",
    "ignored", "omitted", "skipped", "cancelled", "canceled", "paused",
})  # fmt: skip
LIMITED = frozenset({
    "only", "apart", "tentative", "provisional", "provisionally", "approx", "normally", "mostly",
    "tbc", "tbd", "flexi", "anytime", "varies", "vary", "required", "poss", "possible",
    "applicable", "later", "earlier", "latest", "earliest", "otherwise", "instead", "before",
    "after", "ish", "once", "times", "random", "randomly", "decided", "confirmed", "determined",
    "agreed", "finalised", "finalized",
})  # fmt: skip
"""Closing a run of unread words beside a series, these change it."""
OFF = frozenset({"off", "break", "closed", "early", "late", "out"})
"""The same, where the run names a stretch of time too: "summer break", not "coffee break"."""
LIMITING = EXCLUDED | lex.EXCEPT | frozenset({
    "only", "just", "not", "never", "both", "per", "again", "also", "plus", "between", "through",
    "throughout", "after", "before", "once", "when", "whenever", "if", "unless", "as", "while",
    "or", "otherwise", "else", "failing", "less", "max", "min", "minimum", "maximum", "roll",
    "postponed", "preponed", "moved", "shifted", "reschedule", "rescheduled", "resume", "resuming",
    "resumes", "resumed", "alternate", "alternating", "rotating", "varying", "provisionally",
    "tentatively", "right", "straight", "tentative", "approx", "circa", "subject", "any", "some",
    "weeks", "days", "months", "years",
})  # fmt: skip
"""Opening a run of unread words after a series, these change it."""
PART_OF = frozenset({"when", "whenever", "mid", "early", "late", "around", "about", "roughly"})
GIVE_OR_TAKE = frozenset({
    ("give", "or", "take"), ("more", "or", "less"), ("on", "and", "off"), ("off", "and", "on"),
})  # fmt: skip
PURPOSE = frozenset({"to", "about", "re", "regarding", "called", "named", "titled"})
"""A run of words that opens with these is a title."""
HANGING_ON = lex.POLITE | {
    "on", "of", "the", "in", "at", "a", "an", "and", "for", "each", "with", "w",
}  # fmt: skip
NTH = frozenset(lex.ORDINALS) | {"last"}
COUNTING = lex.EVERY | frozenset(lex.NUMBERS) | frozenset(lex.TENS) | {
    "other", "next", "a", "an", "half", "this", "once",
}  # fmt: skip
"""Before a unit of time."""
AGAIN = frozenset({"recurring", "repeating", "repeated", "repeat", "reoccurring", "recurrent"})
STANDING = frozenset({"standing", "regular"})
MEETINGS = frozenset({
    "call", "calls", "event", "invite", "series", "sync", "slot", "appointment", "catchup",
    "checkin", "standup",
})  # fmt: skip
"""What is held again and again: "a recurring call"."""
TYING = CONDITIONAL - {"subject"} | {"unless", "whenever"}
WATCHED = (
    CONDITIONAL | LEAVING_OUT | UNSURE | SHIFTING | COUNTED_BACK | TIME_WORDS | lex.SEASONS
    | lex.SOME | {"time", "in", "now", "black", "cyber", "end", "last", "final", "eve"}
)  # fmt: skip
"""Unread beside a series, these may make it another one: it depends on where they stand."""
LITTLE = frozenset({
    "off", "now", "then", "be", "is", "give", "take", "or", "decided", "tbd", "tbc", "all", "so",
    "alternating", "pausing", "less", "more", "ad", "hoc", "again", "and", "not",
    "every", "each", "some", "any", "either", "neither", "least", "most", "same", "other",
    "determined", "confirmed", "instead", "but", "if", "when", "unless", "except", "without", "no",
    "maybe", "about", "roughly", "possible", "time",
    "times", "once", "twice", "few", "several", "couple", "never", "always", "ever", "than",
    "rather", "else", "otherwise", "depending", "whichever", "whatever", "whenever", "wherever",
})  # fmt: skip
"""No title is made of these alone: beside a series they are a part of it."""
RELATIVE = frozenset({"that", "which", "than", "whose"})
LEADING = frozenset({"on", "at", "in", "by", "around"})
"""Right after the time these go on with it; a title follows "for", "to" or "about"."""
OWNED = frozenset({"its", "our", "their", "my", "your"})
NOW_AND_THEN = frozenset({("time", "to", "time"), ("in", "a", "while"), ("now", "and", "then")})
SEVERAL = lex.PLURAL_PARTS | {"days", "weeks", "months", "years"}
NEVER_LEFT = (
    TIME_WORDS
    | LEAVING_OUT
    | SHIFTING
    | COUNTED_BACK
    | lex.EXCEPT
    | lex.VAGUE
    | lex.HOLIDAYS
    | lex.SEASONS
    | frozenset({"if", "unless", "or", "instead", "whole"})
) - frozenset({"second", "one", "may", "next", "this"})
"""Left beside the title of a series, these were meant for its time."""
