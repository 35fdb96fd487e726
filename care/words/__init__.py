"""What people type, understood. The language itself is data: the words.toml of all languages make one `Words`."""

from care.words.normal import normalise
from care.words.vocabulary import Words

__all__ = ["Words", "normalise"]
