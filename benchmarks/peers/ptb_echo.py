"""The floor: python-telegram-bot's own first example, an echo, as pip installs it; nothing is stored."""

import sys

from telegram.ext import Application, MessageHandler, filters


async def echo(update, context):
    await update.message.reply_text(update.message.text)


def main(address, _place):
    application = Application.builder().token("1000001:bench").base_url(f"{address}/bot").build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


if __name__ == "__main__":
    main(*sys.argv[1:])
