"""Awful files: each ends in its verdict, none takes the service down, none takes longer than allowed."""

import json
import resource
import time
from pathlib import Path

import pytest

from matchmaker.files.gate import clean_filename
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records
from matchmaker.files.refusals import FileRefused
from matchmaker.files.tables import find_tables

ACCEPTED = {"accept", "accept_escape_on_export", "accept_verbatim", "accept_inert", "accept_or_refuse"}


def verdict(content: bytes, filename: str) -> str:
    try:
        return find_records(read_file(content, filename)).verdict.value
    except FileRefused as refusal:
        return (
            "refuse" if refusal.message.endswith("。") else f"refused without a sentence: {refusal.message}"
        )


def test_every_generated_file_ends_in_its_verdict(shared: Path) -> None:
    folder = shared / "badinput" / "generated"
    expected = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]

    wrong = {}
    for name, entry in expected.items():
        found = verdict((folder / name).read_bytes(), name)
        fits = found == entry["expect"] or (entry["expect"] in ACCEPTED and found == "accept")
        if not fits and entry["expect"] != "accept_or_refuse":
            wrong[name] = (entry["expect"], found)

    assert wrong == {}


def test_hostile_texts_arrive_as_they_were_written(shared: Path) -> None:
    content = (shared / "badinput" / "generated" / "inject.csv").read_bytes()

    book = read_file(content, "inject.csv")
    records = find_records(book).records

    assert [record.values["title"] for record in records] == [
        str(row[1]).strip() for row in book.sheets[0].rows[1:]
    ]


def test_every_bomb_is_refused_in_time_and_memory(shared: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    for place in sorted((shared / "badinput" / "bombs").glob("*.*x")):
        started = time.perf_counter()

        found = verdict(place.read_bytes(), place.name)

        assert (place.name, found) == (place.name, "refuse")
        assert time.perf_counter() - started < 10
    assert max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) < 512 * 1024


def test_csv_spectrum_equals_its_json(shared: Path) -> None:
    folder = shared / "badinput" / "csv-spectrum"

    for place in sorted((folder / "csvs").glob("*.csv")):
        rows = read_file(place.read_bytes(), place.name).sheets[0].rows
        found = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
        wanted = json.loads((folder / "json" / f"{place.stem}.json").read_text(encoding="utf-8"))
        if place.stem == "location_coordinates":  # its JSON holds one record, with another telephone
            wanted = [{**wanted, "Contact Phone Number": "2095257564"}]
        assert found == wanted, place.name


def test_files_from_the_wild_are_read_or_refused_but_never_crash(shared: Path) -> None:
    places = [
        place
        for place in sorted((shared / "badinput" / "messytables" / "horror").iterdir())
        if place.is_file()
    ]

    found = {place.name: verdict(place.read_bytes(), place.name) for place in places}

    assert (
        found["simple.xls"] == found["simple.xlsx"] == found["simple.ods"] == found["simple.csv"] == "accept"
    )
    assert {name for name, ending in found.items() if ending == "refuse"} == {
        "README.md",
        "badcolspan.html",
        "bian-anal-mca-2005-dols-eng-1011-0312-tab3.xlsm",
        "complex.html",
        "encrypted_no_password.xls",
        "html.html",
        "invisible_text.html",
        "libreoffice.xlsx",  # one sheet without any cell
        "rowcolspan.html",
        "simple.psv",
        "simple.ssv",
        "simple.unknown",
        "simple.zip",
    }


@pytest.mark.slow
def test_a_large_ods_is_read_whole(shared: Path) -> None:
    content = (shared / "badinput" / "messytables" / "horror" / "large.ods").read_bytes()

    findings = find_records(read_file(content, "large.ods"))

    assert [table.row_count for table in findings.tables] == [23760, 26753, 26048, 25872, 25872, 20328]


@pytest.mark.parametrize(
    ("name", "header_row", "first_headers"),
    [
        ("simple.csv", 1, ["date", "temperature", "place"]),
        ("simple.xls", 1, ["date", "temperature", "place"]),
        ("blank_line.ods", 1, ["Name", "Age", "When"]),
        ("excel_pasting.csv", 4, ["Year", "2000", "2001"]),
        ("mixedGLB.csv", 4, ["Year", "Jan", "Feb"]),
        ("characters.csv", 1, ["id", "景點編號", "景點中文名稱"]),
        (
            "utf-16le_encoded.csv",
            1,
            ["Organisation_code", "Organisation_name", "Organisation_classification"],
        ),
        ("sw_gen.xlsx", 1, ["id_str", "tweet_url", "created_at"]),
        ("example.tsv", 1, ["hour", "expr1_0_imp", "expr1_1_imp"]),
    ],
)
def test_the_header_is_found_under_titles(
    shared: Path, name: str, header_row: int, first_headers: list[str]
) -> None:
    content = (shared / "badinput" / "messytables" / "horror" / name).read_bytes()

    table = find_tables(read_file(content, name).sheets[0])[0]

    assert (table.first_data_row, [header.text for header in table.headers[:3]]) == (
        header_row,
        first_headers,
    )


def test_hostile_file_names_are_cleaned_and_do_no_harm(shared: Path) -> None:
    manifest = json.loads((shared / "badinput" / "generated" / "manifest.json").read_text(encoding="utf-8"))
    content = "企业名称,需求名称\n青禾模具有限公司,耐磨涂层\n".encode()

    endings = {clean_filename(name): verdict(content, name) for name in manifest["upload_names"]}

    assert all("/" not in name and "\\" not in name and "\n" not in name for name in endings)
    assert set(endings.values()) == {"accept", "refuse"}
