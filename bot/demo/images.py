"""Just enough of picture files: their kind, their size in pixels, and JPEG without its private parts."""

import struct

_JPEG_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_JPEG_PRIVATE = {*range(0xE1, 0xF0), 0xFE}  # EXIF with its GPS, maker notes, comments


def measure(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a JPEG, PNG, GIF or WebP; None for anything else."""
    try:
        return _measure(data)
    except (struct.error, IndexError):
        return None


def _measure(data: bytes) -> tuple[int, int] | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data[:6] in (b"GIF87a", b"GIF89a"):
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _measure_webp(data)
    return _measure_jpeg(data) if data.startswith(b"\xff\xd8") else None


def _measure_webp(data: bytes) -> tuple[int, int] | None:
    if data[12:16] == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", data[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _segments(data: bytes) -> list[tuple[int, int, int]]:
    """Marker, start and end of each JPEG segment before the picture itself."""
    found, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        found.append((data[at + 1], at, end))
        at = end
    return found


def _measure_jpeg(data: bytes) -> tuple[int, int] | None:
    for marker, start, _ in _segments(data):
        if marker in _JPEG_SIZES:
            height, width = struct.unpack(">HH", data[start + 5 : start + 9])
            return width, height
    return None


def without_private_parts(data: bytes) -> bytes:
    """A photo sent as a photo loses its EXIF at Telegram; anything but a JPEG comes back as it is."""
    if not data.startswith(b"\xff\xd8"):
        return data
    kept, at = [data[:2]], 2
    for marker, start, end in _segments(data):
        if marker not in _JPEG_PRIVATE:
            kept.append(data[start:end])
        at = end
    return b"".join([*kept, data[at:]])
