"""What people type, and what is meant: the files that score how well it is understood."""

from pathlib import Path


def rows(name: str) -> list[tuple[str, ...]]:
    """The rows of a .tsv beside this file; lines with # say what is in it."""
    lines = (Path(__file__).parent / name).read_text("utf-8").split("\n")
    return [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]
