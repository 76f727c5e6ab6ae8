"""The place of a customer nobody filed: taken from the first believed visit, and how that is undone."""

from typing import Any

from server.customers.models import Customer
from server.photos.models import Photo
from server.records.commands import Context, command
from server.records.editing import DeleteArgs
from server.records.errors import Rejected, error_texts
from server.records.fields import L

error_texts(
    {
        "place_not_from_visit": L(
            "该客户的位置不是由拜访设定的",
            "該客戶的位置不是由拜訪設定的",
            "This customer's place was not taken from a visit",
        )
    }
)


def note_place(context: Context, customer_id: str, lat: float, lng: float, photo_id: str) -> Customer:
    """Where the photo was taken is where the customer is, if nobody filed a place and none was taken before: what
    somebody undid stays undone. The audit trail names the system and the judgement as the cause.

    Kept to five digits (a metre), because a photo with exactly the filed digits is a sign of forgery.
    """
    customer = context.get(Customer, customer_id)
    if customer.geo_lat is None and customer.geo_lng is None and customer.place_photo is None:
        customer.geo_lat, customer.geo_lng, customer.place_photo = round(lat, 5), round(lng, 5), photo_id
    return customer


def note_typed_place(customer: Customer) -> None:
    """A place that somebody typed is his and no visit's. One that he emptied stays empty: no later visit fills it."""
    if customer.geo_lat is not None:
        customer.place_photo = None


def _is_from(context: Context, customer: Customer) -> bool:
    """Whether the place is still what the visit said, or nothing: what came from elsewhere, by a merge say, is not undone."""
    photo = context.find(Photo, customer.place_photo)
    if customer.geo_lat is None or photo is None or photo.lat is None or photo.lng is None:
        return customer.geo_lat is None
    return (customer.geo_lat, customer.geo_lng) == (round(photo.lat, 5), round(photo.lng, 5))


@command("customer.forget_place", DeleteArgs, permission="customer.edit")
def forget_place(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Takes back a place that came from a visit; it is not taken from a later one. One that was typed since stays. 422
    place_not_from_visit."""
    customer = context.need(Customer, args.id, "edit")
    if customer.place_photo is None or not _is_from(context, customer):
        raise Rejected("place_not_from_visit", field="id")
    customer.geo_lat = customer.geo_lng = None
    return {"id": customer.id}
