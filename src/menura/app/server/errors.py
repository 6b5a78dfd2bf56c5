"""Errors as clients see them: OpenAI's shape, one line, never a trace."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel


class ErrorDetail(BaseModel):
    """What was wrong."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ErrorBody(BaseModel):
    """What every answer says that is not a success."""

    error: ErrorDetail


class Refusal(Exception):
    """An answer that is not a success.

    Args:
        status: of HTTP.
        message: one line for the person who asked.
        param: the parameter that was wrong.
        code: for programs to tell cases apart.
        headers: of the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.param, self.code, self.headers = status, param, code, headers or {}

    def body(self) -> dict[str, Any]:
        """What is sent."""
        return body(self.status, str(self), self.param, self.code)


_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
}
DESCRIPTIONS = {
    400: "A parameter is wrong, or the request cannot be met",
    401: "A token is needed",
    403: "The request comes from another site",
    404: "There is no such thing, or it belongs to someone else",
    405: "The address does not know this method",
    406: "It cannot be given in this format",
    408: "The request did not come in time",
    409: "It cannot be done in the state things are in",
    411: "The length of the body must be stated",
    413: "The request is larger than allowed",
    415: "The body is of a type that is not understood",
    416: "The file has no such range",
    422: "The idempotency key was used for another request",
    429: "There are too many of a kind: jobs that wait, requests at once, wrong tokens; try again later",
    503: "The server is stopping, has too much to do, or its disk is full",
}


def body(status: int, message: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """An error's JSON."""
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of the errors that an address may answer with, aside from those that all share."""
    return {
        status: {"model": ErrorBody, "description": DESCRIPTIONS.get(status, HTTPStatus(status).phrase)}
        for status in sorted({*statuses, *EVERYWHERE})
    }


EVERYWHERE = (400, 401, 403, 413, 429, 503)
