"""Who may do what: one table. `require` is called by the gateway alone; storage scopes its rows by `reach`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from care.people import Actor, Reach, Role
from care.refusal import Refusal


class Action(StrEnum):
    """A permission. Every Flow, Command, Duty and Report names one as its `needs`."""

    START = "start"
    LOG_VISIT = "visit.log"
    LOG_TALK = "talk.log"
    LOG_ACTIVITY = "activity.log"
    SEE_CHILD = "child.see"
    SEE_OWN_RECORDS = "records.own"
    SEE_RECORDS = "records.see"
    SEE_TALK_NOTES = "talk.read"
    HEAR_CONCERN = "concern.hear"
    RAISE_CONCERN = "concern.raise"
    FOLLOW_CONCERN = "concern.follow"
    SEE_HARM = "concern.harm"
    ANSWER_CHECK_IN = "check_in.answer"
    SEE_CHECK_INS = "check_in.see"
    SETTLE_CHECK_IN = "check_in.settle"
    SEE_PEOPLE = "people.see"
    INVITE = "people.invite"
    END_ROLE = "people.end"
    PAIR = "people.pair"
    NOTE_CONSENT = "consent.note"
    BE_AWAY = "away.be"
    SET_AWAY = "away.set"
    SEND_NOTICE = "notice.send"
    SEE_NOTICES = "notice.see"
    GET_NOTICE = "notice.get"
    EDIT_CALENDAR = "calendar.edit"
    CALL_FAMILIES = "families.call"
    SEE_OVERVIEW = "overview.see"
    SEE_REPORT = "report.see"
    WRITE_REPORT = "report.write"
    SUBMIT_REPORT = "report.submit"
    DECIDE_REPORT = "report.decide"


_EVERYBODY = frozenset(Role)
_HOME = frozenset({Role.TEACHER, Role.HOME_LEAD})

MAY: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        Action.LOG_VISIT: frozenset({Role.VOLUNTEER}),
        Action.LOG_TALK: _HOME,
        Action.LOG_ACTIVITY: _HOME,
        Action.SEE_CHILD: frozenset({Role.VOLUNTEER, Role.LEADER, Role.COORDINATOR}) | _HOME,
        Action.SEE_OWN_RECORDS: _EVERYBODY - {Role.GUARDIAN},
        Action.SEE_RECORDS: frozenset({Role.COORDINATOR, Role.LEADER}) | _HOME,
        Action.SEE_TALK_NOTES: _HOME,
        Action.HEAR_CONCERN: frozenset({Role.COORDINATOR}) | _HOME,
        Action.RAISE_CONCERN: frozenset({Role.VOLUNTEER, Role.LEADER, Role.COORDINATOR}) | _HOME,
        Action.FOLLOW_CONCERN: frozenset({Role.COORDINATOR, Role.LEADER}) | _HOME,
        Action.SEE_HARM: frozenset({Role.COORDINATOR, Role.HOME_LEAD}),
        Action.ANSWER_CHECK_IN: frozenset({Role.GUARDIAN}),
        Action.SEE_CHECK_INS: frozenset({Role.COORDINATOR, Role.LEADER}) | _HOME,
        Action.SETTLE_CHECK_IN: frozenset({Role.COORDINATOR}) | _HOME,
        Action.SEE_PEOPLE: frozenset({Role.COORDINATOR}),
        Action.INVITE: frozenset({Role.COORDINATOR}),
        Action.END_ROLE: frozenset({Role.COORDINATOR}),
        Action.PAIR: frozenset({Role.COORDINATOR}),
        Action.NOTE_CONSENT: frozenset({Role.COORDINATOR}),
        Action.BE_AWAY: frozenset({Role.VOLUNTEER, Role.LEADER, Role.COORDINATOR}) | _HOME,
        Action.SET_AWAY: frozenset({Role.COORDINATOR}),
        Action.SEND_NOTICE: frozenset({Role.COORDINATOR}),
        Action.SEE_NOTICES: frozenset({Role.COORDINATOR}),
        Action.GET_NOTICE: _EVERYBODY,
        Action.EDIT_CALENDAR: frozenset({Role.COORDINATOR}),
        Action.CALL_FAMILIES: frozenset({Role.COORDINATOR}) | _HOME,
        Action.SEE_OVERVIEW: frozenset({Role.COORDINATOR, Role.LEADER}) | _HOME,
        Action.SEE_REPORT: frozenset({Role.COORDINATOR, Role.LEADER}) | _HOME,
        Action.WRITE_REPORT: _HOME,
        Action.SUBMIT_REPORT: frozenset({Role.HOME_LEAD}),
        Action.DECIDE_REPORT: frozenset({Role.COORDINATOR}),
    }
)


def may(actor: Actor, action: Action) -> bool:
    """Whether the actor holds any role that allows the action. START is everybody's, strangers included."""
    return action is Action.START or not MAY[action].isdisjoint(actor.roles)


def require(actor: Actor, action: Action) -> None:
    if not may(actor, action):
        raise Refusal(reason=f"may not {action}")


def reach(actor: Actor, action: Action) -> Reach:
    """The children whom the actor's roles with this permission reach, taken together."""
    grants = [grant for grant in actor.grants if grant.role in MAY.get(action, frozenset())]
    return Reach(
        district=any(grant.role is Role.COORDINATOR for grant in grants),
        homes=frozenset().union(*(grant.homes for grant in grants)),
        children=frozenset().union(*(grant.children for grant in grants)),
    )
