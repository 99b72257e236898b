"""While Kafka is away bookings go on; what asks about the broker says so and when to ask again."""

from shared.security.roles import Role
from tests.support.services import api
from tests.support.stack import Stack


async def test_the_position_is_busy_and_a_booking_is_taken(stack: Stack) -> None:
    async with api(stack, "booking") as origin:
        origin.services["booking"].consuming.bootstrap_servers = "127.0.0.1:9"  # nothing listens there
        coordinator = origin.client(Role.COORDINATOR)
        position = await coordinator.get("/booking/v1/position")
        assert (position.status_code, position.headers["Retry-After"]) == (503, "2")
        assert position.json()["detail"].startswith("Meddelandetjänsten")
        course = {"code": "TR1", "title": "TR1", "description": "", "duration_minutes": 60}
        made = await coordinator.post(
            "/booking/v1/courses", json={**course, "categories": ["base"], "languages": ["sv"]}
        )
        assert made.status_code == 201, made.text
