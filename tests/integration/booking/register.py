"""The old place of these names."""

from tests.support.answers import if_match as if_match
from tests.support.answers import ok as ok
from tests.support.answers import refused as refused
from tests.support.booking_world import MAJA as MAJA
from tests.support.booking_world import PROJECT as PROJECT
from tests.support.booking_world import TITLES as TITLES
from tests.support.booking_world import enter_register as enter_register
from tests.support.booking_world import personal_number
from tests.support.services import Origin

number_of = personal_number
published = Origin.published
