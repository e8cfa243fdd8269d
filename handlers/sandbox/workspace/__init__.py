"""The workspace in a browser: a page that behaves like Slack, with the CRM beside it.

The page talks to the sandbox's control routes alone; what a person does there reaches the app as
signed HTTP, and the app answers through the Web API.
"""
