"""What every OpenAPI document says beside its routes: refusals are problem+json, of one shape."""

from typing import Any

from fastapi import FastAPI

from shared.web.problems import BASE

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457 problem details.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": f"{BASE}<name>; stable."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do, in the language of Accept-Language (sv or en)."},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer to the field."},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
REFUSAL: dict[str, Any] = {
    "description": "Refused; `type` names the problem.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
RESPONSES: dict[int | str, dict[str, Any]] = {"4XX": REFUSAL, 422: REFUSAL, "5XX": REFUSAL}


ACCESS_TOKEN = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class DocumentedApi(FastAPI):
    """An application whose document holds the problem's schema once, and says that every call takes an access token.

    Said here and not by a dependency of each route: `shared.security.tokens` decides, before any dependency runs.
    """

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        parts = document.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        parts["securitySchemes"] = {"AccessToken": ACCESS_TOKEN}
        for path, operations in document["paths"].items():
            if path.startswith("/v1/"):
                for operation in operations.values():
                    operation["security"] = [{"AccessToken": []}]
        return document
