"""answerCallbackQuery: in time, or not at all."""

from bot.demo import limits
from bot.demo.errors import bad
from bot.demo.methods.call import Method
from bot.demo.params import Params
from bot.demo.world import World


def answer_callback_query(world: World, params: Params) -> bool:
    if len(params.text("text")) > limits.ANSWER_TEXT:
        raise bad("MESSAGE_TOO_LONG")
    callback = world.callbacks.get(params.text("callback_query_id"))
    if callback is None or world.now().timestamp() - callback.at > limits.CALLBACK_LIFE:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    world.tell(
        "answered",
        {"user_id": callback.user_id, "text": params.text("text") or None, "alert": params.flag("show_alert")},
    )
    return True


METHODS: dict[str, Method] = {"answerCallbackQuery": answer_callback_query}
