"""What grants need so that Zoho's own client finds its tokens in them as well.

``client_id``: the application the tokens were made for; empty where it isn't known.
``crm_user``: ``<email>:<organisation's id>``, as Zoho's client names a user; empty where it isn't
known. ``alias``: the id the client chose itself. ``redirect_url``: as the client gave it.
``spent_code``: a digest of the code the tokens were had for; the code itself rests nowhere.
``choice`` is 0 for what only Zoho's client put there: the bot doesn't use it by itself.
"""

STATEMENTS = (
    "ALTER TABLE grants ADD COLUMN client_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE grants ADD COLUMN crm_user TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE grants ADD COLUMN alias TEXT",
    "ALTER TABLE grants ADD COLUMN redirect_url TEXT",
    "ALTER TABLE grants ADD COLUMN spent_code TEXT",
    "UPDATE grants SET crm_user = json_extract(account, '$.email') || ':' || org_id",
    "DROP INDEX grants_one_each",
    """CREATE UNIQUE INDEX grants_one_each
        ON grants (team, person, crm_user, client_id, data_center, state)
        WHERE state IN ('active', 'pending') AND crm_user != ''""",
    "DROP INDEX grants_by_owner",
    "CREATE INDEX grants_by_owner ON grants (team, person, crm_user)",
    """CREATE UNIQUE INDEX grants_by_alias ON grants (team, person, alias)
        WHERE alias IS NOT NULL""",
)
