"""What attendance takes from the topics. Facts of different topics come in any order; none waits for another."""

from services.attendance.catalogue.follow_names import follow_names
from services.attendance.people.follow_people import follow_people
from services.attendance.placements.follow_participants import follow_participants
from services.attendance.rolls.follow_bookings import follow_bookings
from services.attendance.rolls.follow_merges import follow_merges
from services.attendance.rolls.follow_project import follow_project
from shared.contracts.topics import BOOKING, CATALOGUE, PARTICIPANTS, PEOPLE
from shared.messaging.delivery import Consumer

CONSUMERS = (
    # Who is on a roll follows from the order of a session's events.
    Consumer("attendance.rolls", (BOOKING,), follow_bookings, ordered=True),
    Consumer("attendance.people", (PEOPLE,), follow_people),
    Consumer("attendance.merges", (PARTICIPANTS,), follow_merges),
    Consumer("attendance.employers", (PARTICIPANTS,), follow_participants),
    Consumer("attendance.project", (CATALOGUE,), follow_project),
    Consumer("attendance.names", (CATALOGUE,), follow_names),
)
