"""The checker of a simulated term: derives from the records alone what was owed, and holds the ledger against it.

It shares no code with the programme's rules. What a rule is stands on the programme's page; where that leaves a
choice, the comment beside says which one the product took and why the checker follows.
"""

from __future__ import annotations

from itertools import chain

from tests.term.books import Books
from tests.term.checker.district import District
from tests.term.checker.facts import Facts, read_facts
from tests.term.checker.manners import Manners
from tests.term.checker.naming import Naming
from tests.term.checker.owed import Holding
from tests.term.checker.owed_check_ins import CheckIns
from tests.term.checker.owed_notices import Notices
from tests.term.checker.owed_records import Duties
from tests.term.checker.owed_reports import Reports
from tests.term.checker.reading import read
from tests.term.checker.sayings import CHECK_INS, NUDGES, SAFETY, WATCH
from tests.term.checker.standings import Standings

OWED = (CHECK_INS | SAFETY | NUDGES) - {WATCH}
"""What is held against the records line by line."""


async def check(books: Books) -> list[str]:
    """Every violation as one line: what, who, when."""
    return violations(await read_facts(books), books)


def violations(facts: Facts, books: Books) -> list[str]:
    district = District(facts, books)
    heard = read(books, district)
    naming = Naming(district, [])
    told = list(naming.told(heard))
    check_ins, reports, notices = CheckIns(district, told), Reports(district), Notices(district, told)
    duties = (check_ins, reports, notices, Duties(district))
    dues = list(chain.from_iterable(duty.dues() for duty in duties))
    held = Holding(district, dues, [one for one in told if one.line.kind in OWED])
    standings = Standings(district, check_ins, reports)
    return [
        *naming.problems,
        *held.problems(),
        *Manners(district, heard).problems(),
        *standings.problems(),
        *notices.problems(),
    ]
