"""What a person reads when the bot asks, reminds or tells, by the kind of it: the Chinese and the English, written down
here by hand. A text that reads otherwise is not known, and an unknown one that nobody asked for is a violation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

_ZH_DAY = r"(?:\d{4}年)?\d{1,2}月\d{1,2}日(?: ?(?:周|星期).)?"
_EN_DAY = r"(?:[A-Z][a-z]{2},? )?\d{1,2} [A-Z][a-z]{2,3}(?: \d{4})?"
PLACES = {
    "zh": {"day": _ZH_DAY, "at": _ZH_DAY + r" \d\d:\d\d", "month": r"\d{1,2}月", "count": r"[\d,]+", "rest": ".*"},
    "en": {"day": _EN_DAY, "at": _EN_DAY + r",? \d\d:\d\d", "month": r"[A-Z][a-z]+", "count": r"[\d,]+", "rest": ".*"},
}


@dataclass(frozen=True)
class Saying:
    """`zh` and `en`: the line, or the first line of what is longer, with {places}."""

    kind: str
    zh: str
    en: str

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        return {"zh": _pattern(self.zh, "zh"), "en": _pattern(self.en, "en")}


def _pattern(said: str, language: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", said)
    made = [
        f"(?P<{piece}>{PLACES[language].get(piece, '.+?')})" if place % 2 else re.escape(piece)
        for place, piece in enumerate(pieces)
    ]
    return re.compile("".join(made))


ASK, REMINDER, LIST, NOT_ASKED = "ask", "reminder", "list", "not asked"
TEACHER, VOLUNTEER, ABOVE = "unanswered: teacher", "unanswered: volunteer", "unanswered: above"
SOON, OVER, HELP = "contact soon", "contact over", "contact: teacher"
TALK, SILENCE, QUIET_HOME = "talk", "silence", "activity"
TERM_CHILDREN, TERM_PLANS, ONE_KIND = "term: children", "term: plans", "one kind of activity"
ITEMS, REPORT, OVERDUE, ASK_HOME, NO_REPORT = "items", "report due", "report overdue", "report: leader", "report: list"
CAME_IN = "report: came in"
BEFORE, TODAY, SINCE, UNDONE = "promise before", "promise today", "promise since", "promise: above"
SAFETY_1, SAFETY_3, CALLS = "safety +24 h", "safety +72 h", "calls"
NOTICE, TOPIC, EMERGENCY = "notice", "safety", "emergency"
URGENT, QUIET_LANE, WATCH, NEWS, DRAFT, GAP, CLOCK = "urgent", "quiet lane", "watch", "news", "draft", "gap", "clock"

_OPEN = (
    Saying(
        ASK,
        "您好！{children}今天好吗？点一下就行。有什么不放心的，直接跟我说。",
        "Hello! Is {children} all right today? One tap is enough. Should anything worry you, just tell me.",
    ),
    Saying(
        ASK,
        "您好！{children}今天好吗？点一下就行。有什么不放心的，直接跟我说。",
        "Hello! Are {children} all right today? One tap is enough. Should anything worry you, just tell me.",
    ),
    Saying(
        REMINDER,
        "还没等到您的回话，{children}好吗？点一下就行。",
        "We have not heard from you yet: is {children} all right? One tap is enough.",
    ),
    Saying(
        REMINDER,
        "还没等到您的回话，{children}好吗？点一下就行。",
        "We have not heard from you yet: are {children} all right? One tap is enough.",
    ),
    Saying(
        REMINDER,
        "今天还没听到{children}家里的消息。您知道孩子好不好吗？",
        "We have not heard from home today about {children}. Do you know whether all is well?",
    ),
    Saying(
        LIST,
        "{day}报平安，有{count}家在这里问不到，请您有空时打个电话问问。",
        "Check-in of {day}: {count} families cannot be asked here. Please call them when you can.",
    ),
    Saying(
        LIST,
        "{day}报平安，有{count}家在这里问不到，请您有空时打个电话问问。",
        "Check-in of {day}: {count} family cannot be asked here. Please call them when you can.",
    ),
    Saying(
        NOT_ASKED,
        "我前面出了故障，{day}没能问家里报平安。请您看看孩子们是不是都好。",
        "I was out of order and could not ask the families about {day}. Please see whether all is well with the "
        "children.",
    ),
    Saying(TEACHER, "{day}报平安，还有这些没落实", "Still open from the check-in of {day}"),
    Saying(
        VOLUNTEER,
        "{day}报平安，{children}家里一直没回话。您能打个电话，或者去看一眼吗？",
        "The family of {children} has not answered the check-in of {day}. Could you call, or drop by?",
    ),
    Saying(
        VOLUNTEER,
        "{day}报平安，{children}家里一直没回话。您能打个电话，或者去看一眼吗？",
        "The families of {children} have not answered the check-in of {day}. Could you call, or drop by?",
    ),
    Saying(
        ABOVE,
        "两天了，还没人知道这些孩子好不好（{day}报平安）：",
        "For two days nobody knows how these children are (check-in of {day}):",
    ),
)

_MORNING = (
    Saying(SOON, "{day}前跟{children}联系一次吧。", "It would be good to be in touch with {children} by {day}."),
    Saying(
        OVER,
        "{day}以后，您还没记过跟{children}的联系。打个五分钟的电话就行。",
        "You have noted no contact with {children} since {day}. A call of five minutes is enough.",
    ),
    Saying(
        HELP,
        "{day}以后，{volunteer}还没跟{children}联系过。您问问，是不是要帮忙？",
        "{volunteer} has not been in touch with {children} since {day}. Could you ask whether help is needed?",
    ),
    Saying(
        TALK,
        "这个月还没记过跟{children}的谈心。",
        "This month nobody has noted a talk with {children} yet.",
    ),
    Saying(
        SILENCE,
        "{children}已经{days}天没人联系了。",
        "For {days} days nobody has been in touch with {children}.",
    ),
    Saying(
        QUIET_HOME,
        "{home}从{day}起还没记过活动。拍一张照片、点几下就行。",
        "{home} has noted no activity since {day}. One photo and a few taps are enough.",
    ),
    Saying(
        TERM_CHILDREN,
        "新学期开始了。请把{home}的孩子都过一遍：谁来了，谁走了，谁家情况有变化？",
        "A new term begins. Please go through the children of {home}: who has come, who has left, at whose home has "
        "something changed?",
    ),
    Saying(
        TERM_PLANS,
        "{home}新学期开始了。现在要做好：孩子名单、学期计划，还有今年的目标责任书。",
        "A new term begins at {home}. Due now: the list of children, the plan for the term, and this year’s target "
        "responsibility book.",
    ),
    Saying(
        ONE_KIND,
        "{home}：这个月到现在的活动都是同一类（{kind}）。换个花样吧，孩子们会喜欢的。",
        "{home}: all activities of this month so far are of one kind ({kind}). Something else would be a nice change.",
    ),
    Saying(
        ITEMS,
        "{home}{month}的信息稿现在有{count}条，要{wanted}条。随便哪条记录，点一下就成一条。",
        "{home}: {count} of {wanted} information items for {month} so far. Any entry becomes one with a tap.",
    ),
    Saying(
        OVERDUE,
        "{home}{month}的月报，{day}就该交了，请今天交上来。",
        "The report of {home} for {month} was due on {day}. Please hand it in today.",
    ),
    Saying(
        OVERDUE,
        "{home}{month}的月报退回来了，等您改一改再交。",
        "The report of {home} for {month} was sent back and waits for your changes.",
    ),
    Saying(
        ASK_HOME,
        "{home}{month}的月报还没交，本来{day}该交。您问一问好吗？",
        "{home} has not handed in its report for {month}; it was due on {day}. Could you ask?",
    ),
    Saying(NO_REPORT, "{month}的月报，{homes}还没交。", "No report for {month} yet from {homes}."),
    Saying(
        REPORT,
        "{home}{month}的月报写好了，请您看一看，{day}前交上去。",
        "The report of {home} for {month} is ready for you. Please hand it in by {day}.",
    ),
    Saying(
        REPORT,
        "{home}{month}的月报，{day}要交。东西都齐了。",
        "The report of {home} for {month} is due on {day}. Nothing is missing.",
    ),
    Saying(
        REPORT,
        "{home}{month}的月报，{day}要交。还差{count}条信息稿。",
        "The report of {home} for {month} is due on {day}. {count} information item is still missing.",
    ),
    Saying(
        REPORT,
        "{home}{month}的月报，{day}要交。还差{count}条信息稿。",
        "The report of {home} for {month} is due on {day}. {count} information items are still missing.",
    ),
    Saying(
        CALLS,
        "“{topic}”这一条，还有{count}家没回音。您打个电话，或者见面时说一声，好吗？",
        "{count} family has not answered about “{topic}”. Could you call, or tell them when you meet?",
    ),
    Saying(
        CALLS,
        "“{topic}”这一条，还有{count}家没回音。您打个电话，或者见面时说一声，好吗？",
        "{count} families have not answered about “{topic}”. Could you call, or tell them when you meet?",
    ),
    Saying(
        WATCH,
        "有人对{children}有点不放心（{at}提出）。谁来留意一下？",
        "Somebody is a little worried about {children} (raised {at}). Who keeps an eye on it?",
    ),
    Saying(
        UNDONE,
        "{name}答应{day}前办一件事（#{number}），还没记办好了。",
        "{name} promised something by {day} (#{number}); it is not marked as done.",
    ),
    Saying(CAME_IN, "{homes}交来了{month}的月报。", "The report for {month} has come in from {homes}."),
    Saying(CAME_IN, "{homes}交来了{month}的月报。", "The reports for {month} have come in from {homes}."),
    Saying(BEFORE, "{day}前：{what}", "By {day}: {what}"),
    Saying(TODAY, "今天要办：{what}", "For today: {what}"),
    Saying(SINCE, "{day}到期，还没办好：{what}", "Since {day} still open: {what}"),
)

_OTHER = (
    Saying(
        SAFETY_1,
        "🔔 还没收到您的回音。看到了，麻烦点一下“知道了”。",
        "🔔 We have not heard from you yet. Please tap “Got it” when you have seen this.",
    ),
    Saying(
        SAFETY_3,
        "🔔 这事要紧，再跟您说一遍。请念给孩子听，再点一下“知道了”。不会点也没关系，老师会给您打电话。",
        "🔔 Once more, because it matters. Please read it to your child, then tap “Got it”. If that is difficult, "
        "never mind: the teacher will call you.",
    ),
    Saying(NOTICE, "📢 通知 · #{number}", "📢 Notice · #{number}"),
    Saying(EMERGENCY, "🔴 要紧事，请马上看 · #{number}", "🔴 Important, please read now · #{number}"),
    Saying(
        URGENT,
        "🔴 {children}的事等了{count}分钟，还没有人接手（{at}提出）。请您马上看看。",
        "🔴 For {count} minutes nobody has taken on the worry about {children} (raised {at}). Please look at it now.",
    ),
    Saying(
        URGENT,
        "🔴 {children}的事等了{count}小时，还没有人接手（{at}提出）。请您现在就打电话。",
        "🔴 For {count} hour nobody has taken on the worry about {children} (raised {at}). Please call now.",
    ),
    Saying(
        URGENT,
        "🔴 {children}的事等了{count}小时，还没有人接手（{at}提出）。请您现在就打电话。",
        "🔴 For {count} hours nobody has taken on the worry about {children} (raised {at}). Please call now.",
    ),
    Saying(
        URGENT,
        "🔴 {children}的事等了{count}天，还没有人接手（{at}提出）。请您现在就打电话。",
        "🔴 For {count} day nobody has taken on the worry about {children} (raised {at}). Please call now.",
    ),
    Saying(
        URGENT,
        "🔴 {children}的事等了{count}天，还没有人接手（{at}提出）。请您现在就打电话。",
        "🔴 For {count} days nobody has taken on the worry about {children} (raised {at}). Please call now.",
    ),
    Saying(
        URGENT,
        "🔴 紧急：{children}家里的{author}有急事，请马上联系。",
        "🔴 Urgent: {author}, family of {children}, asks somebody to come now.",
    ),
    Saying(
        URGENT,
        "🔴 紧急：{author}非常担心{children}，请您现在就看一看。",
        "🔴 Urgent: {author} is very worried about {children}. Please look at it now.",
    ),
    Saying(
        URGENT,
        "{author}改了 #{number}，是关于{children}的，原来标了紧急。请您再看一看。",
        "{author} has corrected #{number} about {children}, which was marked urgent. Please look at it again.",
    ),
    Saying(
        URGENT,
        "{author}收回了 #{number}，是关于{children}的，原来标了紧急。",
        "{author} has taken back #{number} about {children}, which was marked urgent.",
    ),
    Saying(URGENT, "说的是{children}。", "It is about {children}."),
    Saying(
        QUIET_LANE,
        "⚠️ 只告诉您和少数几位。有一段写到{children}的话，孩子可能受到了伤害。请您马上看看，只和该知道的人说。",
        "⚠️ For you and few others. Something written about {children} may point to harm. Please look at it now, and "
        "speak about it only with those who must know.",
    ),
    Saying(
        QUIET_LANE,
        "⚠️ 只告诉您和少数几位。{children}又有一处让人担心的情况，请您马上看看。",
        "⚠️ For you and few others. There is one more sign about {children}. Please look at it now.",
    ),
    Saying(
        QUIET_LANE,
        "⚠️ 有关{children}的情况（{at}提出）还没有人接手。",
        "⚠️ Nobody has taken on yet what was written about {children} (raised {at}).",
    ),
    # What families say is passed on at once, at night as well: it 'goes to the teacher at once', and until it is heard
    # nobody can tell whether it is urgent.
    Saying(URGENT, "{children}的家里人{guardian}说：", "{guardian}, family of {children}, says:"),
    Saying(
        URGENT,
        "{children}家里的{guardian}写了一段话，只有项目办和学校负责人可以看。已经告诉他们了。",
        "{guardian}, family of {children}, has written something that only the coordinator and the head of the home "
        "may read. They have been told.",
    ),
    Saying(
        NEWS,
        "📞 {children}家里的{guardian}想请您回个电话。",
        "📞 {guardian}, family of {children}, would like to be called back.",
    ),
    Saying(NEWS, "{guardian}：说的是{children}。", "{guardian}: It is about {children}."),
    Saying(NEWS, "{children}的事，{name}已经接手了。", "{name} looks after {children} now."),
    Saying(
        NEWS,
        "{name}说有一条提醒不该发给自己。请看看结对和角色对不对。",
        "{name} says that a reminder was meant for somebody else. Please look whether pairing and roles are right.",
    ),
    Saying(
        NEWS,
        "{name}写好了月报（{report}），请您看一遍，再交上去。{rest}",
        "{name} has prepared the report {report}. Please look through it and hand it in.{rest}",
    ),
    Saying(NEWS, "您和{children}结对了。有您在，真好！", "You are now paired with {children}. It is good to have you!"),
    Saying(NEWS, "{name}结束了对{children}的关注：{why}。", "{name} has closed the worry about {children}: {why}."),
    Saying(NEWS, "您的“{role}”身份到此结束了。{rest}", "Your role “{role}” has ended. {rest}"),
    Saying(
        NEWS, "月报（{report}）收下了，您辛苦了！", "The report {report} has been accepted. Thank you for your work!"
    ),
    Saying(NEWS, "月报（{report}）退回来了：{reason}", "The report {report} came back: {reason}"),
    Saying(
        DRAFT,
        "“{title}”还没写完，是{day}开始的。现在接着写好吗？一会儿就好。",
        "You began “{title}” on {day}. Shall we finish it? It takes a minute.",
    ),
    Saying(
        DRAFT,
        "“{title}”是{day}写的，还没存。该写的都有了，就这样存吗？再过两天，我就留不住了。",
        "“{title}” of {day} is not stored yet. It has all it needs: shall I store it as it is? In two days I will have "
        "to delete it.",
    ),
    Saying(
        DRAFT,
        "“{title}”还没写完，是{day}开始的。再过两天，我就留不住了。",
        "“{title}” of {day} is still unfinished. In two days I will have to delete it.",
    ),
    Saying(
        GAP,
        "从{since}到{until}，我收不到大家的消息。{rest}",
        "I could not hear Telegram from {since} to {until}. {rest}",
    ),
    Saying(
        GAP,
        "刚才网络断了一阵，您点的按钮可能没有收到。我们接着来：",
        "The connection was gone for a while, and a tap of yours may have been lost. Here is where we are:",
    ),
)

_AWAY = (
    Saying(NEWS, "{name}回来了。谢谢您代班！", "{name} is back. Thank you for standing in!"),
    Saying(
        NEWS,
        "欢迎回来！从现在起，有事我还是找您。",
        "Welcome back! From now on I ask you again what is to be done.",
    ),
    Saying(
        NEWS,
        "🏖 {name}到{day}不在，由您代班。这几天该找{other}的事，我来找您。",
        "🏖 {name} is away until {day}, and you stand in. What I would ask {other}, I ask you until then.",
    ),
    Saying(
        NEWS,
        "🏖 记下了，您到{day}（含这天）不在。代班：{deputy}。这几天只有急事才会找您。",
        "🏖 You are away until {day}, that day included. Who stands in: {deputy}. Only what is urgent still reaches "
        "you.",
    ),
    Saying(
        NEWS,
        "{name}没法替{away}代班。换人之前，有事先往上一级。",
        "{name} cannot stand in for {away}. It goes one level up until somebody else does.",
    ),
)

_MACHINE = (
    Saying(
        CLOCK,
        "⏱ 我这台电脑的时钟被调了：从{since}变成{until}。提醒可能会早到或晚到，请告诉管电脑的人。",
        "⏱ The clock of my computer was moved from {since} to {until}. What I say may come early or late. Please tell "
        "whoever looks after it.",
    ),
    Saying(
        CLOCK,
        "⏱ 我这台电脑的时钟不对：它说现在是{until}。我先按{since}继续，请告诉管电脑的人。",
        "⏱ The clock of my computer is wrong: it says {until}. I go on as if it were {since}. Please tell whoever "
        "looks after it.",
    ),
    Saying(
        NEWS,
        "给{name}（{role}）的链接，“{came}”点开了。是本人吗？",
        "The link for {name} ({role}) was opened by “{came}”. Is it the right person?",
    ),
)

TOPICS = {
    "drowning": Saying(TOPIC, "🌊 防溺水", "🌊 Near water"),
    "storms": Saying(TOPIC, "⛈ 雷雨和洪水", "⛈ Storms and floods"),
    "traffic": Saying(TOPIC, "🚦 路上安全", "🚦 On the road"),
    "heat": Saying(TOPIC, "☀️ 防暑", "☀️ Heat"),
    "fire": Saying(TOPIC, "🔥 防火防电", "🔥 Fire and electricity"),
    "strangers": Saying(TOPIC, "🧍 陌生人和我的身体", "🧍 Strangers, and my own body"),
    "food": Saying(TOPIC, "🍲 饮食", "🍲 Food"),
    "internet": Saying(TOPIC, "📱 手机和上网", "📱 Phone and internet"),
}
"""The summer's own notices have no number: each begins with what it is about."""

SAYINGS = (*TOPICS.values(), *_OPEN, *_MORNING, *_OTHER, *_AWAY, *_MACHINE)
INSTEAD = Saying("in place of", "替{name}（到{day}不在）：", "For {name}, who is away until {day}:")
"""Stands above what is said to somebody in the place of who is away."""
DIGEST = {"zh": "早上好！今天有这几件事：", "en": "Good morning! This is on your list:"}
BULLET = "• "

CHECK_INS = frozenset({ASK, REMINDER, LIST, NOT_ASKED, TEACHER, VOLUNTEER, ABOVE})
SAFETY = frozenset({SAFETY_1, SAFETY_3, NOTICE, TOPIC, EMERGENCY})
NUDGES = frozenset(one.kind for one in _MORNING)
"""What counts for the day's budget."""
AT_ANY_HOUR = frozenset({URGENT, QUIET_LANE, EMERGENCY})
