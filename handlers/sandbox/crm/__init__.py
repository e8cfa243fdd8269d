"""The Zoho CRM half of the sandbox: accounts server, REST API v8 and the test controls."""
