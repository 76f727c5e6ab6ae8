"""The route of the photo report."""

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from litestar import Controller, Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.response import Stream
from sqlalchemy.orm import Session

from server.api.security import signed_in
from server.api.state import Services
from server.company.zone import company_zone
from server.people.logins import Login
from server.photos.report.entries import ReportArgs, job_for
from server.photos.report.job import Job
from server.photos.report.running import Reports, place_for

_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: Lines of JSON, then the file.
PROGRESS_TYPE = "application/vnd.xunke.report"


class ReportController(Controller):
    path = "/media/v1/reports"
    tags = ("photos",)
    guards = (signed_in,)

    @post("/photos", status_code=200, operation_id="photo_report")
    async def photos(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        data: JSONBody[ReportArgs],
    ) -> Stream:
        """Chosen photos, or those of some days, as PDF or workbook, each with its stamp; at most 500. Needs the export
        permission and obeys its scope. 422 report_too_large, report_empty."""
        actor = request.auth.actor
        now = datetime.now(UTC)
        out = place_for(data.format)

        def read(session: Session) -> Job:
            location = services.settings.blob_location
            return job_for(session, actor, company_zone(session), now, data, location, out)

        try:
            job = await services.reader.run(read)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(out).unlink()
            raise
        state = request.app.state
        if "reports" not in state:
            state["reports"] = Reports()
        reports: Reports = state["reports"]
        name = f"photos-{now:%Y%m%d%H%M%S}.{data.format}"
        headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{name}"'}
        media_type = PROGRESS_TYPE if data.progress else _TYPES[data.format]
        return Stream(reports.answer(job, name, progress=data.progress), media_type=media_type, headers=headers)
