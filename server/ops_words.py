"""The words of `xunke ops`, apart from what they do: every start of the command line reads them."""

import argparse
from pathlib import Path


def options(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="list | show | replay | set-aside | import")
    actions.add_parser("list", help="the kept ops, oldest first (the default)")
    one = "its id, or the end of it as the list shows it"
    show = actions.add_parser("show", help="one op with its content")
    show.add_argument("op", nargs="+", metavar="[DEVICE] OP", help=one)
    again = actions.add_parser("replay", help="run kept ops again, in their authors' names")
    again.add_argument("op", nargs="*", metavar="[DEVICE] OP", help=one)
    again.add_argument("--all", action="store_true", help="all of them")
    again.add_argument("--command", dest="name", metavar="NAME", help="those of one command")
    aside = actions.add_parser("set-aside", help="decide that an op will not be run; its content stays")
    aside.add_argument("op", nargs="+", metavar="[DEVICE] OP", help=one)
    bring = actions.add_parser("import", help="deliver outboxes exported from the sync page of phones")
    bring.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="exports, and pictures that lie beside them"
    )
