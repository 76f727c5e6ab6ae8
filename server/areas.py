"""The areas of the system. Importing this module makes every record and command known; nothing else lists them."""

from importlib import import_module

AREAS = ("company", "people", "customers", "catalog", "visits", "photos", "orders", "worklogs", "conflicts")

for _area in AREAS:
    import_module(f"server.{_area}.models" if _area != "conflicts" else "server.records.conflict")
for _area in AREAS:
    import_module(f"server.{_area}.commands")
