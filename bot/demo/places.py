"""Who and where: the people with their phones, the chats and what was posted in them."""

from dataclasses import dataclass, field
from typing import Any, Literal

ChatType = Literal["private", "group", "supergroup", "channel"]


@dataclass
class Phone:
    """A person with Telegram; `role` and the notes (Chinese, English) are for the page only."""

    user_id: int
    name: str
    role: str = "stranger"
    language_code: str = "zh-hans"
    note: str = ""
    note_en: str = ""
    username: str = ""
    phone_number: str = ""
    blocked: bool = False
    deactivated: bool = False

    def user(self) -> dict[str, Any]:
        described = {"id": self.user_id, "is_bot": False, "first_name": self.name, "language_code": self.language_code}
        return described | ({"username": self.username} if self.username else {})


@dataclass
class Post:
    """A message as the Bot API shows it, and who posted it."""

    payload: dict[str, Any]
    by_bot: bool
    deleted: bool = False

    @property
    def message_id(self) -> int:
        return int(self.payload["message_id"])


@dataclass
class Chat:
    """`opened`: the person has written to the bot; `bot_status`: a ChatMember status."""

    chat_id: int
    type: ChatType
    title: str
    username: str = ""
    opened: bool = False
    bot_status: str = "left"
    bot_spoke_last: bool = False
    migrated_to: int | None = None
    last_message_id: int = 0
    posts: dict[int, Post] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        name = "first_name" if self.type == "private" else "title"
        described: dict[str, Any] = {"id": self.chat_id, "type": self.type, name: self.title}
        return described | ({"username": self.username} if self.username else {})

    def post(self, message_id: int) -> Post | None:
        """A post that is still there."""
        post = self.posts.get(message_id)
        return None if post is None or post.deleted else post
