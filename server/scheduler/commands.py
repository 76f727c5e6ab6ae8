"""Asking for timed work at once."""

from typing import Any

import msgspec

from server.records.commands import Context, command
from server.records.errors import NotFound
from server.scheduler.jobs import job_named
from server.scheduler.runs import ask_for


class RunJobArgs(msgspec.Struct, forbid_unknown_fields=True):
    job: str


@command("schedule.run", RunJobArgs, permission="schedule.manage")
def run_job(context: Context, args: RunJobArgs) -> dict[str, Any]:
    """Lets a job run now instead of waiting until it is due; a server takes it up within seconds. 404 not_found."""
    job = job_named(args.job)
    if job is None:
        raise NotFound("not_found", record="job", id=args.job)
    ask_for(context.session, job, context.actor.employee_id, context.now)
    return {"job": job.name}
