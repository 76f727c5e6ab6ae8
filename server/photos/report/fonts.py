"""The letters of a PDF: those that are used, of the same Noto Sans CJK that stamps are drawn with, as a font of a few
hundred kilobytes. The whole one has 65,000 glyphs and two axes, which no PDF library takes in."""

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from server.photos.stamp import font_face, font_file

#: How far an outline may be from the original, in thousandths of a letter's height.
_ERROR = 1.0
_ALWAYS = "".join(chr(code) for code in range(32, 127)) + "–…·±？□"


def write_font(file: Path, text: str, language: str, weight: int) -> None:
    """A TrueType font with the characters of `text`, in the shapes of the language."""
    source = TTFont(font_file(), fontNumber=font_face(language), lazy=True, recalcTimestamp=False)
    known = source.getBestCmap()
    chosen = {ord(char): known[ord(char)] for char in {*text, *_ALWAYS} if ord(char) in known}
    names = [".notdef", *sorted(set(chosen.values()) - {".notdef"})]
    outlines = source.getGlyphSet(location={"wght": weight})
    glyphs, widths = {}, {}
    for name in names:
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, max_err=_ERROR, reverse_direction=True))
        glyph = pen.glyph()
        glyphs[name], widths[name] = glyph, (round(outlines[name].width), getattr(glyph, "xMin", 0))
    head, vertical = source["hhea"], source["OS/2"]
    font = FontBuilder(source["head"].unitsPerEm, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap(chosen)
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics(widths)
    font.setupHorizontalHeader(ascent=head.ascent, descent=head.descent)
    font.setupNameTable({"familyName": "Noto Sans CJK", "styleName": str(weight), "psName": f"NotoSansCJK-{weight}"})
    font.setupOS2(
        sTypoAscender=vertical.sTypoAscender,
        sTypoDescender=vertical.sTypoDescender,
        usWinAscent=vertical.usWinAscent,
        usWinDescent=vertical.usWinDescent,
        sCapHeight=vertical.sCapHeight,
        usWeightClass=weight,
    )
    font.setupPost()
    font.save(file)
    source.close()
