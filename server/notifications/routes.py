"""What only the notifications have: which browsers are pushed to, and the robots of chat groups."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from server.api.errors import language_of
from server.api.security import actor_of, require, signed_in
from server.api.state import Services
from server.notifications import subscriptions, webhooks
from server.notifications.push import Subscription, public_key
from server.notifications.webhooks import HookArgs, HookState, TestAnswer
from server.people.logins import Login
from server.records.editing import check_id


class PushKey(msgspec.Struct):
    """`subscribed`: whether this device is pushed to, as far as the server knows."""

    key: str
    subscribed: bool


class SubscribeArgs(msgspec.Struct, forbid_unknown_fields=True):
    """What `PushSubscription.toJSON()` says, in one level; `language`: of the words on the locked screen."""

    endpoint: Annotated[str, msgspec.Meta(max_length=1000)]
    p256dh: Annotated[str, msgspec.Meta(max_length=120)]
    auth: Annotated[str, msgspec.Meta(max_length=40)]
    language: Literal["zh-CN", "zh-TW", "en"] = "zh-CN"


class PushController(Controller):
    path = "/api/push"
    tags = ("notifications",)
    guards = (signed_in,)

    @get("/key", operation_id="push_key")
    async def key(self, services: NamedDependency[Services], request: Request[Any, Login, Any]) -> PushKey:
        """What a browser subscribes with."""
        device_id = actor_of(request).device_id or ""
        known = await services.reader.run(lambda session: subscriptions.is_subscribed(session, device_id))
        return PushKey(public_key(services.postman.push.secret), known)

    @put("/subscription", operation_id="subscribe_to_push", status_code=204)
    async def subscribe(
        self, data: JSONBody[SubscribeArgs], services: NamedDependency[Services], request: Request[Any, Login, Any]
    ) -> None:
        """This device is pushed to. 422 push_refused where the address is none of a push service or a private one,
        push_keys."""
        actor, wanted = actor_of(request), Subscription(data.endpoint, data.p256dh, data.auth)
        postman, now = services.postman, datetime.now(UTC)
        await asyncio.to_thread(postman.push.check, postman.outgoing, wanted)
        await services.writer.run(
            lambda session: subscriptions.subscribe(session, actor, wanted, data.language, now),
            alone=actor.employee_id,
        )

    @delete("/subscription", operation_id="unsubscribe_from_push", status_code=204)
    async def unsubscribe(self, services: NamedDependency[Services], request: Request[Any, Login, Any]) -> None:
        """This device is not pushed to any more."""
        device_id = actor_of(request).device_id or ""
        await services.writer.run(lambda session: subscriptions.forget_device(session, device_id))


class WebhookController(Controller):
    path = "/api/group-robots"
    tags = ("notifications",)
    guards = (signed_in,)

    @get("/states", operation_id="group_webhook_states")
    async def states(
        self, services: NamedDependency[Services], request: Request[Any, Login, Any]
    ) -> dict[str, HookState]:
        """How the deliveries to each robot go, by its id; needs group_webhook.view."""
        require(request, "group_webhook.view")
        since = datetime.now(UTC) - timedelta(days=7)
        return await services.reader.run(lambda session: webhooks.states(session, since))

    @put("/{row_id:str}", operation_id="save_group_webhook", status_code=204)
    async def save(
        self,
        row_id: FromPath[str],
        data: JSONBody[HookArgs],
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
    ) -> None:
        """Adds or changes a robot. Not a command, because commands are kept as they came and this one carries secrets.
        422 webhook_refused, unknown_kind, required."""
        actor, now = require(request, "group_webhook.edit"), datetime.now(UTC)
        check_id(row_id)
        if data.url:
            await asyncio.to_thread(webhooks.check, services.postman.outgoing, data, language_of(request))
        await services.writer.run(lambda session: webhooks.save(session, actor, row_id, data, now))

    @delete("/{row_id:str}", operation_id="delete_group_webhook", status_code=204)
    async def remove(
        self, row_id: FromPath[str], services: NamedDependency[Services], request: Request[Any, Login, Any]
    ) -> None:
        """Removes a robot with what waits for it. 404 not_found."""
        actor, now = require(request, "group_webhook.delete"), datetime.now(UTC)
        await services.writer.run(lambda session: webhooks.remove(session, actor, row_id, now))

    @post("/{row_id:str}/test", operation_id="test_group_webhook", status_code=200)
    async def test(
        self, row_id: FromPath[str], services: NamedDependency[Services], request: Request[Any, Login, Any]
    ) -> TestAnswer:
        """Sends one message now and says what the other side answered. 404 not_found, 429 webhook_busy."""
        require(request, "group_webhook.edit")
        now = datetime.now(UTC)
        parcel = await services.writer.run(lambda session: webhooks.begin_test(session, row_id, now))
        return await services.postman.deliver_test(parcel)


routes = [PushController, WebhookController]
