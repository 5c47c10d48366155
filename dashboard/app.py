"""The hub's web application: the questions, the stream, the few actions, and the page."""

from pathlib import Path

from fastapi import Depends, FastAPI

from dashboard.api.answers import answer_problems
from dashboard.api.backtest import backtest_routes
from dashboard.api.care import care_routes
from dashboard.api.cases import case_routes
from dashboard.api.control import control_routes
from dashboard.api.families import family_routes
from dashboard.api.guard import SafeHeaders
from dashboard.api.history import history_routes
from dashboard.api.live import Broadcast, live_routes
from dashboard.api.machines import machine_routes
from dashboard.api.openapi import document, operation_id
from dashboard.api.page import build_of, page_routes
from dashboard.api.people import people_routes, token_routes
from dashboard.api.printers import job_routes, printer_routes
from dashboard.api.public import PublicAnswers
from dashboard.api.roles import doorman
from dashboard.api.session import session_routes
from dashboard.api.status import status_routes
from dashboard.api.students import student_routes
from dashboard.api.teaching import teaching_routes
from dashboard.api.visitors import visitor_routes
from dashboard.people import People
from dashboard.view import View


def create_app(view: View, hub: Broadcast, *, static: Path, people: People) -> FastAPI:
    """Return the application; `static` is the folder of the built page (may be empty)."""
    app = FastAPI(
        title="fieldlab",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        dependencies=[Depends(doorman(people))],
        generate_unique_id_function=operation_id,
    )
    document(app)
    app.add_middleware(PublicAnswers)
    app.add_middleware(SafeHeaders)
    answer_problems(app)
    app.include_router(live_routes(view, hub))
    app.include_router(machine_routes(view))
    app.include_router(history_routes(view))
    app.include_router(student_routes(view))
    app.include_router(backtest_routes(view))
    app.include_router(care_routes(view))
    app.include_router(case_routes(view))
    app.include_router(control_routes(view))
    app.include_router(teaching_routes(view))
    app.include_router(family_routes(view))
    app.include_router(visitor_routes(view))
    app.include_router(printer_routes(view))
    app.include_router(job_routes(view))
    app.include_router(session_routes(people, build_of(static)))
    app.include_router(people_routes(people))
    app.include_router(token_routes(people))
    app.include_router(status_routes(view, build_of(static)))
    app.include_router(page_routes(static))
    return app
