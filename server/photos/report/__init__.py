"""The photo report: chosen photos, or those of some days, as PDF or workbook, each with its stamp.

entries.py   which photos, through `visible` and the export permission, and what is printed of them
job.py       what the process that makes a report is told
running.py   starts that process, tells how far it is, hands the file out in pieces
__main__.py  the process: gives way to everything else, bounded in memory and time
making.py    what it does: a stamped copy of each picture, small enough for its place
pdf.py sheet.py fonts.py   the two forms, and the letters of the PDF
"""
