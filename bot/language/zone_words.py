"""Time zones by the words people use for them. Data."""

# Tables are read line by line, so the formatter keeps out.
# fmt: off
ZONE_AREAS = frozenset({
    "africa", "america", "antarctica", "arctic", "asia", "atlantic", "australia", "europe",
    "indian", "pacific", "us", "canada", "etc",
})
ZONE_ABBREVIATIONS = {
    "utc": "UTC", "gmt": "Etc/GMT", "z": "UTC", "et": "America/New_York", "est": "America/New_York",
    "edt": "America/New_York", "ct": "America/Chicago", "cst": "America/Chicago",
    "cdt": "America/Chicago", "mt": "America/Denver", "mst": "America/Denver",
    "mdt": "America/Denver", "pt": "America/Los_Angeles", "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles", "cet": "Europe/Berlin", "cest": "Europe/Berlin",
    "eet": "Europe/Athens", "eest": "Europe/Athens", "wet": "Europe/Lisbon", "bst": "Europe/London",
    "zulu": "UTC", "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo", "kst": "Asia/Seoul", "sgt": "Asia/Singapore",
    "hkt": "Asia/Hong_Kong", "aest": "Australia/Sydney", "aedt": "Australia/Sydney",
    "awst": "Australia/Perth", "acst": "Australia/Adelaide", "nzst": "Pacific/Auckland",
    "nzdt": "Pacific/Auckland", "gst": "Asia/Dubai", "msk": "Europe/Moscow",
}
ZONE_DOUBTS = {
    "est": ("Etc/GMT+5",), "edt": ("Etc/GMT+4",), "cst": ("Asia/Shanghai", "Etc/GMT+6"),
    "cdt": ("Etc/GMT+5",), "mst": ("Etc/GMT+7",), "mdt": ("Etc/GMT+6",), "pst": ("Etc/GMT+8",),
    "pdt": ("Etc/GMT+7",), "cet": ("Etc/GMT-1",), "cest": ("Etc/GMT-2",), "eet": ("Etc/GMT-2",),
    "eest": ("Etc/GMT-3",), "wet": ("UTC",), "bst": ("Asia/Dhaka", "Etc/GMT-1"),
    "ist": ("Asia/Jerusalem", "Europe/Dublin"), "aest": ("Australia/Brisbane",),
    "aedt": ("Etc/GMT-11",), "acst": ("Australia/Darwin",), "nzst": ("Etc/GMT-12",),
    "nzdt": ("Etc/GMT-13",), "gst": ("Atlantic/South_Georgia",),
}
"""What else an abbreviation is used for: another country's, or the fixed offset it names."""
WHOSE = frozenset({
    "your", "their", "his", "her", "client", "client's", "customer", "customer's", "local",
    "prospect's", "lead's", "buyer's",
})
"""Before "time": a clock of somebody whose place isn't known."""
ZONE_PLACES = {
    "uk": "Europe/London", "us eastern": "America/New_York", "eastern": "America/New_York",
    "central": "America/Chicago", "mountain": "America/Denver", "pacific": "America/Los_Angeles",
    "india": "Asia/Kolkata", "indian": "Asia/Kolkata", "japan": "Asia/Tokyo", "uae": "Asia/Dubai",
    "germany": "Europe/Berlin", "german": "Europe/Berlin", "france": "Europe/Paris",
    "munich": "Europe/Berlin", "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata",
    "chennai": "Asia/Kolkata", "bangalore": "Asia/Kolkata", "bengaluru": "Asia/Kolkata",
    "san francisco": "America/Los_Angeles", "sf": "America/Los_Angeles",
    "seattle": "America/Los_Angeles", "boston": "America/New_York",
    "washington": "America/New_York", "nyc": "America/New_York",
    "ny": "America/New_York", "la": "America/Los_Angeles", "dc": "America/New_York",
    "east coast": "America/New_York", "west coast": "America/Los_Angeles",
    "austin": "America/Chicago",
    "beijing": "Asia/Shanghai", "osaka": "Asia/Tokyo", "abu dhabi": "Asia/Dubai",
    "british": "Europe/London", "central european": "Europe/Berlin",
}
