"""Groups and channels: made by people, joined and left by the bot."""

from bot.demo.contents import text_content
from bot.demo.errors import Impossible
from bot.demo.people import People
from bot.demo.places import Chat, ChatType
from bot.demo.text import typed


class Groups(People):
    def group(self, title: str, kind: ChatType = "group") -> int:
        """A new group, supergroup or channel, without the bot; its chat id."""
        number = 1000 + len(self.chats)
        chat_id = -number if kind == "group" else -(1_000_000_000_000 + number)
        self.chats[chat_id] = Chat(chat_id, kind, title)
        return chat_id

    def add_bot(self, chat_id: int, by: int, *, admin: bool = False) -> None:
        """Somebody adds the bot: my_chat_member, and in groups a service message."""
        place, phone = self._chat(by, chat_id), self._phone(by)
        admin = admin or place.type == "channel"
        self._bot_status_changed(place, phone, place.bot_status, "administrator" if admin else "member")
        if place.type != "channel":
            joined = {"from": phone.user(), "new_chat_members": [self.bot()]}
            self.push("message", self.put(place, joined, by_bot=False).payload, chat_id=chat_id)

    def remove_bot(self, chat_id: int, by: int) -> None:
        place = self._chat(by, chat_id)
        self._bot_status_changed(place, self._phone(by), place.bot_status, "kicked")

    def say_anonymously(self, chat_id: int, text: str) -> int:
        """An administrator of the group who hides behind it."""
        place = self._place(chat_id)
        return self._arrive(place, self.anonymous(place) | text_content(typed(text)))

    def say_from_channel(self, chat_id: int, channel_id: int, text: str) -> int:
        """A post of the linked channel, as it appears in the group."""
        sender = self.of_linked_channel(self._place(channel_id))
        return self._arrive(self._place(chat_id), sender | text_content(typed(text)))

    def upgrade(self, chat_id: int) -> int:
        """A group becomes a supergroup: another chat id, and two service messages."""
        old = self._place(chat_id)
        new = self._place(self.group(old.title, "supergroup"))
        new.bot_status, old.migrated_to = old.bot_status, new.chat_id
        leaving = self.put(old, self.anonymous(old) | {"migrate_to_chat_id": new.chat_id}, by_bot=False)
        self.push("message", leaving.payload, chat_id=chat_id)
        coming = self.put(new, self.anonymous(new) | {"migrate_from_chat_id": chat_id}, by_bot=False)
        self.push("message", coming.payload, chat_id=new.chat_id)
        return new.chat_id

    def _place(self, chat_id: int) -> Chat:
        if chat_id not in self.chats:
            raise Impossible(f"there is no chat {chat_id}")
        return self.chats[chat_id]
