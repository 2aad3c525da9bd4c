"""Who appears in the demo: a studio, its people, its clients. All invented; every address is of a
domain that is kept for examples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

SLUG = "demo"
ZONE = "Europe/Rome"
PASSWORD = "demo-lumen-2468"  # noqa: S105, printed for everyone to read
OWNER = "elena@studio-lumen.example"
REFUND_DESK = "davide@studio-lumen.example"
DESK_LIMIT = 5000  # what the refund desk may give back alone
SUPERUSER = "admin@studio-lumen.example"


# What is written to a client before a lesson and after it, and what the team keeps to itself.
BRING = (
    "Please bring:\n– the two songs, printed\n– a bottle of water\n\nTo warm up on the way, nine minutes: "
    "https://studio-lumen.example/warm-up"
)
PRACTISE = (
    "Well sung today. Until next time, ten minutes a day:\n1. lip trills, up to the G\n2. the middle part of the "
    "second song, slowly"
)
PRIVATELY = "Tires in the upper register: twenty minutes, then a break."

# When it suits: most say nothing, and some wish what the studio does not have.
SUITS: tuple[dict[str, list[str]], ...] = (
    {},
    {"days": ["mon", "tue"], "parts": ["evening"], "modes": []},
    {},
    {"days": ["sat"], "parts": ["morning"], "modes": ["in_person"]},
    {"days": [], "parts": ["morning"], "modes": []},
    {},
    {"days": ["wed", "fri"], "parts": ["afternoon"], "modes": ["video"]},
)


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    language: str = "en"
    zone: str = ZONE
    phone: str = ""


def _consequence(word: str, fee: int = 0) -> dict[str, Any]:
    return {"deposit": word, "fee_percent": fee}


def _window(hours: int, word: str, fee: int = 0) -> dict[str, Any]:
    return {"min_notice_hours": hours, "cancel": _consequence(word, fee), "move": _consequence(word, fee)}


def _policy(
    name: str, deposit: dict[str, Any], windows: list[dict[str, Any]], **terms: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "deposit": deposit,
        "windows": windows,
        "carry_days": 3,
        "carry_unused": "forfeit",
        "max_moves": 2,
        "regret_minutes": 60,
        "grace_minutes": 15,
        "no_show": _consequence("forfeit"),
        "auto_no_show": "ask",
        "settle_after_hours": 24,
        "forgive": {"lapses": 0, "months": 12},
    } | terms


def _service(slug: str, policy: str, minutes: int, price: int, **fields: Any) -> dict[str, Any]:
    return {
        "slug": slug,
        "duration_minutes": minutes,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 10,
        "slot_interval_minutes": 60,
        "min_notice_minutes": 720,
        "horizon_days": 60,
        "price": price,
        "policy": policy,
        "tax_percent": 22,
        "approval": False,
        "questions": [],
    } | fields


PROFILE = {
    "slug": SLUG,
    "name": "Studio Lumen",
    "email": OWNER,
    "phone": "+390515550142",
    "timezone": ZONE,
    "currency": "EUR",
    "language": "en",
    "hourly_rate": 6000,
    "listed": False,
    "about": {
        "en": "Voice lessons and small recordings with Elena Marchetti, in Bologna and online.",
        "it": "Lezioni di canto e piccole registrazioni con Elena Marchetti, a Bologna e online.",
        "th": "เรียนร้องเพลงและอัดเสียงกับ Elena Marchetti ที่โบโลญญาและออนไลน์",
    },
}
BUSINESS = {
    "legal_name": "Studio Lumen di Elena Marchetti",
    "address": "Via Santo Stefano 38\n40125 Bologna\nItalia",
    "tax_number": "IT01234560379",
    "tax_name": "VAT",
    "receipt_prefix": "LUMEN",
}
PLACES = {
    "in_person": {
        "address": "Via Santo Stefano 38, 40125 Bologna, Italia",
        "note": {
            "en": "Ring Lumen; second floor, no lift.",
            "it": "Suonare Lumen; secondo piano, senza ascensore.",
            "th": "กดกริ่ง Lumen ชั้นสอง ไม่มีลิฟต์",
        },
    },
    "video": {
        "url": "https://meet.example.org/lumen-{room}",
        "test_url": "https://meet.example.org/test",
    },
    "phone": {"who_calls": "provider"},
}
POLICIES = [
    _policy(
        "First lesson",
        {"kind": "none"},
        [_window(0, "refund")],
        carry_unused="refund",
        no_show=_consequence("refund"),
        auto_no_show="mark",
    ),
    _policy("Lessons", {"kind": "percent", "percent": 30}, [_window(48, "carry"), _window(0, "forfeit")]),
    _policy(
        "Recordings",
        {"kind": "percent", "percent": 40},
        [_window(72, "carry"), _window(24, "forfeit"), _window(0, "forfeit", 50)],
        no_show=_consequence("forfeit", 100),
        auto_no_show="mark",
    ),
]
SERVICES = [
    _service(
        "first-lesson",
        "First lesson",
        30,
        0,
        name={"en": "First lesson", "it": "Prima lezione", "th": "เรียนครั้งแรก"},
        about={
            "en": "We meet, sing a little and see what you would like to learn. Nothing to prepare.",
            "it": "Ci conosciamo, cantiamo un po' e vediamo che cosa vorrebbe imparare. Non serve prepararsi.",
            "th": "มาทำความรู้จัก ลองร้องกันสักหน่อย แล้วดูว่าอยากเรียนอะไร ไม่ต้องเตรียมตัว",
        },
        slot_interval_minutes=30,
        modes=["video", "in_person"],
        approval=True,
        questions=[
            {
                "id": "wish",
                "label": {
                    "en": "What would you like to sing?",
                    "it": "Che cosa vorrebbe cantare?",
                    "th": "อยากร้องเพลงแบบไหน",
                },
                "kind": "text",
                "required": True,
            },
        ],
    ),
    _service(
        "voice",
        "Lessons",
        50,
        5500,
        name={"en": "Voice lesson", "it": "Lezione di canto", "th": "เรียนร้องเพลง"},
        about={
            "en": "Breath, range and the songs you love. For beginners and for those who perform.",
            "it": "Respiro, estensione e le canzoni che ama. Per chi comincia e per chi si esibisce.",
            "th": "ฝึกลมหายใจ ช่วงเสียง และเพลงที่คุณชอบ ทั้งผู้เริ่มต้นและผู้ขึ้นเวที",
        },
        modes=["in_person", "video", "phone"],
    ),
    _service(
        "recording",
        "Recordings",
        110,
        16000,
        name={"en": "Studio recording", "it": "Registrazione in studio", "th": "อัดเสียงในสตูดิโอ"},
        about={
            "en": "Two songs, recorded and mixed. Please bring the backing track or your pianist.",
            "it": "Due brani, registrati e missati. Porti la base o il suo pianista.",
            "th": "อัดและมิกซ์สองเพลง กรุณานำดนตรีประกอบหรือนักเปียโนมาด้วย",
        },
        modes=["in_person"],
        approval=True,
    ),
]
HOURS = [
    *(
        {"weekday": day, "from": opens, "to": closes}
        for day in ("mon", "tue", "wed", "thu", "fri")
        for opens, closes in (("09:00", "13:00"), ("14:00", "19:00"))
    ),
    {"weekday": "sat", "from": "10:00", "to": "13:00"},
]
MEMBERS = [
    {"email": OWNER, "name": "Elena Marchetti", "role": "owner"},
    {"email": REFUND_DESK, "name": "Davide Serra", "role": "refunds"},
]


def studio(today: date) -> dict[str, Any]:
    """The studio as its provider's file, with days off around ``today``."""
    away = [today + timedelta(days=days) for days in (-96, -95, -94, -93, -92, 17)]
    return {
        "kept": 1,
        "provider": PROFILE,
        "embed_sites": ["https://www.studio-lumen.example"],
        "business": BUSINESS,
        "places": PLACES,
        "policies": POLICIES,
        "services": SERVICES,
        "hours": HOURS,
        "overrides": [{"on": day.isoformat(), "closed": True} for day in away],
        "members": MEMBERS,
    }


def _at_home(name: str) -> Person:
    return Person(name, _address(name), "it", phone="")


def _abroad(name: str, language: str, zone: str) -> Person:
    return Person(name, _address(name), language, zone)


def _address(name: str) -> str:
    return (
        name.lower().replace(" ", ".").replace("'", "").replace("ö", "o").replace("é", "e") + "@mail.example"
    )


ITALIANS = """Giulia Ferri, Marco Bellini, Chiara Donati, Luca Moretti, Francesca Galli, Matteo Rinaldi,
Sara Conti, Alessandro Villa, Martina Greco, Davide Fontana, Elisa Caruso, Andrea Lombardi, Silvia Barone,
Paolo Santoro, Irene Marchi, Stefano Grassi, Valentina Neri, Tommaso Riva, Laura Pellegrini, Nicola De Santis"""
ENGLISH = """Hannah Clarke, Oliver Bennett, Amelia Ward, Jack Turner, Priya Nair, Tom O'Connor, Zoé Martin,
Jonas Köhler, Maya Cohen, Samuel Okafor"""
NEW_YORKERS = "Rachel Adler, Ben Morales, Grace Kim, Daniel Whitfield"
THAIS = {
    "สมหญิง แก้วใส": "somying@mail.example",
    "ธนกร ศรีวงศ์": "thanakorn@mail.example",
    "พิมพ์ชนก จันทร์ดี": "pimchanok@mail.example",
    "กิตติ รุ่งเรือง": "kitti@mail.example",
    "อรทัย บุญมี": "orathai@mail.example",
    "นภัส วัฒนา": "napat@mail.example",
}


def _names(names: str) -> list[str]:
    return [name.strip() for name in names.split(",")]


CLIENTS: list[Person] = [
    *(_at_home(name) for name in _names(ITALIANS)),
    *(_abroad(name, "en", "Europe/London") for name in _names(ENGLISH)),
    *(_abroad(name, "en", "America/New_York") for name in _names(NEW_YORKERS)),
    *(Person(name, email, "th", "Asia/Bangkok") for name, email in THAIS.items()),
]
WISHES = (
    "Jazz standards, low and warm.",
    "Vorrei tornare a cantare dopo anni.",
    "Opera arias, for an audition in spring.",
    "อยากร้องเพลงสากลให้ชัดขึ้น",
    "Pop, and to be less afraid of it.",
)
