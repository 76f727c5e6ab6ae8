"""`python -m server.photos.report`: makes the report it is told of on stdin, and says on stdout how far it is.

A process of its own, so that a report of 500 pictures slows no push.
"""

from media.beside import limit

MEMORY_BYTES = 1024 * 1024 * 1024
#: Of processor time; 500 photos take about 30 s of it.
SECONDS = 600

if __name__ == "__main__":
    limit(MEMORY_BYTES, SECONDS)
    from server.photos.report.making import make

    make()
