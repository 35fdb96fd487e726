"""Files that people and the bot have sent, in memory."""

import mimetypes
from dataclasses import dataclass

from bot.demo.errors import bad

_FOLDERS = {"photo": "photos", "voice": "voice", "video": "videos", "audio": "music", "sticker": "stickers"}
_SUFFIXES = {"photo": ".jpg", "voice": ".oga", "video": ".mp4", "audio": ".mp3", "sticker": ".webp"}
_TYPES = {
    "photo": "image/jpeg",
    "voice": "audio/ogg",
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "sticker": "image/webp",
}


@dataclass(frozen=True)
class StoredFile:
    """`size` is what Telegram says it is, in bytes; tests may claim more than `data` holds."""

    file_id: str
    kind: str
    data: bytes
    name: str
    mime: str
    size: int
    path: str

    def reference(self) -> dict[str, str | int]:
        return {"file_id": self.file_id, "file_unique_id": self.file_id[-8:], "file_size": self.size}


class FileStore:
    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._paths: dict[str, StoredFile] = {}

    def keep(self, kind: str, data: bytes, *, name: str = "", mime: str = "", size: int | None = None) -> StoredFile:
        number = len(self._files) + 1
        suffix = _SUFFIXES.get(kind) or mimetypes.guess_extension(mime) or ".bin"
        if "." in name:
            suffix = "." + name.rsplit(".", 1)[1]
        path = f"{_FOLDERS.get(kind, 'documents')}/file_{number}{suffix if suffix[1:].isalnum() else '.bin'}"
        mime = mime or _TYPES.get(kind) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        file = StoredFile(
            f"{kind.upper()}AAMC{number:08d}",
            kind,
            data,
            name or path.split("/")[1],
            mime,
            len(data) if size is None else size,
            path,
        )
        self._files[file.file_id] = file
        return file

    def find(self, file_id: str) -> StoredFile:
        """Refused when there is no such file."""
        if file_id not in self._files:
            raise bad("wrong file identifier/HTTP URL specified")
        return self._files[file_id]

    def has(self, file_id: str) -> bool:
        return file_id in self._files

    def open_path(self, file: StoredFile) -> str:
        """Make a file downloadable, as getFile does; its path under /file/bot<token>/."""
        self._paths[file.path] = file
        return file.path

    def at_path(self, path: str) -> StoredFile | None:
        return self._paths.get(path)
