"""Photos: storing, examining and shrinking pictures, reading EXIF, and judging whether a photo can be believed.

Knows no business area. Start reading at `evidence.judge` (the judgement), `images.examine` (what a picture is) and
`store.BlobStore` (where bytes live). Errors carry a stable `code`; `reasons.REASONS` has the words for all of them.
"""
