"""The words of a request beside its times: labels, records, places, openers. Data."""

from bot.domain.meeting import ParentModule

# Tables are read line by line, so the formatter keeps out.
# fmt: off
RECORDS = {
    "deal": ParentModule.DEALS, "account": ParentModule.ACCOUNTS, "product": ParentModule.PRODUCTS,
    "quote": ParentModule.QUOTES, "invoice": ParentModule.INVOICES,
    "campaign": ParentModule.CAMPAIGNS, "vendor": ParentModule.VENDORS, "case": ParentModule.CASES,
    "purchase order": ParentModule.PURCHASE_ORDERS, "po": ParentModule.PURCHASE_ORDERS,
    "sales order": ParentModule.SALES_ORDERS, "so": ParentModule.SALES_ORDERS,
}
PERSON_LABELS = {"lead": "lead", "contact": "contact", "user": "user"}
FIELD_LABELS = {
    "title": "title", "subject": "title", "what": "title", "name": "title", "topic": "title",
    "venue": "venue", "where": "venue", "location": "venue", "place": "venue", "when": "skip",
    "who": "skip", "with": "skip", "participants": "skip", "guests": "skip", "attendees": "skip",
    "invite": "skip", "time": "skip", "date": "skip", "repeats": "skip", "repeat": "skip",
    "day": "skip", "days": "skip", "frequency": "skip", "recurrence": "skip", "duration": "skip",
    "length": "skip", "remind": "remind", "reminder": "remind", "reminders": "remind",
    "people": "skip", "about": "about", "regarding": "about",
}
ONLINE = frozenset({
    "zoom", "teams", "webex", "skype", "gmeet", "hangouts", "phone", "slack", "facetime",
    "whatsapp",
})
CITIES = frozenset({
    "hyderabad", "pune", "jaipur", "goa", "kochi", "ahmedabad", "coimbatore", "gurgaon", "noida",
    "manchester", "birmingham", "leeds", "bristol", "edinburgh", "glasgow", "cardiff", "hamburg",
    "munich", "cologne", "frankfurt", "stuttgart", "lyon", "marseille", "milan", "naples", "turin",
    "barcelona", "valencia", "seville", "porto", "geneva", "basel", "rotterdam", "antwerp",
    "gothenburg", "krakow", "dallas", "houston", "miami", "atlanta", "philadelphia", "portland",
    "las vegas", "san diego", "san jose", "palo alto", "minneapolis", "charlotte", "orlando",
    "montreal", "ottawa", "calgary", "canberra", "newcastle", "wellington", "christchurch",
    "shenzhen", "guangzhou", "kyoto", "nagoya", "sharjah", "jeddah", "doha", "cape town",
    "pretoria", "rio", "brasilia", "medellin", "guadalajara",
})
ROOMS = frozenset({
    "room", "office", "boardroom", "hall", "cafe", "lobby", "auditorium", "hq", "building",
    "floor", "restaurant", "hotel", "studio", "conference",
})
NUMBERED = frozenset({
    "room", "gate", "suite", "booth", "desk", "stand", "bay", "unit", "wing", "block", "flat",
    "floor", "studio", "hall", "section", "lab",
})
"""Before a number with a letter: "Room 3A" is no time of day."""
OPENERS = frozenset({
    "please", "kindly", "pls", "can", "could", "you", "schedule", "set", "setup", "up", "a", "an",
    "the", "book", "add", "create", "plan", "new", "make", "put", "arrange", "organize", "organise",
    "meeting", "event", "invite", "meet", "let's", "lets", "have", "for", "to", "called",
    "named", "titled", "i'd", "like", "want", "need", "i", "we", "us", "my", "our", "calendar",
    "in", "on", "hi", "hey", "hello", "parley", "recurring", "repeating", "remind", "me",
    "reminder", "series", "of", "do", "something", "grab",
})
PHRASAL = frozenset(
    {"check", "sign", "drop", "dial", "log", "opt", "buy", "weigh", "plug", "tune", "sit"}
)
HOLLOW = frozenset({
    "recurring", "repeating", "repeat", "new", "a", "series", "an", "the", "please", "re",
    "regarding", "grab", "invite",
})
CALLED = frozenset({"called", "named", "titled", "entitled"})
CALL = frozenset({"call", "name", "title", "label"})
"""Before "it": the title follows."""
NOT_A_PERSON = frozenset({
    "team", "everyone", "everybody", "all", "us", "them", "me", "client", "clients", "customer",
    "customers", "boss", "manager", "slides", "board", "partner", "partners", "staff", "the", "a",
    "an", "my", "our", "their", "his", "her", "no",
})
"""After "with" these are nobody's name."""
NO_PLACES = frozenset({
    "earliest", "latest", "point", "moment", "time", "end", "start", "beginning", "close",
})
"""A place isn't named so: "at the earliest", "at the very end"."""
PLACE_ENDS = frozenset({
    "with", "w", "for", "on", "until", "till", "til", "by", "via", "every", "each", "about",
    "regarding", "re", "to", "from", "remind", "starting", "between", "using", "then",
})
"""A place ends before these."""
ASKING = frozenset({
    "need", "want", "we", "please", "pls", "can", "could", "schedule", "set", "setup", "book",
    "add", "create", "put", "arrange", "organize", "organise", "let's", "lets", "i'd", "i", "make",
    "hi", "hey", "remind", "plan",
})
"""A request that begins so has its title after the words that ask."""
ASKING_ALONE = frozenset({
    "please", "kindly", "pls", "schedule", "setup", "arrange", "organize", "organise", "let's",
    "lets", "i'd", "hi", "hey",
})
"""The same, whatever follows."""
SIGHTS = frozenset({
    "park", "station", "tower", "towers", "square", "street", "gardens", "airport", "mall",
    "market", "bridge", "library", "museum", "arena", "stadium",
})
"""After a city's name these make it another place: "Central Park"."""
RE = frozenset({"re", "regarding"})
"""Before the title, and no part of it."""
STREETS = frozenset({
    "street", "st", "avenue", "ave", "road", "rd", "lane", "ln", "drive", "blvd", "boulevard",
    "square", "plaza", "way", "court", "parkway", "highway", "floor",
})
