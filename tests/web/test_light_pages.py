"""Pages are served without the heavy libraries: those load where texts are encoded and lists are planned."""

import subprocess
import sys
from pathlib import Path

from factories import People

from matchmaker.settings import Settings
from matchmaker.store.engine import Database

HEAVY = (
    "torch",
    "sentence_transformers",
    "transformers",
    "sklearn",
    "scipy",
    "jieba",
    "tokenizers",
    "ortools",
)
PAGES = ("/matches", "/matches/hits", "/matches/learning", "/needs/review", "/achievements", "/experts")
VISIT = """
import sys
from matchmaker.app import create_app
from matchmaker.settings import load_settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import User

settings = load_settings(instance="own", data={"folder": sys.argv[1], "url": sys.argv[2]})
database = Database(settings.database_url)
client = create_app(settings, database).test_client()
with database.reading() as session:
    uniquifier = session.get_one(User, int(sys.argv[3])).fs_uniquifier
with client.session_transaction() as kept:
    kept["_user_id"], kept["_fresh"] = uniquifier, True
for page in sys.argv[4].split():
    print(page, client.get(page).status_code)
database.close()
print("loaded", *sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[5].split())))
"""


def test_the_web_process_loads_no_library_that_only_encoding_or_planning_needs(
    settings: Settings, database: Database, people: People
) -> None:
    folder = str(Path(settings.data.folder))
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            VISIT,
            folder,
            settings.data.url,
            str(people.organiser),
            " ".join(PAGES),
            " ".join(HEAVY),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout.split("\n")

    assert told[:-1] == [*(f"{page} 200" for page in PAGES), "loaded"]
