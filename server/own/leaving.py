"""What goes along when somebody hands over: his rows in tables whose rows belong to people."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.own.models import OwnRow, OwnTable
from server.people.handover import HandOverArgs, Item, Part, goes_along
from server.records.commands import Context
from server.records.loading import load_many


# unrestricted: all of it goes, whoever sees it
def _rows(session: Session, args: HandOverArgs) -> list[Item]:
    """Also what could be brought back: it is nobody's else."""
    rows = session.execute(
        select(OwnRow.id, OwnRow.title, OwnTable.name)
        .join(OwnTable, OwnTable.id == OwnRow.table_id)
        .where(OwnRow.owner_id == args.id)
        .order_by(OwnTable.sort, OwnRow.title, OwnRow.id)
    )
    return [Item(row.id, row.title, args.to, row.name) for row in rows]


def _take(context: Context, args: HandOverArgs, items: list[Item]) -> None:
    rows = load_many(context.session, OwnRow, [item.id for item in items])
    for item in items:
        rows[item.id].owner_id = item.to


goes_along(Part("own_rows", 80, _rows, _take))
