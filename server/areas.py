"""The areas of the system. Importing this module makes every record, command, job, notification and report known, and
what of each area goes along in a handover and
changes with a new version; nothing else lists them."""

from importlib import import_module
from importlib.util import find_spec

AREAS = (
    "company",
    "own",
    "people",
    "views",
    "layouts",
    "portal",
    "approvals",
    "notifications",
    "customers",
    "catalog",
    "followups",
    "visits",
    "photos",
    "attachments",
    "orders",
    "worklogs",
    "targets",
    "office",
    "alerts",
    "mails",
    "conflicts",
    "scheduler",
    "exports",
    "reports",
)

for _area in AREAS:
    import_module(f"server.{_area}.models" if _area != "conflicts" else "server.records.conflict")
for _area in AREAS:
    for _part in ("commands", "schedule", "reminders", "leaving", "reports", "upgrades"):
        if find_spec(f"server.{_area}.{_part}") is not None:
            import_module(f"server.{_area}.{_part}")
for _part in ("schedule", "reminders"):
    import_module(f"server.kept.{_part}")
