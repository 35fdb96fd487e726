"""Days as people type them. A whole message is a day or it is none: rather no date than a wrong one.

Words become tokens (`care.words.lexicon`), tokens become days by the forms of `forms.py`, whatever the language.
How an open form is settled for a day that is past (a visit), and the other way round for a day to come (a promise):

- a bare weekday is the latest one, today included; for a day to come, the next one after today;
- a weekday of 'last week' and its like counts calendar weeks from Monday; 'last Friday' is the one most recently past;
- month and day are of this year if that is over, else of last year. But what comes within a week is not thrown back by
  a year: it is refused as not yet come, for that is far likelier a slip than a visit of a year ago;
- a day of the month alone is of this month if it is over, else of the month before;
- month and day in characters without a mark for the day could be of the lunar calendar: ambiguous;
- two days in one message that differ, or a weekday that does not fit its date: ambiguous.
"""

from care.days.calendar import month_weeks
from care.days.day import DayError, DayProblem, Part, When
from care.days.reading import read_day

__all__ = ["DayError", "DayProblem", "Part", "When", "month_weeks", "read_day"]
