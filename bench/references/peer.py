"""django-appointment's month of slots by its own functions, on an SQLite database in memory.

Run by the Python of an environment that has it; reads the busy times as JSON from standard input,
prints what it measured as JSON.
"""

import json
import sys
from datetime import date, datetime, time, timedelta
from statistics import median
from time import perf_counter

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="bench",
    USE_TZ=True,
    TIME_ZONE="Europe/Rome",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "phonenumber_field",
        "appointment",
    ],
)
django.setup()

from appointment import models, services  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402


def studio(busy: list[list[str]]) -> tuple[models.StaffMember, models.Service]:
    call_command("migrate", run_syncdb=True, verbosity=0)
    users = get_user_model().objects
    staff = models.StaffMember.objects.create(
        user=users.create(username="anna"), slot_duration=15, appointment_buffer_time=0
    )
    service = models.Service.objects.create(name="Talk", duration=timedelta(minutes=30), price=0)
    staff.services_offered.add(service)
    for weekday in range(7):
        models.WorkingHours.objects.create(
            staff_member=staff, day_of_week=weekday, start_time=time(9), end_time=time(17)
        )
    client = users.create(username="client", email="client@studio.example")
    for number, (start, end) in enumerate(busy):
        begins, ends = datetime.fromisoformat(start), datetime.fromisoformat(end)
        request = models.AppointmentRequest(
            date=begins.date(), start_time=begins.time(), end_time=ends.time(), service=service,
            staff_member=staff, id_request=str(number),
        )  # fmt: skip
        models.AppointmentRequest.objects.bulk_create([request])
        appointment = models.Appointment(client=client, appointment_request=request, id_request=str(number))
        models.Appointment.objects.bulk_create([appointment])
    return staff, service


def month(staff: models.StaffMember, service: models.Service, first: date, days: int) -> int:
    found = 0
    for number in range(days):
        on = first + timedelta(days=number)
        weekday = on.isoweekday() % 7  # it counts from Sunday
        found += len(services.get_available_slots_for_staff(on, staff, weekday, service=service))
    return found


def main() -> None:
    asked = json.load(sys.stdin)
    staff, service = studio(asked["busy"])
    first = date.fromisoformat(asked["first"])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        slots = month(staff, service, first, asked["days"])
    seconds = []
    for _ in range(asked["rounds"]):
        began = perf_counter()
        month(staff, service, first, asked["days"])
        seconds.append(perf_counter() - began)
    print(json.dumps({"seconds": median(seconds), "slots": slots, "queries": len(queries)}))


if __name__ == "__main__":
    main()
