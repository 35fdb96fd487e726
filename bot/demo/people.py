"""What people do with their phones."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from bot.demo import limits
from bot.demo.contents import Content, caption_content, file_content, sticker_content, text_content
from bot.demo.errors import Impossible
from bot.demo.images import without_private_parts
from bot.demo.ledger import Entry
from bot.demo.places import Chat, Phone, Post
from bot.demo.state import Callback, State
from bot.demo.text import clean, is_blank, typed

_ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
_CHANNEL_POSTER = {"id": 777000, "is_bot": False, "first_name": "Telegram"}


class People(State):
    """Every method raises Impossible for what no phone lets its owner do. `chat` is a group's id; without it, the
    person's own chat with the bot. Message ids come back."""

    def say(
        self,
        user_id: int,
        text: str,
        reply_to: int | None = None,
        chat: int | None = None,
        forwarded: bool = False,
        *,
        via_bot: str = "",
    ) -> int:
        """The id of the message; of the first one when a text over 4,096 characters went out in parts."""
        if is_blank(text):
            raise Impossible("a phone does not send an empty message")
        extra = self._origin(user_id) if forwarded else {}
        if via_bot:
            extra["via_bot"] = {"id": 93_372_553, "is_bot": True, "first_name": via_bot, "username": via_bot}
        parts = [part for part in _in_parts(clean(text).strip()) if not is_blank(part)]
        ids = [self._post(user_id, text_content(typed(part)) | extra, chat=chat, reply_to=reply_to) for part in parts]
        return ids[0]

    def start(self, user_id: int, payload: str = "") -> int:
        """Open the bot by its link; a real link carries at most 64 of A-Za-z0-9_-, which is not checked here."""
        return self.say(user_id, f"/start {payload}")

    def photos(
        self,
        user_id: int,
        images: Sequence[bytes],
        caption: str = "",
        *,
        chat: int | None = None,
        forwarded: bool = False,
        reply_to: int | None = None,
    ) -> list[int]:
        """One photo, or albums of up to ten: separate messages, the caption on the first."""
        ids = []
        for at, image in enumerate(images):
            if at % limits.ALBUM_MOST == 0:
                album = self._album(len(images) - at)
            file = self.files.keep("photo", without_private_parts(image))
            content = file_content(file, "photo") | album | (self._origin(user_id) if forwarded else {})
            content |= caption_content(typed(caption)) if at == 0 else {}
            ids.append(self._post(user_id, content, chat=chat, reply_to=reply_to))
        return ids

    def voice(
        self, user_id: int, data: bytes, seconds: int = 3, *, chat: int | None = None, reply_to: int | None = None
    ) -> int:
        file = self.files.keep("voice", data)
        return self._post(user_id, file_content(file, "voice", seconds=seconds), chat=chat, reply_to=reply_to)

    def document(
        self,
        user_id: int,
        data: bytes,
        name: str,
        *,
        mime: str = "",
        caption: str = "",
        size: int | None = None,
        chat: int | None = None,
        reply_to: int | None = None,
    ) -> int:
        """`size` in bytes, when Telegram shall say something other than the length of `data`."""
        file = self.files.keep("document", data, name=name, mime=mime, size=size)
        content = file_content(file, "document") | caption_content(typed(caption))
        return self._post(user_id, content, chat=chat, reply_to=reply_to)

    def video(self, user_id: int, data: bytes, seconds: int = 3, *, caption: str = "", chat: int | None = None) -> int:
        content = file_content(self.files.keep("video", data), "video", seconds=seconds)
        return self._post(user_id, content | caption_content(typed(caption)), chat=chat)

    def sticker(self, user_id: int, emoji: str = "\N{THUMBS UP SIGN}", *, chat: int | None = None) -> int:
        return self._post(user_id, sticker_content(self.files.keep("sticker", b""), emoji), chat=chat)

    def contact(
        self,
        user_id: int,
        whose: int | None = None,
        *,
        forwarded: bool = False,
        with_user_id: bool = True,
        chat: int | None = None,
    ) -> int:
        """One's own contact, or that of another phone."""
        owner = self._phone(user_id if whose is None else whose)
        number = owner.phone_number or f"+86000{owner.user_id:08d}"
        shared: Content = {"phone_number": number, "first_name": owner.name}
        shared |= {"user_id": owner.user_id} if with_user_id else {}
        extra = self._origin(user_id) if forwarded else {}
        return self._post(user_id, {"contact": shared} | extra, chat=chat)

    def location(self, user_id: int, latitude: float, longitude: float, *, chat: int | None = None) -> int:
        return self._post(user_id, {"location": {"latitude": latitude, "longitude": longitude}}, chat=chat)

    def edit(self, user_id: int, message_id: int, text: str, *, chat: int | None = None) -> int:
        """Change the text, or the caption, of one's own message."""
        place = self._chat(user_id, chat)
        post = place.post(message_id)
        if post is None or post.by_bot:
            raise Impossible("this message is not one's own")
        _reword(post, text)
        post.payload["edit_date"] = self.unix()
        self.show(place, post)
        if self._bot_sees(place, post.payload):
            kind = "edited_channel_post" if place.type == "channel" else "edited_message"
            self.push(kind, post.payload, chat_id=place.chat_id)
        return message_id

    def unsend(self, user_id: int, message_id: int, *, chat: int | None = None) -> None:
        """Delete a message for both sides; no bot is ever told."""
        place = self._chat(user_id, chat)
        post = place.post(message_id)
        if post is None:
            raise Impossible("there is no such message")
        self.remove(place, post)

    def tap(self, user_id: int, message_id: int, data: str | bytes, *, chat: int | None = None) -> str:
        """Tap a button, or claim to have: `data` and the message may be on no keyboard. The query's id.

        With `chat`, the message is one of another chat: a group's, or another person's.
        """
        phone, place = self._phone(user_id), self._chat(user_id, chat)
        post = place.post(message_id)
        gone = {"chat": place.describe(), "message_id": message_id, "date": 0}
        query_id = str(uuid4().int >> 65)
        self.callbacks[query_id] = Callback(user_id, self.now().timestamp())
        self.push(
            "callback_query",
            {
                "id": query_id,
                "from": phone.user(),
                "chat_instance": str(-place.chat_id),
                "message": gone if post is None else post.payload,
                "data": data.decode("utf-8", "replace") if isinstance(data, bytes) else data,
            },
            chat_id=place.chat_id,
            life=limits.CALLBACK_LIFE,
        )
        return query_id

    def block(self, user_id: int, blocked: bool = True) -> None:
        phone = self._phone(user_id)
        if phone.blocked == blocked:
            return
        phone.blocked = blocked
        was, now = ("member", "kicked") if blocked else ("kicked", "member")
        self._bot_status_changed(self.chats[user_id], phone, was, now)

    def deactivate(self, user_id: int) -> None:
        """The account is deleted at Telegram."""
        self._phone(user_id).deactivated = True

    def language(self, user_id: int, language_code: str) -> None:
        """Change the language of the phone's Telegram; the bot hears of it with the next update."""
        self._phone(user_id).language_code = language_code
        self.tell("commands", {"user_id": user_id, "commands": self.commands_for(user_id)})

    def rename(self, user_id: int, name: str) -> None:
        self._phone(user_id).name = name
        self.chats[user_id].title = name

    def raw(self, update: dict[str, Any]) -> int:
        """Queue any update as it is, whatever the bot asked for; it is numbered unless it brings an update_id."""
        kind = next((name for name in update if name != "update_id"), "")
        life = limits.CALLBACK_LIFE if kind == "callback_query" else limits.MESSAGE_LIFE
        update_id = self.updates.push(kind, update, chat_id=None, expires=self.now().timestamp() + life)
        self.note(Entry(self.now(), "update", kind, update_id=update_id))
        return update_id

    def commands_for(self, user_id: int) -> list[dict[str, str]]:
        """The menu this phone shows in its chat with the bot: the closest scope and language that has one."""
        language = self._phone(user_id).language_code[:2].lower()
        for scope in (f"chat:{user_id}", "all_private_chats", "default"):
            for code in (language, ""):
                if self.commands.get((scope, code)):
                    return self.commands[scope, code]
        return []

    def _phone(self, user_id: int) -> Phone:
        if user_id not in self.phones:
            raise Impossible(f"there is no phone {user_id}")
        return self.phones[user_id]

    def _chat(self, user_id: int, chat: int | None) -> Chat:
        self._phone(user_id)
        chat_id = user_id if chat is None else chat
        if chat_id not in self.chats:
            raise Impossible(f"there is no chat {chat_id}")
        return self.chats[chat_id]

    def _origin(self, user_id: int) -> Content:
        """Forwarded from somebody the bot does not know."""
        stranger = {"id": user_id + 5_000_000_000, "is_bot": False, "first_name": "Somebody Else"}
        return {"forward_origin": {"type": "user", "date": self.unix() - 60, "sender_user": stranger}}

    def _album(self, left: int) -> Content:
        if left < limits.ALBUM_FEWEST:
            return {}
        self.last_album += 1
        return {"media_group_id": f"{13_000_000_000_000 + self.last_album}"}

    def _post(self, user_id: int, content: Content, *, chat: int | None, reply_to: int | None = None) -> int:
        phone, place = self._phone(user_id), self._chat(user_id, chat)
        if phone.deactivated:
            raise Impossible("a deleted account sends nothing")
        if place.chat_id == user_id:
            self.block(user_id, False)
            place.opened = True
        sender = {"sender_chat": place.describe()} if place.type == "channel" else {"from": phone.user()}
        return self._arrive(place, sender | content, reply_to)

    def _arrive(self, place: Chat, content: Content, reply_to: int | None = None) -> int:
        answered = place.post(reply_to) if reply_to is not None else None
        if reply_to is not None and answered is None:
            raise Impossible("there is no such message to reply to")
        if answered is not None:
            quoted = {key: value for key, value in answered.payload.items() if key != "reply_to_message"}
            content = content | {"reply_to_message": quoted}
        meant = self._bot_sees(place, content)
        post = self.put(place, content, by_bot=False)
        if meant:
            self.push("channel_post" if place.type == "channel" else "message", post.payload, chat_id=place.chat_id)
        return post.message_id

    def _bot_sees(self, place: Chat, content: Content) -> bool:
        """In groups, privacy mode lets through only what is meant for the bot."""
        if place.type == "private":
            return True
        if place.bot_status in {"left", "kicked"}:
            return False
        if place.type == "channel" or place.bot_status == "administrator" or self.reads_groups:
            return True
        if content.get("reply_to_message", {}).get("from", {}).get("id") == self.bot_id:
            return True
        command, _, addressed = content.get("text", "").split(" ")[0].partition("@")
        return command.startswith("/") and addressed.lower() in {"", self.bot_username.lower()}

    def _bot_status_changed(self, place: Chat, by: Phone, was: str, now: str) -> None:
        place.bot_status = now
        self.push(
            "my_chat_member",
            {
                "chat": place.describe(),
                "from": by.user(),
                "date": self.unix(),
                "old_chat_member": self.member(was),
                "new_chat_member": self.member(now),
            },
            chat_id=place.chat_id,
        )

    def member(self, status: str) -> dict[str, Any]:
        """A ChatMember of the bot."""
        member: dict[str, Any] = {"status": status, "user": self.bot()}
        if status == "kicked":
            member["until_date"] = 0
        if status == "administrator":
            member |= _RIGHTS
        return member

    def anonymous(self, place: Chat) -> Content:
        return {"from": _ANONYMOUS, "sender_chat": place.describe()}

    def of_linked_channel(self, channel: Chat) -> Content:
        return {"from": _CHANNEL_POSTER, "sender_chat": channel.describe(), "is_automatic_forward": True}


_RIGHTS = {
    "can_be_edited": False,
    "is_anonymous": False,
    "can_manage_chat": True,
    "can_delete_messages": True,
    "can_manage_video_chats": False,
    "can_restrict_members": False,
    "can_promote_members": False,
    "can_change_info": False,
    "can_invite_users": False,
    "can_post_stories": False,
    "can_edit_stories": False,
    "can_delete_stories": False,
}


def _in_parts(text: str) -> list[str]:
    return [text[at : at + limits.TEXT] for at in range(0, len(text), limits.TEXT)]


def _reword(post: Post, text: str) -> None:
    if is_blank(text) and "text" in post.payload:
        raise Impossible("a phone does not send an empty message")
    value = typed(text[: limits.TEXT])
    content = text_content(value) if "text" in post.payload else caption_content(value)
    for name in ("text", "entities", "caption", "caption_entities"):
        post.payload.pop(name, None)
    post.payload.update(content)
