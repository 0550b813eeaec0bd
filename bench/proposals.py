"""How long from submitting a need to seeing its proposals, with a library of a given size.

    python bench/proposals.py [--size 2000] [--texts FILE.jsonl] [--way auto|direct] [--given] [--needs 0]

The application answers the form, the deliveries run as in the jobs process, and the proposals are
read back; the same steps a person waits for, without the browser. Texts come from FILE (title and
text or abstract a line), else from the sample campaign, repeated with running numbers. With --given the
vectors are made up instead of encoded, so that large libraries can be measured; --needs adds open needs.
Afterwards the library is forgotten, as after a restart, and the first proposals are waited for once more;
then one achievement is compared with all open needs. Processor seconds stand beside the time on the wall.
"""

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import numpy as np
from factories import make_achievement, make_need, make_people
from sqlalchemy import func, select

from matchmaker.app import create_app
from matchmaker.bus import outbox
from matchmaker.bus.deliver import deliver_due
from matchmaker.demo.load import read_file
from matchmaker.domain.messages import ProposalsDue
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.states import Role
from matchmaker.services import library, wider
from matchmaker.services.texts import achievement_texts, library_versions, need_text
from matchmaker.settings import Settings, load_settings
from matchmaker.store import schema
from matchmaker.store.engine import Database
from matchmaker.store.tables import Match, Need, User, Vector

FORM = {
    "title": "压铸模具表面抗热裂涂层",
    "problem": "压铸模具连续生产两万模次后表面出现龟裂，铸件报废率上升，修模停机时间长。",
    "key_points": "寿命≥10万模次，硬度≥3000HV，涂层厚度3-5μm",
    "contact_name": "周一诺",
    "contact_phone": "13800000001",
    "disclosure": "masked",
    "consent_internal": "1",
    "need_type": "rnd",
}


def main() -> None:
    """Fill a library, post needs, print the waits."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--size", type=int, default=2000)
    words.add_argument("--texts", type=Path)
    words.add_argument("--way", default="auto")
    words.add_argument("--runs", type=int, default=5)
    words.add_argument("--given", action="store_true")
    words.add_argument("--needs", type=int, default=0)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(instance="own", data={"folder": folder}, matching={"way": asked.way})
        database = Database(settings.database_url)
        schema.migrate(database)
        with _told(f"library of {asked.size} filled"):
            user_id, partner = _fill(database, asked)
        if asked.given:
            with _told("vectors made up"):
                _give_vectors(database, settings)
        with _told("read, and encoded where vectors are missing"):
            deliver_due(database, settings, most=100_000)
        waits = [_post(settings, database, user_id, number) for number in range(asked.runs)]
        print(f"answer to the form:  {_summary([answer for answer, _ in waits])}")
        print(f"proposals are there: {_summary([seen for _, seen in waits])}")
        library._DESKS.clear()
        with _told("restarted: the first need"):
            _post(settings, database, user_id, asked.runs)
        actor = Actor(user_id=None, roles=frozenset({Role.ORGANISER}))
        with database.writing() as session:
            wider.ask(session, actor, kind="achievement", subject_id=partner)
        with _told(f"one achievement against {asked.needs + asked.runs + 1} open needs"):
            deliver_due(database, settings)
        database.close()


@contextmanager
def _told(what: str) -> Iterator[None]:
    wall, busy = time.monotonic(), time.process_time()
    yield
    print(
        f"{what}: {time.monotonic() - wall:.1f} s, processor {time.process_time() - busy:.1f} s", flush=True
    )


def _give_vectors(database: Database, settings: Settings) -> None:
    """Store a made-up unit vector near one of the trade for every achievement and need."""
    encoder, chance = library.desk_for(settings).encoder, np.random.default_rng(0)
    centre = encoder.encode([FORM["title"]], kind="passage")
    with database.writing() as session:
        texts = [("achievement", text) for text in achievement_texts(session, library_versions(session))]
        texts += [("need", need_text(need)) for need in session.scalars(select(Need))]
        for kind, text in texts:
            shape = (2 if kind == "need" else 1, encoder.dimension)
            vector = centre + chance.standard_normal(shape, dtype=np.float32) * np.float32(0.03)
            vector /= np.linalg.norm(vector, axis=1, keepdims=True)
            row = Vector(encoder=encoder.fingerprint, subject_kind=kind, subject_id=text.key)
            row.text_hash, row.vector = text.hash, vector.astype("<f4").tobytes()
            session.add(row)


def _fill(database: Database, asked: argparse.Namespace) -> tuple[int, int]:
    with database.writing() as session:
        people = make_people(session)
        ids = []
        for title, summary in itertools.islice(_texts(asked.texts), asked.size):
            row = make_achievement(
                session, organisation_id=people.jiangda, title=title[:300], summary=summary
            )
            ids.append(row.id)
        for number in range(asked.needs):
            title = f"{ids[number % len(ids)]}号产线的技术难题"
            make_need(session, organisation_id=people.yuanhang, title=title, proposed_version=1)
        outbox.record(session, SYSTEM, ProposalsDue())
    return people.enterprise_user, ids[0]


def _texts(place: Path | None) -> Iterator[tuple[str, str]]:
    if place is not None:
        for line in place.open(encoding="utf-8"):
            row = json.loads(line)
            yield row["title"], row.get("text") or row.get("abstract") or ""
        return
    folder = Path(read_file.__code__.co_filename).parent / "achievements"
    rows = [row for file in sorted(folder.glob("*.json")) for row in json.loads(file.read_text("utf-8"))]
    for number in itertools.count(1):
        for row in rows:
            yield f"{row['title']}（{number}）", row["summary"]


def _post(settings: Settings, database: Database, user_id: int, number: int) -> tuple[float, float]:
    app = create_app(settings, database, TESTING=True, WTF_CSRF_ENABLED=False)
    client = app.test_client()
    with database.reading() as session:
        uniquifier = session.get_one(User, user_id).fs_uniquifier
    with client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = uniquifier, True
    client.get("/needs/new")
    started = time.monotonic()
    response = client.post("/needs/new", data=FORM | {"title": f"{FORM['title']}{number}"})
    answered = time.monotonic() - started
    need_id = int(response.location.rsplit("/", 1)[-1])
    deliver_due(database, settings)
    with database.reading() as session:
        need = session.get_one(Need, need_id)
        count = session.scalar(select(func.count()).where(Match.need_id == need_id, Match.current))
    if need.proposed_version != need.text_version or not count:
        raise SystemExit("no proposals came")
    return answered, time.monotonic() - started


def _summary(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s of {len(seconds)}"


if __name__ == "__main__":
    main()
