"""python-telegram-bot's ConversationHandler with PicklePersistence, as its documentation shows, asking as /visit does.

The pickle is written every 60 s and at a clean end: a crash loses what came since. That is its default.
"""

import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ConversationHandler, PicklePersistence
from wording import ASK_HOW, ASK_MOOD, HOW, MOOD, REVIEW, SAVED, in_pairs

HOW_STEP, MOOD_STEP, REVIEW_STEP = range(3)


def keyboard(values):
    rows = [[InlineKeyboardButton(value, callback_data=value) for value in row] for row in in_pairs(values)]
    return InlineKeyboardMarkup([*rows, [InlineKeyboardButton("Cancel", callback_data="cancel")]])


async def visit(update, context):
    await update.message.reply_text(ASK_HOW, parse_mode="HTML", reply_markup=keyboard(HOW))
    return HOW_STEP


async def how(update, context):
    query = update.callback_query
    await query.answer()
    context.user_data["how"] = query.data
    await query.edit_message_text(ASK_MOOD.format(how=query.data), parse_mode="HTML", reply_markup=keyboard(MOOD))
    return MOOD_STEP


async def mood(update, context):
    query = update.callback_query
    await query.answer()
    context.user_data["mood"] = query.data
    text = REVIEW.format(how=context.user_data["how"], mood=query.data)
    await query.edit_message_text(text, parse_mode="HTML", reply_markup=keyboard(("save", "change")))
    return REVIEW_STEP


async def save(update, context):
    query, data = update.callback_query, context.user_data
    await query.answer()
    data.setdefault("visits", []).append({"how": data.pop("how"), "mood": data.pop("mood")})
    await query.edit_message_text(SAVED)
    return ConversationHandler.END


def main(address, place):
    persistence = PicklePersistence(filepath=f"{place}/bot.pickle")
    builder = Application.builder().token("1000001:bench").base_url(f"{address}/bot").persistence(persistence)
    application = builder.build()
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
            persistent=True,
        )
    )
    application.run_polling()


if __name__ == "__main__":
    main(*sys.argv[1:])
