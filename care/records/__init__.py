"""The records of the programme: one module per kind, each a pydantic model. `KINDS` finds them."""

from __future__ import annotations

from care.records.activity import Activity
from care.records.base import Record
from care.records.contact_entry import ContactEntry
from care.records.talk import Talk

KINDS: dict[str, type[Record]] = {record.kind: record for record in (ContactEntry, Talk, Activity)}
