"""aiogram's FSM on SQLite (WAL, synchronous=FULL), asking what /visit asks.

aiogram brings no storage for SQLite; this one writes each change of state at once, as its storage for Redis does. The
record is a row of its own. Neither is in one transaction with the other, and no update_id is remembered.
"""

import asyncio
import json
import sys

import aiosqlite
from aiogram import Bot, Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command, StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseStorage
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from wording import ASK_HOW, ASK_MOOD, HOW, MOOD, REVIEW, SAVED, in_pairs

SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE state (chat INTEGER PRIMARY KEY, state TEXT, data TEXT NOT NULL DEFAULT '{}');
CREATE TABLE visits (id INTEGER PRIMARY KEY, chat INTEGER, how TEXT, mood TEXT);
"""

GET_STATE = "SELECT state FROM state WHERE chat = ?"
GET_DATA = "SELECT data FROM state WHERE chat = ?"
SET_STATE = "INSERT INTO state (chat, state) VALUES (?, ?) ON CONFLICT (chat) DO UPDATE SET state = excluded.state"
SET_DATA = "INSERT INTO state (chat, data) VALUES (?, ?) ON CONFLICT (chat) DO UPDATE SET data = excluded.data"


class Visit(StatesGroup):
    how = State()
    mood = State()
    review = State()


class SqliteStorage(BaseStorage):
    def __init__(self, db):
        self.db = db

    async def _read(self, sql, chat):
        rows = await self.db.execute_fetchall(sql, (chat,))
        return next(iter(rows), (None,))[0]

    async def _write(self, sql, chat, value):
        await self.db.execute(sql, (chat, value))
        await self.db.commit()

    async def set_state(self, key, state=None):
        await self._write(SET_STATE, key.chat_id, state.state if isinstance(state, State) else state)

    async def get_state(self, key):
        return await self._read(GET_STATE, key.chat_id)

    async def set_data(self, key, data):
        await self._write(SET_DATA, key.chat_id, json.dumps(data))

    async def get_data(self, key):
        return json.loads(await self._read(GET_DATA, key.chat_id) or "{}")

    async def close(self):
        await self.db.close()


def keyboard(values):
    rows = [[InlineKeyboardButton(text=value, callback_data=value) for value in row] for row in in_pairs(values)]
    return InlineKeyboardMarkup(inline_keyboard=[*rows, [InlineKeyboardButton(text="Cancel", callback_data="cancel")]])


async def visit(message, state):
    await state.set_state(Visit.how)
    await message.answer(ASK_HOW, reply_markup=keyboard(HOW))


async def how(query, state):
    await query.answer()
    await state.update_data(how=query.data)
    await state.set_state(Visit.mood)
    await query.message.edit_text(ASK_MOOD.format(how=query.data), reply_markup=keyboard(MOOD))


async def mood(query, state):
    await query.answer()
    data = await state.update_data(mood=query.data)
    await state.set_state(Visit.review)
    await query.message.edit_text(REVIEW.format(**data), reply_markup=keyboard(("save", "change")))


async def save(query, state, db):
    await query.answer()
    data = await state.get_data()
    row = (query.message.chat.id, data["how"], data["mood"])
    await db.execute("INSERT INTO visits (chat, how, mood) VALUES (?, ?, ?)", row)
    await db.commit()
    await state.clear()
    await query.message.edit_text(SAVED)


async def main(address, place):
    async with aiosqlite.connect(f"{place}/bot.db") as db:
        await db.executescript(SCHEMA)
        session = AiohttpSession(api=TelegramAPIServer.from_base(address))
        bot = Bot("1000001:bench", session=session, default=DefaultBotProperties(parse_mode="HTML"))
        dispatcher = Dispatcher(storage=SqliteStorage(db), db=db)
        dispatcher.message.register(visit, Command("visit"))
        dispatcher.callback_query.register(how, StateFilter(Visit.how))
        dispatcher.callback_query.register(mood, StateFilter(Visit.mood))
        dispatcher.callback_query.register(save, StateFilter(Visit.review), F.data == "save")
        await dispatcher.start_polling(bot)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
