"""Parts of a file by the rules of HTTP (RFC 9110, 14): one range of bytes; anything else is answered with the whole."""

import re

_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))", re.ASCII)


def part_asked(header: str | None, condition: str | None, etag: str, size: int) -> tuple[int, int] | None:
    """The first byte of the part and the one after its last. `condition`: If-Range, which must be the very file. None:
    the whole is wanted. An empty part: the file has no such bytes."""
    found = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if found is None or (condition is not None and condition != etag):
        return None
    first, last, tail = found.groups()
    if tail is not None:
        return (max(0, size - int(tail)), size) if int(tail) else (size, size)
    if last and int(last) < int(first):
        return None
    end = min(int(last) + 1, size) if last else size
    return (int(first), end) if int(first) < size else (size, size)
