"""Slack, played by a small server: Web API, modals, messages and signed deliveries.

An independent witness: it imports nothing of the app it judges and no Slack library. Facts come
from Slack's own pages (docs.slack.dev), named beside the code.
"""
