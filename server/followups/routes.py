"""What only trial accounts have: the password of a login, which is written and read by itself."""

from typing import Any

from litestar import Controller, Request, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from server.api.security import actor_of, require, signed_in
from server.api.state import Services
from server.followups import logins
from server.followups.logins import PasswordArgs, TrialLogin
from server.people.logins import Login


class TrialLoginController(Controller):
    path = "/api/trial-logins"
    tags = ("followups",)
    guards = (signed_in,)

    @put("/{row_id:str}", operation_id="set_trial_password", status_code=204)
    async def save(
        self,
        row_id: FromPath[str],
        data: JSONBody[PasswordArgs],
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
    ) -> None:
        """Keeps the new password of a trial account's login. Not a command, because commands are kept as they came. 404."""
        actor, vault = require(request, "trial_account.manage"), services.mailer.vault
        await services.writer.run(lambda session: logins.set_password(session, actor, vault, row_id, data.password))

    @get("/{row_id:str}", operation_id="get_trial_password")
    async def read(
        self, row_id: FromPath[str], services: NamedDependency[Services], request: Request[Any, Login, Any]
    ) -> Response[TrialLogin]:
        """Login name and password, to be told to the customer: for who asked for it, looks after it, or manages trial
        accounts. 404, also trial_no_password."""
        actor, vault = actor_of(request), services.mailer.vault
        found = await services.reader.run(lambda session: logins.login_of(session, actor, vault, row_id))
        return Response(found, headers={"cache-control": "no-store"})


routes = [TrialLoginController]
