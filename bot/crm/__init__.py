"""Our hands in Zoho: one wire, one table of places, and the CRM's words put into ours."""
