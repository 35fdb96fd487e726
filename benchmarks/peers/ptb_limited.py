"""python-telegram-bot with its own AIORateLimiter at Telegram's limits.

/broadcast tells all chats in PLACE/chats.json, fifty at a time; /visit asks as ptb_pickle does, but keeps nothing. The
third argument makes the limits so many times as fast.
"""

import asyncio
import json
import sys
from pathlib import Path

from ptb_pickle import HOW_STEP, MOOD_STEP, REVIEW_STEP, how, mood, save, visit
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, Application, CallbackQueryHandler, CommandHandler, ConversationHandler
from wording import NOTICE

AT_ONCE = 50
BUTTON = InlineKeyboardMarkup([[InlineKeyboardButton("Got it", callback_data="got_it")]])


async def broadcast(update, context):
    context.application.create_task(tell_all(context.bot, json.loads(context.bot_data["chats"].read_text())))


async def tell_all(bot, chats):
    waiting = iter(chats)

    async def work():
        for chat in waiting:
            try:
                await bot.send_message(chat, NOTICE, reply_markup=BUTTON)
            except TelegramError as error:
                print(chat, error, flush=True)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


def main(address, place, scale="1"):
    limiter = AIORateLimiter(overall_max_rate=30 * float(scale), overall_time_period=1, max_retries=5)
    builder = Application.builder().token("1000001:bench").base_url(f"{address}/bot").rate_limiter(limiter)
    application = builder.connection_pool_size(AT_ONCE + 16).pool_timeout(60).build()
    application.bot_data["chats"] = Path(place, "chats.json")
    application.add_handler(CommandHandler("broadcast", broadcast))
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("visit", visit)],
            states={
                HOW_STEP: [CallbackQueryHandler(how)],
                MOOD_STEP: [CallbackQueryHandler(mood)],
                REVIEW_STEP: [CallbackQueryHandler(save, pattern="^save$")],
            },
            fallbacks=[],
            name="visit",
        )
    )
    application.run_polling()


if __name__ == "__main__":
    main(*sys.argv[1:])
