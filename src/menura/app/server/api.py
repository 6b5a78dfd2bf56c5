"""The addresses of the HTTP face; docs/http.md describes them."""

from __future__ import annotations

import gzip
import mimetypes
import sqlite3
from functools import cache
from importlib.metadata import version
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from menura.app.server.clients import COOKIE, LOCAL, cookie_name, set_cookie
from menura.app.server.database import is_disk_full
from menura.app.server.edits import add_edits
from menura.app.server.errors import DESCRIPTIONS, Refusal, body, documented
from menura.app.server.events import add_events
from menura.app.server.files import add_files, add_models
from menura.app.server.guard import OPEN_TO_ALL, Guard
from menura.app.server.jobs import add_jobs, add_results, add_tasks
from menura.app.server.live import add_live
from menura.app.server.responses import Delivery, answer_head
from menura.app.server.server import Server
from menura.app.server.settings import Settings
from menura.app.server.sounds import add_sounds
from menura.app.server.speech import add_speech
from menura.app.server.streams import add_streams
from menura.app.server.transcriptions import add_transcriptions
from menura.app.server.views import Session, StreamEnd, StreamFormat

_KEPT = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
"""Names of assets change with their content."""
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "one of the server's tokens; each is a client"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "what POST /v1/session gives for a token; "
        "`-` and the port are added to its name where the address has one",
    },
    "client": {
        "type": "apiKey",
        "in": "header",
        "name": "Menura-Client",
        "description": "without tokens: any secret word, for a client of one's own",
    },
}
_LOCAL_SECURITY: list[dict[str, list[str]]] = [{}, {"client": []}]
STUDIO = Path(str(package_files("menura"))) / "app" / "studio"


def create_app(settings: Settings) -> FastAPI:
    """The application; it holds the state folder until it has shut down.

    Raises:
        ValueError: the settings are not safe, or another server uses the folder.
    """
    server = Server(settings)
    app = FastAPI(
        title="Menura",
        version=version("menura"),
        summary="Make and understand sound.",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=server.lifespan,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.server = server
    _handle_errors(app)
    add_tasks(app, server)
    add_jobs(app, server)
    add_events(app, server)
    add_results(app, server)
    add_files(app, server)
    add_models(app, server)
    add_edits(app, server)
    add_streams(app, server)
    add_speech(app, server)
    add_sounds(app)
    add_live(app, server)
    add_transcriptions(app, server)
    _add_upkeep(app, server)
    _add_studio(app, server)
    answer_head(app)
    app.openapi = lambda: _openapi(app, server)
    app.add_middleware(Delivery)
    app.add_middleware(
        Guard,
        clients=server.clients,
        counts=server.counts,
        settings=settings,
    )
    return app


def _add_upkeep(app: FastAPI, server: Server) -> None:
    @app.get("/healthz", tags=["upkeep"], responses=documented())
    def healthz() -> dict[str, str]:
        """The server lives."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["upkeep"], responses=documented())
    def readyz() -> dict[str, str]:
        """The server takes jobs, and does them."""
        if trouble := server.trouble:
            raise Refusal(503, trouble)
        return {"status": "ready"}

    @app.get(
        "/metrics",
        tags=["upkeep"],
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}, **documented()},
    )
    def metrics() -> Response:
        """Counts, for Prometheus."""
        return Response(server.counts.text(), media_type="text/plain; version=0.0.4")


def _add_studio(app: FastAPI, server: Server) -> None:
    @app.get("/", include_in_schema=False)
    @app.get("/r/{id}", include_in_schema=False)
    @app.get("/uploads", include_in_schema=False)
    def page(request: Request) -> Response:
        index = STUDIO / "index.html"
        if not index.is_file():
            raise Refusal(404, "this copy of Menura has no studio; the API is described by /openapi.json")
        response = HTMLResponse(index.read_text())
        if former := server.clients.former(request.headers):
            server.store.adopt(former, LOCAL)
            response.headers["set-cookie"] = set_cookie(COOKIE, "", secure=False, age_s=0)
        return response

    @app.get("/assets/{name}", include_in_schema=False)
    def asset(request: Request, name: str) -> Response:
        known = {path.name: path for path in (STUDIO / "assets").glob("*")}
        if name not in known:
            raise Refusal(404, "there is no such file")
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return FileResponse(known[name], headers=_KEPT)
        kind = mimetypes.guess_type(name)[0]
        return Response(_compressed(known[name]), media_type=kind, headers={**_KEPT, "content-encoding": "gzip"})

    @app.post("/v1/session", status_code=204, responses=documented(), tags=["upkeep"])
    def session(request: Request, asked: Session) -> Response:
        """Give the page a cookie in exchange for a token."""
        value = server.clients.session(asked.token, request.client.host if request.client else "")
        cookie = set_cookie(cookie_name(request.headers), value, request.url.scheme == "https")
        return Response(status_code=204, headers={"set-cookie": cookie})


@cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes())


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(Refusal)
    async def refused(_request: Request, error: Refusal) -> Response:
        return JSONResponse(error.body(), error.status, error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        param = str(first["loc"][-1])[:60] if first["loc"] else None
        return JSONResponse(body(400, f"{param}: {first['msg'].lower()}", param), 400)

    @app.exception_handler(MultiPartException)
    async def broken(_request: Request, error: MultiPartException) -> Response:
        return JSONResponse(body(400, f"the form cannot be read: {error.message}"), 400)

    @app.exception_handler(OSError)
    @app.exception_handler(sqlite3.Error)
    async def broken_down(_request: Request, error: Exception) -> Response:
        if not is_disk_full(error):
            raise error
        return JSONResponse(
            body(503, "the disk is full; try again later", code="disk_full"), 503, {"retry-after": "60"}
        )

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> Response:
        said = DESCRIPTIONS.get(error.status_code, str(error.detail))
        if error.status_code == 400:
            said = str(error.detail)
        return JSONResponse(body(error.status_code, said), error.status_code, error.headers)


def _openapi(app: FastAPI, server: Server) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            license_info=app.license_info,
            routes=app.routes,
            separate_input_output_schemas=False,
        )
        schemas = document["components"]["schemas"]
        for path, address in document["paths"].items():
            for operation in address.values():
                if "HTTPValidationError" in str(operation["responses"].get("422")):
                    del operation["responses"]["422"]  # ours is 400, with our shape
                if path in OPEN_TO_ALL:
                    operation["security"] = []
            if path.startswith("/v1/stream/"):
                _describe_websocket(address["get"], schemas)
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        document["components"]["securitySchemes"] = _SCHEMES
        document["security"] = (
            [{name: []} for name in ("token", "cookie")] if server.clients.tokens else _LOCAL_SECURITY
        )
        app.openapi_schema = document
    return app.openapi_schema


def _describe_websocket(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """What OpenAPI has no words for: the same address as a WebSocket."""
    schemas |= {"StreamFormat": StreamFormat.model_json_schema(), "StreamEnd": StreamEnd.model_json_schema()}
    fields = {one["name"]: one["schema"] for one in operation["parameters"] if one["in"] == "query"}
    said = "After Upgrade: websocket. The client sends one message, the server those of x-websocket, then closes"
    operation["responses"]["101"] = {"description": said}
    operation["x-websocket"] = {
        "send": {"description": "the parameters, as JSON", "schema": {"type": "object", "properties": fields}},
        "receive": [
            {"description": "first", "schema": {"$ref": "#/components/schemas/StreamFormat"}},
            {"description": "then, binary, the sound: frames of 32-bit floats, little-endian"},
            {"description": "at the end", "schema": {"$ref": "#/components/schemas/StreamEnd"}},
            {"description": 'or, with "type": "error" beside it', "schema": {"$ref": "#/components/schemas/ErrorBody"}},
        ],
    }
