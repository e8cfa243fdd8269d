"""The made-up records the sandbox starts with. Every address ends in example.com."""

from __future__ import annotations

from typing import Any

from handlers.sandbox.crm.people import seed_id

Record = dict[str, Any]
_COMPANIES = (
    "Northwind Traders",
    "Zylker",
    "Bluefin Logistics",
    "Halden Optics",
    "Marlow & Sons",
    "Quito Textiles",
    "Rosewood Clinics",
    "Tern Energy",
)
_FIRST = (
    "Carissa",
    "James",
    "Sage",
    "Kris",
    "Minna",
    "Abel",
    "Kiley",
    "Graciela",
    "Cammy",
    "Mattie",
    "Meaghan",
    "Gladys",
    "Yuki",
    "Fletcher",
    "Bette",
    "Willard",
    "Maryann",
)
_LAST = (
    "Butt",
    "Foller",
    "Venere",
    "Paprocki",
    "Flosi",
    "Marrier",
    "Amigon",
    "Maclead",
    "Caldarera",
    "Ruta",
    "Albares",
    "Poquette",
    "Garufi",
    "Gaucho",
    "Rim",
    "Whobrey",
    "Kolmetz",
    "Tollner",
)
_SOURCES = ("Advertisement", "Cold Call", "Partner", "Trade Show", "Web Research")
LEADS_BESIDE = 250


def _address(first: str, last: str) -> str:
    return f"{first}.{last}@example.com".lower()


def complete(module: str, record: Record) -> None:
    """Fill the fields that follow from others."""
    if module in {"Leads", "Contacts"}:
        first = record.get("First_Name")
        record["Full_Name"] = " ".join(part for part in (first, record.get("Last_Name")) if part)


def _account(number: int) -> Record:
    return {
        "name": _COMPANIES[number % len(_COMPANIES)],
        "id": seed_id(30, 1 + number % len(_COMPANIES)),
    }


def _contacts() -> list[Record]:
    named = [
        ("Patricia", "Boyle", "patricia.boyle@example.com", "Head of Purchasing", 0),
        ("Patricia", "Boyle", "pat.boyle.zylker@example.com", "Accountant", 1),
        ("Simon", "Morasca", "simon.morasca@example.com", "Director", 2),
        ("José", "Muñoz-Álvarez", "jose.munoz@example.com", "Buyer", 5),
        ("", "O'Neil", "oneil@example.com", "Founder", 3),
    ]
    rows: list[Record] = [
        {
            "First_Name": first or None,
            "Last_Name": last,
            "Email": mail,
            "Title": title,
            "Account_Name": _account(account),
            "Phone": f"+1 555 010 {n:04d}",
        }
        for n, (first, last, mail, title, account) in enumerate(named)
    ]
    for n in range(40):
        first, last = _FIRST[(n * 5 + 1) % len(_FIRST)], _LAST[(n * 7 + 2) % len(_LAST)]
        rows.append(
            {
                "First_Name": first,
                "Last_Name": last,
                "Email": _address(first, f"{last}.{n}"),
                "Title": "Buyer",
                "Account_Name": _account(n),
                "Phone": f"+1 555 011 {n:04d}",
            }
        )
    return rows


def _leads() -> list[Record]:
    named = [
        ("Carissa", "Kidman", "carissa.kidman@example.com", "Halden Optics"),
        ("", "<!channel> Ltd", "hello@example.com", "<!channel> Ltd"),
        ("Ann-Marie", "Boyle", "annmarie.boyle@example.com", "Tern & <Sons>"),
        ("Li", "Wei 李伟", "li.wei@example.com", "=HYPERLINK(1)"),
    ]
    rows: list[Record] = [
        {
            "First_Name": first or None,
            "Last_Name": last,
            "Email": mail,
            "Company": company,
            "Lead_Status": "Contacted",
        }
        for first, last, mail, company in named
    ]
    for n in range(LEADS_BESIDE):
        first, last = _FIRST[n % len(_FIRST)], _LAST[(n * 11 + n // 17) % len(_LAST)]
        rows.append(
            {
                "First_Name": first,
                "Last_Name": last,
                "Email": _address(first, f"{last}.{n}.lead"),
                "Company": _COMPANIES[n % len(_COMPANIES)],
                "Lead_Status": ("Not Contacted", "Contacted", "Junk Lead")[n % 3],
            }
        )
    for n, row in enumerate(rows):
        row |= {
            "Lead_Source": _SOURCES[n % len(_SOURCES)],
            "Annual_Revenue": 10_000.0 * (n % 40),
            "No_of_Employees": 5 * (n % 60),
            "Email_Opt_Out": n % 9 == 0,
            "Country": ("Germany", "India", "United States")[n % 3],
        }
    return rows


def _others() -> dict[str, list[Record]]:
    return {
        "Accounts": [
            {
                "Account_Name": name,
                "Industry": "Manufacturing",
                "Annual_Revenue": 1e6,
                "Phone": f"+1 555 012 {n:04d}",
            }
            for n, name in enumerate(_COMPANIES)
        ],
        "Deals": [
            {
                "Deal_Name": f"{name} renewal",
                "Amount": 12_500.0 * (n + 1),
                "Stage": "Qualification",
                "Closing_Date": f"2026-0{n % 9 + 1}-15",
                "Account_Name": _account(n),
            }
            for n, name in enumerate(_COMPANIES)
        ],
        "Products": [
            {"Product_Name": name, "Unit_Price": price, "Product_Active": True}
            for name, price in (("Desk lamp", 49.0), ("Field kit", 320.5), ("Support year", 900.0))
        ],
        "Quotes": [
            {
                "Subject": "Lamps for the north office",
                "Quote_Stage": "Draft",
                "Account_Name": _account(0),
            },
            {
                "Subject": "Field kits, spring",
                "Quote_Stage": "Delivered",
                "Account_Name": _account(1),
            },
        ],
        "Sales_Orders": [
            {"Subject": "SO 1001", "Status": "Created", "Account_Name": _account(0)},
            {"Subject": "SO 1002", "Status": "Approved", "Account_Name": _account(2)},
        ],
        "Purchase_Orders": [
            {"Subject": "PO 77", "Status": "Created"},
            {"Subject": "PO 78", "Status": "Approved"},
        ],
        "Invoices": [
            {
                "Subject": "Invoice 2026-01",
                "Status": "Created",
                "Grand_Total": 980.0,
                "Account_Name": _account(3),
            },
            {
                "Subject": "Invoice 2026-02",
                "Status": "Delivered",
                "Grand_Total": 45.5,
                "Account_Name": _account(4),
            },
        ],
        "Campaigns": [
            {"Campaign_Name": "Spring fair", "Type": "Trade Show", "Status": "Planning"},
            {"Campaign_Name": "Webinar week", "Type": "Webinar", "Status": "Active"},
        ],
        "Vendors": [
            {"Vendor_Name": "Lumen Supply", "Email": "lumen@example.com"},
            {"Vendor_Name": "Oak & Iron", "Email": "oak@example.com"},
        ],
        "Cases": [
            {
                "Subject": "Late delivery",
                "Status": "New",
                "Priority": "High",
                "Account_Name": _account(5),
            },
            {
                "Subject": "Wrong colour",
                "Status": "Closed",
                "Priority": "Low",
                "Account_Name": _account(6),
            },
        ],
        "Site_Visits": [
            {
                "Name": f"SV {n + 1}",
                "Visit_Date": f"2026-01-{n + 5:02d}",
                "Kind": ("Installation", "Inspection")[n % 2],
                "Account_Name": _account(n),
            }
            for n in range(4)
        ],
    }


def records(users: dict[str, Record]) -> dict[str, dict[str, Record]]:
    """Return the seed records of every module by id; owners take turns."""
    owners = [user for user in users.values() if user["status"] == "active"]
    tables = {"Leads": _leads(), "Contacts": _contacts(), **_others(), "Events": []}
    made: dict[str, dict[str, Record]] = {}
    blocks = {"Leads": 10, "Contacts": 20, "Accounts": 30}
    for place, (module, rows) in enumerate(tables.items()):
        block = blocks.get(module, 40 + place)
        made[module] = {}
        for number, row in enumerate(rows):
            owner = owners[number % len(owners)]
            who = {"name": owner["full_name"], "id": owner["id"]}
            minute, hour = number % 60, 9 + number // 60
            stamp = f"2026-01-06T{hour:02d}:{minute:02d}:00+00:00"
            record: Record = {
                "id": seed_id(block, 1 + number),
                "Owner": {**who, "email": owner["email"]},
                "Created_By": who,
                "Modified_By": who,
                "Created_Time": stamp,
                "Modified_Time": stamp,
                **row,
            }
            complete(module, record)
            made[module][str(record["id"])] = record
    return made
