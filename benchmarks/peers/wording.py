"""The questions that every peer asks, as ours does in /visit."""

HOW = ("family_visit", "school_visit", "phone", "video", "message", "letter", "outing")
MOOD = ("cheerful", "content", "so_so", "low", "upset", "not_met")
ASK_HOW = "<b>Log a visit or call</b>\nXiaoming (A-017)\n\nHow were you in touch with Xiaoming?"
ASK_MOOD = "<b>Log a visit or call</b>\nXiaoming (A-017) · {how}\n\nHow did Xiaoming seem to you?"
REVIEW = "<b>Log a visit or call - all right like this?</b>\n\nChild: Xiaoming (A-017)\nHow: {how}\nMood: {mood}"
SAVED = "Saved. Thank you for being there!\nXiaoming (A-017)"
NOTICE = "A storm is coming tomorrow. Please keep the children inside."


def in_pairs(values):
    return [values[place : place + 2] for place in range(0, len(values), 2)]
