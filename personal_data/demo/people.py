"""Who the made people are, and how they sit."""

import random
from dataclasses import dataclass
from typing import Literal

Fault = Literal["closer", "lower", "tilted"]

KOREAN = [
    ("minjun", "민준", "김"),
    ("seoyeon", "서연", "이"),
    ("jiho", "지호", "박"),
    ("haeun", "하은", "최"),
    ("doyun", "도윤", "정"),
    ("subin", "수빈", "강"),
    ("jiwoo", "지우", "조"),
    ("yejun", "예준", "윤"),
    ("chaewon", "채원", "장"),
    ("hyunwoo", "현우", "임"),
    ("nari", "나리", "한"),
    ("taeyang", "태양", "오"),
]
ENGLISH = [
    ("emma", "Emma", "Clarke"),
    ("oliver", "Oliver", "Hughes"),
    ("amelia", "Amelia", "Turner"),
    ("jack", "Jack", "Morgan"),
    ("isla", "Isla", "Bennett"),
    ("noah", "Noah", "Foster"),
    ("grace", "Grace", "Osei"),
    ("liam", "Liam", "Murphy"),
    ("zoe", "Zoe", "Patel"),
    ("henry", "Henry", "Walsh"),
    ("ruby", "Ruby", "Singh"),
    ("theo", "Theo", "Baker"),
]
# That each kind is there even among a few people.
KINDS = ("sinks", "steady", "rested", "leans", "dry", "improves", "tilts", "slips", "leaves")


@dataclass(frozen=True, slots=True)
class Person:
    """A made person. share: of good posture, which falls by falls_by after an hour unless breaks help. fault: of most
    of their bad posture; None: of none in particular. goal: for the share of a week.

    gains: how much the share rises from their first day to the last. days_used: of their weeks, the share after which
    they stopped; 1.0 if they did not. blinks: a minute; they fall after the same hour by blinks_fall_by.
    """

    username: str
    first_name: str
    last_name: str
    time_zone: str
    share: float
    fault: Fault | None = None
    goal: float | None = None
    falls_by: float = 0.0
    after: int = 15
    do_breaks_help: bool = False
    gains: float = 0.0
    blinks: float = 11.0
    blinks_fall_by: float = 0.0
    days_used: float = 1.0


def made_people(count: int, chance: random.Random) -> list[Person]:
    return [_person(number, chance) for number in range(count)]


def _person(number: int, chance: random.Random) -> Person:
    is_korean = number % 2 == 0
    names = KOREAN if is_korean else ENGLISH
    name, first_name, last_name = names[number // 2 % len(names)]
    again = number // 2 // len(names)
    kind = KINDS[number % len(KINDS)]
    faults: dict[str, Fault] = {"leans": "closer", "tilts": "tilted", "sinks": "lower"}
    return Person(
        username=f"demo-{name}{again + 1 if again else ''}",
        first_name=first_name,
        last_name=last_name,
        time_zone="Asia/Seoul" if is_korean else "Europe/London",
        share=chance.uniform(0.65, 0.88),
        fault=faults.get(kind),
        goal=chance.choice([0.7, 0.75, 0.8]) if number % 3 == 0 else None,
        falls_by=chance.uniform(0.18, 0.28) if kind in {"sinks", "rested"} else 0.0,
        after=chance.choice([14, 15, 16]),
        do_breaks_help=kind == "rested",
        gains={"improves": 0.2, "slips": -0.2}.get(kind, 0.0),
        blinks=chance.uniform(8.0, 15.0),
        blinks_fall_by=4.0 if kind == "dry" else 0.0,
        days_used=chance.uniform(0.2, 0.6) if kind == "leaves" else 1.0,
    )
