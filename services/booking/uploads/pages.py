"""Uploading a file of staff or of registrations in four pages."""

from services.booking.uploads.kinds import kind_of
from shared.security.roles import Role
from shared.uploads.pages import upload_router

router = upload_router("/boka/{what}/fil", kind_of, Role.MUNICIPALITY, Role.COORDINATOR)
