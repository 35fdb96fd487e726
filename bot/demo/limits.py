"""What Telegram lets through: lengths in characters unless said, counts, sizes in bytes, times in seconds."""

from typing import Final

TEXT: Final = 4096
CAPTION: Final = 1024
ENTITIES: Final = 100
CALLBACK_DATA_BYTES: Final = 64
COPY_TEXT: Final = 256
BUTTONS: Final = 100
BUTTONS_IN_A_ROW: Final = 8
ANSWER_TEXT: Final = 200
COMMANDS: Final = 100
COMMAND_DESCRIPTION: Final = 256
ALBUM_FEWEST: Final = 2
ALBUM_MOST: Final = 10
DELETED_AT_ONCE: Final = 100

MESSAGES_A_SECOND: Final = 30
BURST_IN_A_CHAT: Final = 5  # and one a second from then on
MESSAGES_A_MINUTE_IN_A_GROUP: Final = 20
JITTER: Final = 0.02  # by which calls may arrive closer together than they were sent

UPDATES_A_REPLY: Final = 100
UPDATES_BYTES: Final = 4 << 20
LONG_POLL: Final = 50
MESSAGE_LIFE: Final = 86_400
CALLBACK_LIFE: Final = 150
DELETABLE_FOR: Final = 48 * 3600

DOWNLOAD_BYTES: Final = 20 << 20
PHOTO_BYTES: Final = 10 << 20
UPLOAD_BYTES: Final = 50 << 20
PHOTO_SIDES: Final = 10_000  # width + height, in pixels
PHOTO_RATIO: Final = 20
