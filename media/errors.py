"""The one exception of this package that callers need to catch."""


class MediaError(ValueError):
    """Something about bytes from outside that cannot be accepted.

    `code` is stable and translated by whoever shows it; `detail` holds plain values for the message.
    """

    def __init__(self, code: str, **detail: object) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
